"""The paper's tables, with what a run has for the same data, size, model and recipe in columns of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from sbgan_bench.paper import COUNTERPART, Paper, PaperTable, PaperValue, differences
from sbgan_bench.report.wording import DASH, decimals, number, size_text
from sbgan_bench.results import ResultRow

#: Values of a run in one cell.
_MOST = 4


@dataclass(frozen=True, slots=True)
class Shown:
    """A text of a cell, and what to know of it."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class PaperCell:
    """One cell of a table of the paper, and what a run has for it."""

    paper: Shown
    ours: tuple[Shown, ...]  #: one for each protocol; a dash with its reason where there is none


def paper_cells(paper: Paper, table: PaperTable, rows: Sequence[ResultRow]) -> list[list[PaperCell]]:
    """Return a table of the paper line by line, with the values of a run beside its own."""
    values = paper.of_table(table.name)
    width = len(table.columns)
    return [[_cell(value, rows) for value in values[start : start + width]] for start in range(0, len(values), width)]


def _cell(value: PaperValue, rows: Sequence[ResultRow]) -> PaperCell:
    printed = Shown(DASH, value.reason) if value.value is None else Shown(value.printed, value.protocol.title)
    same = [row for row in rows if row.value is not None and not row.variant and _is_about(value, row)]
    summed_up = {(row.model, row.protocol) for row in same if row.training_seed is None}
    same = [row for row in same if row.training_seed is None or (row.model, row.protocol) not in summed_up]
    chosen = [row for row in same if row.protocol == COUNTERPART] or same  # the only one that is on the paper's scale
    ours = tuple(_ours(value, row) for row in chosen[:_MOST])
    return PaperCell(printed, ours or (Shown(DASH, _lacking(value, rows)),))


def _is_about(value: PaperValue, row: ResultRow) -> bool:
    return value.answers_to(row.dataset, row.resolution, row.model, row.recipe, row.layout_source, row.metric)


def _ours(value: PaperValue, row: ResultRow) -> Shown:
    places = decimals([row.value or 0.0])
    spread = "" if row.spread is None else f" ± {number(row.spread, places)}"
    return Shown(f"{number(row.value or 0.0, places)}{spread} {row.protocol}", "; ".join(differences(value, row)))


def _lacking(value: PaperValue, rows: Sequence[ResultRow]) -> str:
    """Say why a run has nothing beside a value of the paper."""
    places = dict.fromkeys(f"{row.dataset} {size_text(row.resolution)}" for row in rows)
    if not places:
        return "this run has no rows"
    sizes = value.sizes or (value.resolution,)
    here = [row for row in rows if row.dataset == value.dataset and row.resolution in sizes]
    if not here:
        return f"not part of this run, which has {', '.join(list(places)[:4])}"
    reasons = [row for row in here if row.reason and row.model in value.models and row.recipe == value.recipe]
    return f"{reasons[0].status}: {reasons[0].reason}" if reasons else "this run did not measure it"
