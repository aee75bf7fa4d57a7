"""Result rows arranged as a table. Nothing is measured here, and a column never mixes what cannot be compared."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from sbgan_bench.comparing.rows import Comparison
from sbgan_bench.paper import PaperValue
from sbgan_bench.questions import CONSTANT, FINE_TUNING, is_standard, is_untrained
from sbgan_bench.report.cells import Cell, Footnotes, fill_cell, mark_verdicts
from sbgan_bench.report.columns import Column, arrange_columns, column_facts
from sbgan_bench.report.definitions import TableDefinition
from sbgan_bench.report.paper_columns import PaperCell, PaperColumn, cell_beside, columns_beside
from sbgan_bench.report.verdicts import of_column
from sbgan_bench.report.wording import Names, count, perceptual_text, recipe_text, with_variant
from sbgan_bench.results import FLOOR, UNTRAINED, ResultRow, check_comparable

_Key: TypeAlias = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line."""

    label: str  #: printed name of the model
    detail: str  #: recipe, amount of data: "" if the label says it all
    standard: bool  #: floor, constant image or untrained generator: set apart from the trained models
    cells: tuple[Cell, ...]  #: one per column
    paper: tuple[PaperCell, ...] = ()  #: one per column of the paper


@dataclass(frozen=True, slots=True)
class Table:
    """A table ready to be written down in any format."""

    name: str
    title: str
    caption: str
    common: tuple[str, ...]  #: facts that all columns share: dataset, resolution, N, …
    columns: tuple[Column, ...]
    rows: tuple[TableRow, ...]
    footnotes: tuple[str, ...]  #: footnote i is marked with ``letter(i)``
    paper: tuple[PaperColumn, ...] = ()  #: the paper's own values, in columns of their own

    @property
    def trained(self) -> tuple[TableRow, ...]:
        """The lines of trained models."""
        return tuple(row for row in self.rows if not row.standard)


def table(
    rows: Iterable[ResultRow],
    definition: TableDefinition,
    names: Names | None = None,
    cautions: Mapping[str, str] | None = None,
    comparisons: Sequence[Comparison] = (),
) -> Table:
    """Arrange rows by a definition; without a row for it, the table has no columns.

    Args:
        rows: Any result rows; those of single trials are left out.
        definition: Which rows, and what makes a column and a line.
        names: Printed names and order of the models.
        cautions: What a reader must know of a dataset, by its name; becomes a footnote of its columns.
        comparisons: Which models are told from the best of their column; without any, nothing is bold.

    Raises:
        BenchError: The definition puts numbers into one column that cannot be compared; names the difference.
    """
    names = names or Names()
    summaries = [row for row in rows if row.trial is None]
    trained = definition.select(summaries)
    scope = {(row.protocol, row.metric) for row in trained}
    standard = [
        row for row in summaries
        if is_standard(row) and _beside(row, definition) and (row.protocol, row.metric) in scope
    ]  # fmt: skip
    groups = arrange_columns(trained, standard, definition.column_by)
    for group in groups:
        check_comparable(group)
    footnotes = Footnotes()
    common, columns = column_facts(groups, definition.column_by, footnotes, cautions or {})
    grouped = [_by_line(group, definition) for group in groups]
    keys = sorted(_lines(grouped, definition), key=lambda key: _order(key, names)) if groups else []
    losses = {perceptual_text(row) for group in groups for row in group if row.value is not None} - {""}
    differ = len(losses) > 1
    common += tuple(f"perceptual loss: {network}" for network in losses if not differ)
    filled = [
        mark_verdicts(
            [fill_cell(lines.get(key, ()), group, footnotes, perceptual=differ) for key in keys],
            of_column(comparisons, definition.kind, group),
        )
        for lines, group in zip(grouped, groups, strict=True)
    ]
    printed = columns_beside(groups, definition, footnotes) if trained else []
    lines = tuple(
        replace(_row(key, tuple(cells[i] for cells in filled), keys, names), paper=_beside_line(key, printed))
        for i, key in enumerate(keys)
    )
    told = footnotes.texts()
    paper = tuple(column for column, _ in printed)
    return Table(definition.name, definition.title, definition.caption, common, columns, lines, told, paper)


