"""The paper's values beside those of a run: in a column of their own, with what the two do not share."""

from collections.abc import Sequence
from dataclasses import dataclass

from sbgan_bench.dashboard.selection import Arranged
from sbgan_bench.dashboard.table_view import Beside
from sbgan_bench.publishing.paper import Paper, PaperTable, PaperValue, differences
from sbgan_bench.report.wording import DASH, decimals, number, size_text
from sbgan_bench.results import ResultRow

#: The protocol that computes features as the paper's code does: where a row has it, it alone stands beside the paper.
_COUNTERPART = "sbgan-legacy"


def beside(paper: Paper, arranged: Arranged) -> dict[tuple[int, int], Beside]:
    """Return the paper's values for the cells of a table of ours, by line and column; empty if it has none of them."""
    found: dict[tuple[int, int], Beside] = {}
    if arranged.table is None or arranged.definition.kind is None:
        return found
    for line, row in enumerate(arranged.table.rows):
        for column, cell in enumerate(row.cells):
            value = paper.beside(cell.rows[0], arranged.definition.kind) if cell.rows and not row.standard else None
            if value is not None:
                found[line, column] = Beside(_printed(value), _why(value, cell.rows[0]))
    return found


def _printed(value: PaperValue) -> str:
    return DASH if value.value is None else value.printed


def _why(value: PaperValue, row: ResultRow | None) -> str:
    said = [value.reason, f"{value.table.replace('-', ' ')} of the paper, “{value.row}”"]
    if row is not None:
        said += differences(value, row)
    return "; ".join(filter(None, (*said, *value.notes)))


@dataclass(frozen=True, slots=True)
class PaperCell:
    """One cell of a table of the paper, and what a run has for it."""

    paper: Beside
    ours: tuple[Beside, ...]  #: one for each protocol
    lacking: str  #: why there is nothing of ours


def paper_cells(paper: Paper, table: PaperTable, rows: Sequence[ResultRow]) -> list[list[PaperCell]]:
    """Return a table of the paper line by line, with the values of a run beside its own."""
    values = paper.of_table(table.name)
    width = len(table.columns)
    return [[_cell(value, rows) for value in values[start : start + width]] for start in range(0, len(values), width)]


def _cell(value: PaperValue, rows: Sequence[ResultRow]) -> PaperCell:
    same = [row for row in rows if row.value is not None and not row.variant and _is_about(value, row)]
    over_seeds = {(row.model, row.protocol) for row in same if row.training_seed is None}
    same = [row for row in same if row.training_seed is None or (row.model, row.protocol) not in over_seeds]
    chosen = [row for row in same if row.protocol == _COUNTERPART] or same
    return PaperCell(
        Beside(_printed(value), _why(value, None)),
        tuple(_ours(value, row) for row in chosen[:4]),
        _lacking(value, rows),
    )


def _is_about(value: PaperValue, row: ResultRow) -> bool:
    return value.answers_to(row.dataset, row.resolution, row.model, row.recipe, row.layout_source, row.metric)


def _ours(value: PaperValue, row: ResultRow) -> Beside:
    places = decimals([row.value or 0.0])
    spread = "" if row.spread is None else f" ± {number(row.spread, places)}"
    return Beside(f"{number(row.value or 0.0, places)}{spread} {row.protocol}", "; ".join(differences(value, row)))


def _lacking(value: PaperValue, rows: Sequence[ResultRow]) -> str:
    places = dict.fromkeys(f"{row.dataset} {size_text(row.resolution)}" for row in rows)
    if not places:
        return "this run has no rows"
    here = [
        row for row in rows if row.dataset == value.dataset and row.resolution in (value.sizes or (value.resolution,))
    ]
    if not here:
        return f"not part of this run, which has {', '.join(list(places)[:4])}"
    reasons = [row for row in here if row.reason and row.model in value.models and row.recipe == value.recipe]
    return f"{reasons[0].status}: {reasons[0].reason}" if reasons else "this run did not measure it"
