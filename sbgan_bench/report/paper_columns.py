"""The paper's values in columns of their own beside ours."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sbgan_bench.paper import PaperValue, differences, paper
from sbgan_bench.report.cells import Footnotes
from sbgan_bench.report.definitions import TableDefinition
from sbgan_bench.report.wording import DASH, size_text
from sbgan_bench.results import ResultRow

#: Said once where the paper measured something else than this run: the order may be compared, the numbers not.
_OTHER_DATA = (
    "The paper's values are of other data, other sizes and another protocol than those here: read the order of the "
    "models in a column, never a distance between columns."
)


@dataclass(frozen=True, slots=True)
class PaperColumn:
    """One column of the paper's numbers."""

    header: tuple[str, ...]  #: lines; the last one is the metric
    notes: tuple[int, ...]  #: indices of footnotes of the table

    @property
    def text(self) -> str:
        """The header on one line."""
        return ", ".join(self.header)


@dataclass(frozen=True, slots=True)
class PaperCell:
    """What the paper prints for the model of a line."""

    text: str
    hover: str
    value: PaperValue | None  #: None where the paper has no such cell


def columns_beside(
    groups: Sequence[Sequence[ResultRow]], definition: TableDefinition, footnotes: Footnotes
) -> list[tuple[PaperColumn, list[PaperValue]]]:
    """Return the paper's columns for a table of ours: those of the same data and size, else all that answer it.

    Args:
        groups: The rows of each of our columns.
        definition: Of our table; only a question that the paper asks has columns.
        footnotes: What the two do not share is added here.
    """
    printed = paper()
    metrics = {row.metric for group in groups for row in group}
    if printed is None or definition.kind is None:
        return []
    values = [one for one in printed.values if one.kind == definition.kind and one.metric in metrics]
    same = [one for one in values if any(one.is_of(group[0].dataset, group[0].resolution) for group in groups)]
    columns: dict[tuple[str, str, str], list[PaperValue]] = {}
    for value in same or values:
        columns.setdefault((value.table, value.dataset, value.resolution), []).append(value)
    return [
        (PaperColumn(_header(column[0]), footnotes.marks(_notes(column[0], groups, other_data=not same))), column)
        for column in columns.values()
    ]


def _header(value: PaperValue) -> tuple[str, ...]:
    size = size_text(value.resolution) if value.resolution else "size not said"
    arrow = "↓" if value.protocol.better == "lower" else "↑"
    return f"paper, {_number(value.table)}", value.dataset, size, f"{value.protocol.title} {arrow}"


def _number(table: str) -> str:
    return table.replace("table-", "Table ")


def _notes(value: PaperValue, groups: Sequence[Sequence[ResultRow]], *, other_data: bool) -> Iterable[str]:
    if other_data:
        return [_OTHER_DATA]
    same = [group[0] for group in groups if value.is_of(group[0].dataset, group[0].resolution)]
    said = [text for row in same for text in differences(value, row)]
    return [f"{text[0].upper()}{text[1:]}." for text in (*dict.fromkeys(said), *value.notes)]


def cell_beside(column: Sequence[PaperValue], model: str, recipe: str, variant: str) -> PaperCell:
    """Return what a column of the paper has for the model of a line of ours."""
    found = next((one for one in column if model in one.models and recipe == one.recipe and not variant), None)
    if found is None:
        return PaperCell(DASH, "not in the paper", None)
    where = f"{_number(found.table)} of the paper, “{found.row}”"
    if found.value is None:
        return PaperCell(DASH, f"{where}: {found.reason}", found)
    return PaperCell(found.printed, where, found)