def _beside_line(key: _Key, printed: Sequence[tuple[PaperColumn, list[PaperValue]]]) -> tuple[PaperCell, ...]:
    model, recipe, variant, *_ = key
    return tuple(cell_beside(values, model, recipe, variant) for _, values in printed)


def _beside(row: ResultRow, definition: TableDefinition) -> bool:
    return not is_untrained(row) or row.layout_source in definition.sources


def _by_line(group: Sequence[ResultRow], definition: TableDefinition) -> dict[_Key, list[ResultRow]]:
    lines: dict[_Key, list[ResultRow]] = {}
    for row in group:
        lines.setdefault(_line_key(row, definition), []).append(row)
    return {key: _one_of_standard(rows, definition) for key, rows in lines.items()}


def _line_key(row: ResultRow, definition: TableDefinition) -> _Key:
    if not is_standard(row):
        return tuple(getattr(row, name) for name in definition.row_by)
    return _standard_key(row.model, UNTRAINED if is_untrained(row) else "", definition, row.variant)


def _standard_key(model: str, recipe: str, definition: TableDefinition, variant: str = "") -> _Key:
    known = {"model": model, "recipe": recipe, "variant": variant}
    return tuple(known.get(name) for name in definition.row_by)


def _one_of_standard(rows: list[ResultRow], definition: TableDefinition) -> list[ResultRow]:
    """Of standard rows made for several layout sources or amounts of data keep the table's own, with most data."""
    if not is_standard(rows[0]):
        return rows
    own = [row for row in rows if row.layout_source in definition.sources] or rows
    most = max(row.training_images or 0 for row in own)
    return [row for row in own if (row.training_images or 0) == most]


def _lines(grouped: Sequence[Mapping[_Key, object]], definition: TableDefinition) -> set[_Key]:
    """Return the lines of all columns; the standard ones are there even if nobody measured them."""
    keys = {key for lines in grouped for key in lines}
    keys |= {_standard_key(model, "", definition) for model in (FLOOR, CONSTANT)}
    if not any(key[1] == UNTRAINED for key in keys):
        keys.add(_standard_key("", UNTRAINED, definition))
    return keys


def _is_standard_key(key: _Key) -> bool:
    return key[0] in (FLOOR, CONSTANT) or key[1] == UNTRAINED


def _order(key: _Key, names: Names) -> tuple[object, ...]:
    """Put the floor first, then the trained models, then the constant image and the untrained generators."""
    model, recipe, variant, *others = key
    block = 0 if model == FLOOR else 2 if model == CONSTANT else 3 if recipe == UNTRAINED else 1
    return block, *names.order(model, recipe, variant), *(other or 0 for other in others)


def _row(key: _Key, cells: tuple[Cell, ...], keys: Sequence[_Key], names: Names) -> TableRow:
    model, recipe, variant, *others = key
    details = [f"{count(other)} training images" for other in others if other is not None]
    if model == FLOOR:
        return TableRow("Real against other real", "the floor", standard=True, cells=cells)
    if model == CONSTANT:
        return TableRow("Constant image", "mean of the training images", standard=True, cells=cells)
    if recipe == UNTRAINED:
        title = names.title(model) or "Any generator"
        return TableRow(title, with_variant(UNTRAINED, variant), standard=True, cells=cells)
    several = len({other[1] for other in keys if other[0] == model and not _is_standard_key(other)}) > 1
    words = recipe_text(recipe) if recipe in FINE_TUNING or several else ""
    details = [detail for detail in (with_variant(words, variant), *details) if detail]
    return TableRow(names.title(model), ", ".join(details), standard=False, cells=cells)
