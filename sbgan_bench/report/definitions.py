"""Which rows make which table: the paper's Tables 1, 2 and 4, the bottleneck gap, and score against data."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sbgan_bench.manifest import TableKind, TableRecord
from sbgan_bench.report.wording import GAP, GAP_OF, RECIPES, is_standard
from sbgan_bench.results import COMPARABLE, ResultRow
from sbgan_bench.samples import LayoutSource

#: One column per group of equal values of these: everything that must agree, and the amount of training data.
COLUMN = (*COMPARABLE, "training_images")
#: One line per group of equal values of these.
LINE = ("model", "recipe", "variant")


@dataclass(frozen=True, slots=True, kw_only=True)
class TableDefinition:
    """A table as a question to the rows."""

    name: str  #: file name and anchor
    title: str
    caption: str
    sources: frozenset[LayoutSource]  #: layout sources of its rows; the untrained generators follow them
    select: Callable[[Sequence[ResultRow]], list[ResultRow]]  #: the rows of trained models, summaries only
    column_by: tuple[str, ...] = COLUMN  #: rows that differ here stand in different columns
    row_by: tuple[str, ...] = LINE  #: rows that differ here stand on different lines


def _scores(row: ResultRow) -> bool:
    return not row.metric.startswith(GAP) and not is_standard(row)


def _unconditional(rows: Sequence[ResultRow]) -> list[ResultRow]:
    partial = RECIPES.keys() - {"none", "both"}
    return [
        row for row in rows
        if _scores(row) and row.layout_source is not LayoutSource.REAL and row.recipe not in partial
    ]  # fmt: skip


def _given_layouts(rows: Sequence[ResultRow]) -> list[ResultRow]:
    same_image_stage = ("layout", "control-layout")  # the same image stage as recipe "none"
    return [
        row for row in rows
        if _scores(row) and row.layout_source is LayoutSource.REAL and row.recipe not in same_image_stage
    ]  # fmt: skip


def _ablation(rows: Sequence[ResultRow]) -> list[ResultRow]:
    return [
        row for row in rows
        if _scores(row) and row.layout_source is LayoutSource.GENERATED and row.recipe in RECIPES
    ]  # fmt: skip


def _gap(rows: Sequence[ResultRow]) -> list[ResultRow]:
    measured = {(row.model, row.recipe, row.variant) for row in rows if row.metric.startswith(GAP)}
    return [
        row for row in rows
        if (row.model, row.recipe, row.variant) in measured and not is_standard(row)
        and (row.metric.startswith(GAP) or row.metric == GAP_OF)
    ]  # fmt: skip


def _data_size(rows: Sequence[ResultRow]) -> list[ResultRow]:
    chosen = _unconditional(rows)
    return chosen if len({row.training_images for row in chosen} - {None}) > 1 else []


_ANY = frozenset({LayoutSource.NONE, LayoutSource.GENERATED})

UNCONDITIONAL = TableDefinition(
    name="table-1",
    title="Table 1: unconditional generation",
    caption="Every model draws its scenes from noise alone; a bottleneck GAN draws its own layouts on the way.",
    sources=_ANY,
    select=_unconditional,
)

GIVEN_LAYOUTS = TableDefinition(
    name="table-2",
    title="Table 2: generation from real layouts",
    caption="Every model paints the same real layouts; of a bottleneck GAN only the image stage is used.",
    sources=frozenset({LayoutSource.REAL}),
    select=_given_layouts,
)

ABLATION = TableDefinition(
    name="table-4",
    title="Table 4: ablation of fine-tuning",
    caption=(
        "All settings start from the same two pre-trained stages. The controls train one stage further, uncoupled, "
        "for the same steps: a gain that a control has too comes from more training, not from end-to-end training."
    ),
    sources=frozenset({LayoutSource.GENERATED}),
    select=_ablation,
)

BOTTLENECK_GAP = TableDefinition(
    name="bottleneck-gap",
    title="The bottleneck gap",
    caption=(
        "Score with generated layouts minus score with real layouts, image stage held fixed: "
        "what is lost because the layouts are made up."
    ),
    sources=frozenset({LayoutSource.GENERATED, LayoutSource.REAL}),
    select=_gap,
    column_by=(*COLUMN, "layout_source"),
)

DATA_SIZE = TableDefinition(
    name="data-size",
    title="Score against number of training images",
    caption="The same models trained on more and fewer images, scored against the same reals.",
    sources=_ANY,
    select=_data_size,
    column_by=tuple(COMPARABLE),
    row_by=(*LINE, "training_images"),
)

#: In the order in which a report shows them.
DEFINITIONS = (UNCONDITIONAL, ABLATION, GIVEN_LAYOUTS, BOTTLENECK_GAP, DATA_SIZE)
#: What a suite's own tables are made after.
KINDS = {
    TableKind.UNCONDITIONAL: UNCONDITIONAL,
    TableKind.GIVEN_LAYOUTS: GIVEN_LAYOUTS,
    TableKind.ABLATION: ABLATION,
}


def definitions(tables: Sequence[TableRecord]) -> dict[TableKind, list[TableDefinition]]:
    """Return the tables of each kind that a run shows: those its suite asks for, or the paper's with all columns."""
    if not tables:
        return {kind: [definition] for kind, definition in KINDS.items()}
    made: dict[TableKind, list[TableDefinition]] = {kind: [] for kind in KINDS}
    for record in tables:
        made[record.kind].append(_of_columns(KINDS[record.kind], record))
    return made


def _of_columns(definition: TableDefinition, record: TableRecord) -> TableDefinition:
    """Return a definition narrowed to the columns of one table, under its name."""

    def select(rows: Sequence[ResultRow]) -> list[ResultRow]:
        return [row for row in definition.select(rows) if record.holds(row.dataset, row.resolution)]

    return replace(definition, name=record.name, title=record.title, select=select)
