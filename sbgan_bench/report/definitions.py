"""Which rows make which table: the paper's Tables 1, 2 and 4, the bottleneck gap, and score against data."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from sbgan_bench.manifest import BUILT_IN_TABLES, TableKind, TableRecord
from sbgan_bench.questions import GAP, answers, is_standard
from sbgan_bench.report.wording import GAP_OF
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
    kind: TableKind | None = None  #: which question it answers, for the comparisons that decide what is bold
    column_by: tuple[str, ...] = COLUMN  #: rows that differ here stand in different columns
    row_by: tuple[str, ...] = LINE  #: rows that differ here stand on different lines


#: Protocols whose numbers have tables of their own.
_OWN_TABLES = ("layout", "segmentation", "gan-train")


def _answering(kind: TableKind) -> Callable[[Sequence[ResultRow]], list[ResultRow]]:
    """Return the choice of the rows of one question: distances of images, or whatever there is in place of them."""

    def select(rows: Sequence[ResultRow]) -> list[ResultRow]:
        chosen = [row for row in rows if answers(kind, row)]
        distances = [row for row in chosen if row.metric == GAP_OF and row.protocol not in _OWN_TABLES]
        return distances or [row for row in chosen if row.protocol not in _OWN_TABLES]

    return select


def _others(kind: TableKind) -> Callable[[Sequence[ResultRow]], list[ResultRow]]:
    """Return the choice of the rows of one question that its own table leaves out."""
    main = _answering(kind)

    def select(rows: Sequence[ResultRow]) -> list[ResultRow]:
        shown = {id(row) for row in main(rows)}
        rest = (row for row in rows if answers(kind, row) and row.protocol not in _OWN_TABLES)
        return [row for row in rest if id(row) not in shown]

    return select


def _measured_by(*protocols: str) -> Callable[[Sequence[ResultRow]], list[ResultRow]]:
    """Return the choice of what protocols that look at layouts measured, of models that have some."""
    return lambda rows: [
        row for row in rows
        if row.protocol in protocols and not is_standard(row) and row.layout_source is not LayoutSource.NONE
    ]  # fmt: skip


def _gap(rows: Sequence[ResultRow]) -> list[ResultRow]:
    measured = {(row.model, row.recipe, row.variant) for row in rows if row.metric.startswith(GAP)}
    return [
        row for row in rows
        if (row.model, row.recipe, row.variant) in measured and not is_standard(row)
        and (row.metric.startswith(GAP) or row.metric == GAP_OF)
    ]  # fmt: skip


def _data_size(rows: Sequence[ResultRow]) -> list[ResultRow]:
    chosen = _answering(TableKind.UNCONDITIONAL)(rows)
    return chosen if len({row.training_images for row in chosen} - {None}) > 1 else []


_ANY = frozenset({LayoutSource.NONE, LayoutSource.GENERATED})

UNCONDITIONAL = TableDefinition(
    name="table-1",
    title="Table 1: unconditional generation",
    caption="Every model draws its scenes from noise alone; a bottleneck GAN draws its own layouts on the way.",
    sources=_ANY,
    select=_answering(TableKind.UNCONDITIONAL),
    kind=TableKind.UNCONDITIONAL,
)

GIVEN_LAYOUTS = TableDefinition(
    name="table-2",
    title="Table 2: generation from real layouts",
    caption="Every model paints the same real layouts; of a bottleneck GAN only the image stage is used.",
    sources=frozenset({LayoutSource.REAL}),
    select=_answering(TableKind.GIVEN_LAYOUTS),
    kind=TableKind.GIVEN_LAYOUTS,
)

ABLATION = TableDefinition(
    name="table-4",
    title="Table 4: ablation of fine-tuning",
    caption=(
        "All settings start from the same two pre-trained stages. The controls train one stage further, uncoupled, "
        "for the same steps: a gain that a control has too comes from more training, not from end-to-end training."
    ),
    sources=frozenset({LayoutSource.GENERATED}),
    select=_answering(TableKind.ABLATION),
    kind=TableKind.ABLATION,
)

OTHER_UNCONDITIONAL = TableDefinition(
    name="table-1-metrics",
    title="Scenes from noise by other metrics",
    caption="The models of Table 1. Diversity and the like describe a set and rank nothing.",
    sources=_ANY,
    select=_others(TableKind.UNCONDITIONAL),
    kind=TableKind.UNCONDITIONAL,
)

OTHER_GIVEN_LAYOUTS = TableDefinition(
    name="table-2-metrics",
    title="Given real layouts, by other metrics",
    caption="The models of Table 2.",
    sources=frozenset({LayoutSource.REAL}),
    select=_others(TableKind.GIVEN_LAYOUTS),
    kind=TableKind.GIVEN_LAYOUTS,
)

LAYOUTS = TableDefinition(
    name="layouts",
    title="The layouts themselves",
    caption="Label maps that models drew against real ones; no network looks at them.",
    sources=frozenset({LayoutSource.GENERATED}),
    select=_measured_by("layout"),
    kind=TableKind.ABLATION,
)

FAITHFULNESS = TableDefinition(
    name="images-and-layouts",
    title="Do images show their layouts, and what are the pairs worth",
    caption=(
        "A segmenter looks at every image and is held against its layout: real ones that were given, or the model's "
        "own (GAN-test). The row of the reals is what the segmenter reaches on photographs. GAN-train is the other "
        "way round: segmenters trained on generated pairs, tested on real ones."
    ),
    sources=frozenset({LayoutSource.GENERATED, LayoutSource.REAL}),
    select=_measured_by("segmentation", "gan-train"),
    column_by=(*COLUMN, "layout_source"),
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
DEFINITIONS = (
    UNCONDITIONAL,
    OTHER_UNCONDITIONAL,
    ABLATION,
    GIVEN_LAYOUTS,
    OTHER_GIVEN_LAYOUTS,
    BOTTLENECK_GAP,
    LAYOUTS,
    FAITHFULNESS,
    DATA_SIZE,
)
#: What a suite's own tables are made after.
KINDS = {
    TableKind.UNCONDITIONAL: UNCONDITIONAL,
    TableKind.GIVEN_LAYOUTS: GIVEN_LAYOUTS,
    TableKind.ABLATION: ABLATION,
}


def definitions(tables: Sequence[TableRecord]) -> dict[TableKind, list[TableDefinition]]:
    """Return the tables of each kind that a run shows: those its suite asks for, or the paper's with all columns.

    Each has a name of its own, even if the run folder says otherwise: by it the others are told from it everywhere.
    """
    if not tables:
        return {kind: [definition] for kind, definition in KINDS.items()}
    made: dict[TableKind, list[TableDefinition]] = {kind: [] for kind in KINDS}
    names = set(BUILT_IN_TABLES)
    for record in tables:
        numbered = (f"{record.name}-{number}" for number in itertools.count(2))
        name = next(name for name in itertools.chain([record.name], numbered) if name not in names)
        names.add(name)
        made[record.kind].append(_of_columns(KINDS[record.kind], record, name))
    return made


def every_definition(tables: Sequence[TableRecord]) -> tuple[TableDefinition, ...]:
    """Return all tables that a run may have, the questions of the paper first."""
    main = definitions(tables)
    order = (TableKind.UNCONDITIONAL, TableKind.GIVEN_LAYOUTS, TableKind.ABLATION)
    others = (BOTTLENECK_GAP, DATA_SIZE, OTHER_UNCONDITIONAL, OTHER_GIVEN_LAYOUTS, LAYOUTS, FAITHFULNESS)
    return (*(one for kind in order for one in main[kind]), *others)


def _of_columns(definition: TableDefinition, record: TableRecord, name: str) -> TableDefinition:
    """Return a definition narrowed to the columns of one table, under a name and its title."""

    def select(rows: Sequence[ResultRow]) -> list[ResultRow]:
        return [row for row in definition.select(rows) if record.holds(row.dataset, row.resolution)]

    return replace(definition, name=name, title=record.title, select=select)
