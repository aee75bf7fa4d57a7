"""What a reader has chosen to see of a run, and the tables that show it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sbgan_bench.dashboard.reading import OpenRun
from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import TableKind
from sbgan_bench.questions import is_standard
from sbgan_bench.report.definitions import TableDefinition, definitions, every_definition
from sbgan_bench.report.tables import Table, table
from sbgan_bench.results import ResultRow


@dataclass(frozen=True, slots=True)
class Choice:
    """Which rows are wanted; what is empty leaves everything in."""

    datasets: tuple[str, ...] = ()
    sizes: tuple[str, ...] = ()  #: "HxW"
    protocols: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    models: tuple[str, ...] = ()  #: as registered; yardsticks stay whatever is chosen
    seeds: tuple[int, ...] = ()  #: training seeds; without any, their summary comes first

    def covers(self, dataset: str, resolution: str) -> bool:
        """Whether data are among those chosen."""
        return (not self.datasets or dataset in self.datasets) and (not self.sizes or resolution in self.sizes)

    def keeps(self, row: ResultRow) -> bool:
        """Whether a row is among those chosen."""
        return (
            self.covers(row.dataset, row.resolution)
            and (not self.protocols or row.protocol in self.protocols)
            and (not self.metrics or row.metric in self.metrics)
            and (not self.models or row.model in self.models or is_standard(row))
            and (not self.seeds or row.training_seed in self.seeds or is_standard(row))
        )


@dataclass(frozen=True, slots=True)
class Arranged:
    """A table of a run, or why there is none."""

    definition: TableDefinition
    table: Table | None  #: None where rows cannot stand in one column
    fault: str = ""

    @property
    def label(self) -> str:
        """Its name as printed on a button: "Table 1a"."""
        return self.definition.name.replace("-", " ").capitalize()


def main_tables(opened: OpenRun, kind: TableKind) -> tuple[TableDefinition, ...]:
    """Return the tables of one question that the suite asks for, or the paper's."""
    made = opened.once("main tables", lambda: definitions(opened.run.manifest.tables))
    return tuple(made[kind])


def every_table(opened: OpenRun) -> tuple[TableDefinition, ...]:
    """Return all tables that a run may have, the questions of the paper first."""
    return opened.once("every table", lambda: every_definition(opened.run.manifest.tables))


def arranged(opened: OpenRun, definition: TableDefinition, choice: Choice) -> Arranged:
    """Return one table of the rows chosen. A choice of seeds hides what was tested over all of them."""

    def make() -> Arranged:
        run = opened.run
        cautions = {record.dataset: record.caution for record in run.manifest.datasets if record.caution}
        comparisons = () if choice.seeds else run.comparisons
        place = Choice(choice.datasets, choice.sizes)
        try:
            made = table(chosen_rows(opened, place), _narrowed(definition, choice), run.names, cautions, comparisons)
        except BenchError as error:
            return Arranged(definition, None, str(error))
        return Arranged(definition, made)

    return opened.once(("table", definition.name, choice), make)


def _narrowed(definition: TableDefinition, choice: Choice) -> TableDefinition:
    """Return a definition whose rows are those that it would choose anyway, and of these the ones wanted."""
    return replace(definition, select=lambda rows: [row for row in definition.select(rows) if choice.keeps(row)])


def chosen_rows(opened: OpenRun, choice: Choice) -> tuple[ResultRow, ...]:
    """Return the rows chosen, without those of single trials."""
    return opened.once(("rows", choice), lambda: tuple(filter(choice.keeps, opened.run.rows)))


def shown(opened: OpenRun, definitions: Iterable[TableDefinition], choice: Choice) -> tuple[Arranged, ...]:
    """Return those tables that have something to show."""
    made = (arranged(opened, definition, choice) for definition in definitions)
    return tuple(one for one in made if one.fault or (one.table is not None and one.table.columns))


def distinct(values: Iterable[str]) -> tuple[str, ...]:
    """Return values in order of first appearance, each once, without the empty one."""
    return tuple(value for value in dict.fromkeys(values) if value)
