"""Scores as a table with what must be read beside them, or as JSON."""

from collections.abc import Iterable, Iterator, Sequence

import click

from sbgan_bench.cli.options import echo_json, echo_table
from sbgan_bench.report.wording import DASH, protocol_text, score_text
from sbgan_bench.results import FLOOR, ResultRow, Status
from sbgan_bench.samples import LayoutSource


def echo_scores(summaries: Sequence[ResultRow], output: str) -> None:
    """Print summary rows: as a table without rows of the floor, which has a column; all of them as JSON."""
    if output == "json":
        echo_json([row.to_json() for row in summaries])
        return
    scored = [row for row in summaries if row.model != FLOOR]
    table = [
        {
            "images": _images(row),
            "protocol": protocol_text(row),
            "metric": score_text(row),
            "value": str(row.status) if row.value is None else f"{row.value:.4g}",
            "± trials": DASH if row.spread is None else f"{row.spread:.2g}",
            "95 % interval": DASH if row.low is None or row.high is None else f"{row.low:.4g} to {row.high:.4g}",
            "floor": DASH if row.floor is None else f"{row.floor:.4g}",
            "trials": DASH if row.value is None else f"{row.trials} × {_counts(row)}",
        }
        for row in scored
    ]
    echo_table(table, {key: key for key in table[0]})
    for note in _notes(summaries, scored):
        click.echo(f"Note: {note}")


def echo_what_lacks(summaries: Sequence[ResultRow], *, train: bool) -> None:
    """Say how to come by what was not measured of images, since nobody chose the protocols: FID, memorisation."""
    protocols = {row.protocol for row in summaries}
    if "texture" in protocols and "tf-compat" not in protocols:
        click.echo("FID was not measured: its weights are not here. Run: sbgan-bench weights fetch inception")
    if "texture" in protocols and not train:
        click.echo("Whether images were copied from training images was not looked at: pass --train.")


def _images(row: ResultRow) -> str:
    return row.model if row.layout_source is LayoutSource.NONE else f"{row.model}, {row.layout_source} layouts"


def _counts(row: ResultRow) -> str:
    if row.num_real == row.num_generated:
        return f"N = {row.num_generated}" if row.num_generated else "N unknown"
    return f"{row.num_real or 'unknown'} real, {row.num_generated or 'unknown'} generated"


def _notes(summaries: Iterable[ResultRow], scored: Sequence[ResultRow]) -> Iterator[str]:
    """Yield every note once, behind the names of the images that it is about, unless it is about all of them."""
    everything = {_images(row) for row in scored}
    lacking = {row.reason for row in scored}
    about: dict[str, dict[str, None]] = {}
    for row in summaries:
        is_floor = row.model == FLOOR
        reasons = [] if row.status is Status.DONE or (is_floor and row.reason in lacking) else [_reason(row)]
        for note in (*row.notes, *reasons):
            about.setdefault(note, {}).update({} if is_floor else {_images(row): None})
    for note, names in about.items():
        yield note if not names or names.keys() == everything else f"{', '.join(names)}: {note}"


def _reason(row: ResultRow) -> str:
    return f"{'floor' if row.model == FLOOR else score_text(row)} {row.status}: {row.reason}"
