"""``sbgan-bench report``."""

from pathlib import Path

import click


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--format",
    "formats",
    type=click.Choice(["all", "markdown", "csv", "latex", "html"]),
    default="all",
    show_default=True,
    help="What to render.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder. Default: RUN/report; runs/published/NAME/report for a published run.",
)
def report(run_folder: Path, formats: str, out: Path | None) -> None:
    """Render the tables, figures and the page of a run. Nothing is computed: rows and pictures are shown.

    \b
    Example:
      sbgan-bench report runs/demo --format html
    """
    from sbgan_bench.report import ReportFormat, render

    chosen = list(ReportFormat) if formats == "all" else [ReportFormat(formats)]
    for path in render(run_folder, out or default_folder(run_folder), chosen):
        click.echo(str(path))


def default_folder(run: Path) -> Path:
    """Return where the report of a run goes: never into a published one, nor where a run of its name has its own."""
    from sbgan_bench.publication import PUBLICATION

    published = (run / PUBLICATION).is_file()
    return (Path("runs/published") / run.resolve().name if published else run) / "report"
