"""The paper's own numbers as frozen records, and which of them answers to a row of ours.

A number of the paper is never silently set beside one of ours: ``differences`` says in words what was done otherwise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sbgan_bench.config import Settings, read_toml
from sbgan_bench.errors import ConfigError
from sbgan_bench.results import ResultRow
from sbgan_bench.samples import LayoutSource
from sbgan_bench.shelves import PAPER, published_folder

#: The paper's mark for a cell without a number.
_DASH = "-"
#: Our protocol that computes features as the released code does.
COUNTERPART = "sbgan-legacy"


class PaperProtocol(Settings):
    """How the paper made the numbers of a table."""

    title: str  #: what the number is called
    metric: str  #: as a row of ours names it
    better: str  #: "lower" or "higher"
    network: str  #: what looked at the images
    note: str  #: who computed how, from the paper
    open: tuple[str, ...] = ()  #: what the paper does not say


class PaperRow(Settings):
    """One line of a table as printed."""

    name: str
    models: tuple[str, ...]  #: registered models that it stands for
    recipe: str = "default"
    layouts: LayoutSource = LayoutSource.NONE
    values: tuple[str, ...]  #: one per column, as printed


class PaperTable(Settings):
    """One table as printed."""

    name: str
    title: str
    kind: str  #: the question, as in ``TableKind``, or "human"
    protocol: str
    columns: tuple[str, ...]  #: "DATASET/HEIGHTxWIDTH", or "DATASET" where the paper does not say the size
    sizes: tuple[str, ...] = ()  #: which sizes it may have been then
    notes: tuple[str, ...] = ()
    dash: str = ""  #: why a cell is "-"
    rows: tuple[PaperRow, ...]


class _File(Settings):
    paper: str
    protocols: dict[str, PaperProtocol]
    tables: tuple[PaperTable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperValue:
    """One cell of the paper."""

    table: str  #: "table-1a"
    kind: str  #: the question it answers
    row: str  #: name of the line in the paper
    models: tuple[str, ...]  #: registered models that it stands for
    recipe: str
    layout_source: LayoutSource
    dataset: str
    resolution: str  #: "HxW"; "" where the paper does not say
    sizes: tuple[str, ...]  #: sizes that the paper uses and this may be of
    metric: str
    value: float | None  #: None where the paper prints "-"
    printed: str  #: digits as printed
    reason: str  #: why there is no number; "" where there is one
    protocol: PaperProtocol
    notes: tuple[str, ...]  #: what a reader of this table must know

    def is_of(self, dataset: str, resolution: str) -> bool:
        """Whether it is about this dataset, at this size or at one that the paper does not say."""
        return self.dataset == dataset and resolution in (self.sizes or (self.resolution,))

    def answers_to(
        self, dataset: str, resolution: str, model: str, recipe: str, layout_source: LayoutSource, metric: str
    ) -> bool:
        """Whether a row of ours with these facts is about the same thing."""
        return (
            self.is_of(dataset, resolution)
            and model in self.models
            and recipe == self.recipe
            and layout_source == self.layout_source
            and metric == self.metric
        )


@dataclass(frozen=True, slots=True)
class Paper:
    """All tables of the paper."""

    title: str
    tables: tuple[PaperTable, ...]
    values: tuple[PaperValue, ...]

    def of_table(self, name: str) -> tuple[PaperValue, ...]:
        """Return the cells of one table, line by line."""
        return tuple(value for value in self.values if value.table == name)

    def find(
        self, *, dataset: str, resolution: str, model: str, recipe: str, layout_source: LayoutSource, metric: str,
        kind: str = "",
    ) -> PaperValue | None:  # fmt: skip
        """Return the paper's value for a cell of ours, or None.

        Args:
            dataset: Registered name.
            resolution: "HxW".
            model: Registered name.
            recipe: As in rows.
            layout_source: As in rows.
            metric: As in rows; every distance finds FID, so ask ``differences`` what the two do not share.
            kind: Which question is asked. The paper prints two numbers for one cell: 57.48 in Table 1, 58.67 in
                Table 4. "": the first table that has one.
        """
        return next(
            (
                value
                for value in self.values
                if kind in ("", value.kind)
                and value.answers_to(dataset, resolution, model, recipe, layout_source, metric)
            ),
            None,
        )

    def beside(self, row: ResultRow, kind: str = "") -> PaperValue | None:
        """Return the paper's value for what a row measures, or None; settings of its own (a variant) have none."""
        return None if row.variant else self.find(
            dataset=row.dataset, resolution=row.resolution, model=row.model, recipe=row.recipe,
            layout_source=row.layout_source, metric=row.metric, kind=kind,
        )  # fmt: skip


def differences(value: PaperValue, row: ResultRow) -> tuple[str, ...]:
    """Say what the paper's value and a row of ours do not share; none of it is ever left unsaid beside the two."""
    theirs = value.protocol
    said = []
    if row.dataset != value.dataset:
        said.append(f"the paper: {value.dataset}; here: {row.dataset}")
    if value.resolution and row.resolution != value.resolution:
        said.append(f"the paper: {_size(value.resolution)}; here: {_size(row.resolution)}")
    if not value.resolution:
        said.append(f"the paper does not say at which size; here: {_size(row.resolution)}")
    if row.metric != value.metric or not (_is_counterpart(row) or theirs.metric == "human-score"):
        said.append(f"the paper: {theirs.title}, {theirs.network}; here: {_ours(row)}")
    if row.preset == "sbgan-released":
        said.append("here with the settings of the released code")
    return tuple(said)


def _is_counterpart(row: ResultRow) -> bool:
    return row.protocol == COUNTERPART and row.published


def _ours(row: ResultRow) -> str:
    return row.protocol + ("" if row.published else ", weights not the published ones")


def _size(resolution: str) -> str:
    return resolution.replace("x", "×")


def read_paper(path: Path) -> Paper:
    """Read the tables from a TOML file.

    Raises:
        ConfigError: The file is missing or damaged, or a line has not one value per column.
    """
    content = _File.parse(read_toml(path), str(path))
    return Paper(content.paper, content.tables, tuple(_values(content, path)))


def _values(content: _File, path: Path) -> Iterator[PaperValue]:
    for table in content.tables:
        protocol = content.protocols.get(table.protocol)
        if protocol is None:
            raise ConfigError(f"{path}: {table.name} names protocol {table.protocol!r}, which is not described there.")
        for row in table.rows:
            if len(row.values) != len(table.columns):
                raise ConfigError(
                    f"{path}: line {row.name!r} of {table.name} has {len(row.values)} values for "
                    f"{len(table.columns)} columns."
                )
            for column, printed in zip(table.columns, row.values, strict=True):
                yield _value(table, row, protocol, column, printed)


def _value(table: PaperTable, row: PaperRow, protocol: PaperProtocol, column: str, printed: str) -> PaperValue:
    dataset, _, resolution = column.partition("/")
    missing = printed == _DASH
    return PaperValue(
        table=table.name, kind=table.kind, row=row.name, models=row.models, recipe=row.recipe,
        layout_source=row.layouts, dataset=dataset, resolution=resolution, sizes=() if resolution else table.sizes,
        metric=protocol.metric, value=None if missing else float(printed), printed=printed,
        reason=table.dash if missing else "", protocol=protocol, notes=table.notes,
    )  # fmt: skip


@cache
def paper() -> Paper | None:
    """Return the paper's tables as published, or None where they were not installed."""
    folder = published_folder()
    return None if folder is None else read_paper(folder / PAPER / "tables.toml")
