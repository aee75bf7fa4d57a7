"""``sbgan-bench rate report``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sbgan_bench.cli.options import echo_json, echo_table, format_option
from sbgan_bench.cli.rating.options import store_option, study_argument

if TYPE_CHECKING:
    from sbgan_bench.rating.reporting.material import Material


@click.command()
@study_argument
@store_option
@click.option(
    "--metrics",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="RUN|ROWS.jsonl",
    help="What metrics say of the same models, for the scatter: a run folder, or rows that 'evaluate --out' wrote. "
    "Repeatable.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder. Default: STUDY/owner/report. In RUN/ratings the report of that run shows the scores too.",
)
@format_option
def report(study: Path, store: str | None, metrics: tuple[Path, ...], out: Path | None, output: str) -> None:
    """Print the paper's Table 3 with intervals and tests, and write the report of a study.

    Run it as often as you like: it changes nothing in the study or its store, and nobody who rates sees it.

    \b
    Examples:
      sbgan-bench rate report studies/first
      sbgan-bench rate report studies/first --metrics runs/demo --out runs/demo/ratings
    """
    from sbgan_bench.rating.reporting import report_study

    material, written = report_study(study, store, metrics, out)
    if output == "json":
        echo_json(_values(material, written))
    else:
        _echo(material, written)


def _values(material: "Material", written: tuple[Path, ...]) -> dict[str, Any]:
    """Return everything that was found, as plain values."""
    from dataclasses import asdict

    from sbgan_bench.rating.reporting.sentences import answers, warnings

    scores = material.scores
    return {
        "study": material.study.hash,
        "title": material.study.title,
        "simulated": material.analysis.simulated,
        "answers": list(answers(material)),
        "warnings": list(warnings(material)),
        "rows": [row.to_json() for row in scores.rows],
        "comparisons": [one.to_json() for one in scores.comparisons],
        "correlations": [one.to_json() for one in scores.correlations],
        "findings": asdict(material.analysis),
        "files": [str(path) for path in written],
    }


def _echo(material: "Material", written: tuple[Path, ...]) -> None:
    """Print Table 3, the answers, and where the rest stands; titles are others' texts and are made inert."""
    from sbgan_bench.rating.reporting.sentences import answers, warnings
    from sbgan_bench.report.escaping import one_line
    from sbgan_bench.report.human_scores import SIMULATED
    from sbgan_bench.report.table_3 import tables

    (table,) = tables(material.scores, material.title)
    if material.analysis.simulated:
        click.secho(SIMULATED, fg="red", bold=True)
    click.echo(f"{one_line(material.study.title)}: {table.title}")
    rows = [
        {str(i): one_line(text) + (" *" if (place, i) in table.strong else "") for i, text in enumerate(line)}
        for place, line in enumerate(table.rows)
    ]
    echo_table(rows, {str(i): text for i, text in enumerate(table.header)})
    if table.strong:
        click.echo("* the best model of its dataset, or not told apart from it (Holm)")
    click.echo()
    for text in (*answers(material), *(f"Note: {warning}" for warning in warnings(material))):
        click.echo(one_line(text))
    click.echo(f"Report: {written[0]}")
