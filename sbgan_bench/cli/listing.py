"""``sbgan-bench list``."""

import click

from sbgan_bench.cli.options import echo_json, echo_table, format_option


@click.command("list")
@click.argument(
    "what",
    type=click.Choice(
        ["all", "models", "datasets", "protocols", "metrics", "networks", "formats", "engines", "suites"]
    ),
    default="all",
)
@click.option("--details", is_flag=True, help="Import each one and show its summary (takes a few seconds).")
@format_option
def listing(what: str, details: bool, output: str) -> None:
    """Show what is installed: models, datasets, protocols, metrics, networks, checkpoint formats, engines and suites.

    \b
    Example:
      sbgan-bench list models --details
    """
    from sbgan_bench.catalogue import catalogue

    entries = [entry for entry in catalogue(details=details) if what in ("all", entry["kind"])]
    if output == "json":
        echo_json(entries)
        return
    columns = {"kind": "kind", "name": "name", "package": "from"}
    echo_table(entries, {**columns, "summary": "summary"} if details else columns)
