"""``sbgan-bench weights``."""

from pathlib import Path

import click

from sbgan_bench.cli.options import echo_json, echo_table, format_option


@click.group()
def weights() -> None:
    """Weights made by others: what can be used, fetch it, find it. Nothing is downloaded without this command."""


@weights.command("list")
@format_option
def listing(output: str) -> None:
    """Show the files that are known, their licences, and whether they are here.

    \b
    Example:
      sbgan-bench weights list
    """
    from sbgan_bench.errors import CorruptFileError
    from sbgan_bench.weights import KNOWN, present_weights

    rows = []
    for record in KNOWN.values():
        try:
            there = str(present_weights(record) or "no")
        except CorruptFileError as error:
            there = f"damaged: {error}"
        rows.append(
            {
                "name": record.name, "file": record.file, "bytes": record.size, "sha256": record.sha256,
                "url": record.url, "licence": record.licence, "used_for": record.used_for, "here": there,
            }
        )  # fmt: skip
    if output == "json":
        echo_json(rows)
        return
    echo_table(rows, {"name": "name", "file": "file", "bytes": "bytes", "sha256": "sha256", "here": "here"})
    for row in rows:
        click.echo(f"{row['name']}: for {row['used_for']}. Licence: {row['licence']}. From {row['url']}")


@weights.command()
@click.argument("name")
@click.option(
    "--from", "given", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file fetched by hand, instead of downloading.",
)  # fmt: skip
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path),
    help="Folder to put it into, instead of where it is looked for.",
)  # fmt: skip
def fetch(name: str, given: Path | None, out: Path | None) -> None:
    """Download a file, or take one fetched by hand, verify it by its sha256 and keep it.

    \b
    Examples:
      sbgan-bench weights fetch vgg19
      sbgan-bench weights fetch vgg19 --from Downloads/vgg19-dcbb9e9d.pth
    """
    from sbgan_bench.cli.stages import shown_stages
    from sbgan_bench.downloading import fetch_weights
    from sbgan_bench.weights import adopt_weights, known_weights, present_weights

    record = known_weights(name)
    there = present_weights(record, out) if given is None else None
    if there is not None:
        click.echo(f"{name} is here already: {there}")
        return
    if given is not None:
        path = adopt_weights(given, record, out)
    else:
        with shown_stages() as stages:
            path = fetch_weights(
                record, lambda done, total: stages.show(f"{record.file} (MiB)", done >> 20, total >> 20), out
            )
    click.echo(f"{name}: verified by sha256 {record.sha256[:8]}…: {path}")


@weights.command()
@click.argument("name")
def path(name: str) -> None:
    """Print where a verified file lies; an error if it is not here.

    \b
    Example:
      sbgan-bench weights path vgg19
    """
    from sbgan_bench.weights import check_weights, known_weights

    record = known_weights(name)
    check_weights(record.in_folder(), record)
    click.echo(str(record.in_folder()))
