"""The answer in sentences: which is best, by how much, how sure. Said of tests that were made, never of digits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sbgan_bench.comparing.rows import Comparison, Unit
from sbgan_bench.manifest import TableKind
from sbgan_bench.questions import is_standard, subject
from sbgan_bench.report.cells import Cell
from sbgan_bench.report.columns import Column
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.report.verdicts import made_in_column
from sbgan_bench.report.wording import DASH, decimals, number, size_text
from sbgan_bench.results import ResultRow

_SPEAKS_OF = {
    Unit.IMAGES: "One training seed: the tests speak of these weights, not of the methods.",
    Unit.SEEDS: "Training runs are the unit: the tests speak of the methods.",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A trained model in one column."""

    name: str
    cell: Cell

    @property
    def row(self) -> ResultRow:
        """The row whose value is shown."""
        return self.cell.rows[0]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one column of a table says."""

    column: Column
    score: str  #: "scene Fréchet distance"
    best: Line  #: of the tests, or by its digits where nothing was tested
    worst: Line
    tested: bool
    tied: tuple[str, ...]  #: not told apart from the best
    beaten: tuple[str, ...]  #: told apart
    largest_p: float | None  #: of those that were told apart, corrected
    ahead: str  #: by how much the best is ahead of the next, with the interval; "" where nothing was tested
    speaks_of: str  #: what the tests can tell

    @property
    def value(self) -> str:
        """The best value with its spread: "1.71 ± 0.09 over trials"."""
        cell = self.best.cell
        spread, what = (cell.seeds, "training seeds") if cell.seeds != DASH else (cell.trials, "trials")
        return cell.text if spread == DASH else f"{cell.text} ± {spread} over {what}"


def answers(table: Table, kind: TableKind | None, comparisons: Sequence[Comparison]) -> tuple[Answer, ...]:
    """Return what every column of a table says, in its order; columns without trained models say nothing."""
    found = (_answer(table, index, kind, comparisons) for index in range(len(table.columns)))
    return tuple(answer for answer in found if answer is not None)


def _answer(table: Table, index: int, kind: TableKind | None, comparisons: Sequence[Comparison]) -> Answer | None:
    column = table.columns[index]
    named = zip(short_names(table), table.trained, strict=True)
    lines = [Line(name, row.cells[index]) for name, row in named if row.cells[index].value is not None]
    ranked = sorted((line for line in lines if not line.row.unranked), key=lambda line: _badness(line, column))
    if not ranked:
        return None
    rows = [row for line in lines for row in line.cell.rows]
    tests = made_in_column(comparisons, kind, [row for row in rows if not is_standard(row)])
    by_subject = {subject(line.row): line for line in ranked}
    winner = next((by_subject[test.winner] for test in tests if test.winner in by_subject), None)
    known = [test for test in tests if test.other in by_subject] if winner else []
    names = {test.other: by_subject[test.other].name for test in known}
    return Answer(
        column=column,
        score=_score(table, column, ranked[0].row),
        best=winner or ranked[0],
        worst=ranked[-1],
        tested=bool(winner),
        tied=tuple(names[test.other] for test in known if not test.rejected),
        beaten=tuple(names[test.other] for test in known if test.rejected),
        largest_p=max((test.p_holm for test in known if test.rejected), default=None),
        ahead=_ahead(known, names) if known else "",
        speaks_of=_SPEAKS_OF[known[0].unit] if known else "",
    )


def _ahead(tests: Sequence[Comparison], names: Mapping[str, str]) -> str:
    """Say how far the next best is from the best, in the digits that the tests need."""
    places = decimals([test.effect for test in tests])
    test = min(tests, key=lambda test: abs(test.effect))
    much = number(abs(test.effect), places)
    said = f"{much} {'lower' if test.effect > 0 else 'higher'} than the next best, {names[test.other]}"
    if test.low is None or test.high is None:
        return f"{said}."
    ends = (test.low, test.high) if test.low <= 0 <= test.high else sorted((abs(test.low), abs(test.high)))
    return f"{said} (95 %: {number(ends[0], places)} to {number(ends[1], places)})."


def label(row: TableRow) -> str:
    """Return the name of a line: "SB-GAN, both stages fine-tuned"."""
    return f"{row.label}, {row.detail}" if row.detail else row.label


def short_names(table: Table) -> list[str]:
    """Return the names of the trained lines of a table, without what they all begin with."""
    same = len({row.label for row in table.trained}) == 1 and all(row.detail for row in table.trained)
    return [row.detail if same else label(row) for row in table.trained]


def _badness(line: Line, column: Column) -> float:
    value = line.cell.value or 0.0
    return -value if column.better == "higher" else value


def _score(table: Table, column: Column, row: ResultRow) -> str:
    """Say what a column measures, with the place where the table has several."""
    metric = column.header[-1].rstrip(" ↓↑")
    several = len({(answer.header[:-1]) for answer in table.columns}) > 1
    place = f" on {row.dataset} {size_text(row.resolution)}" if several and row.dataset not in table.common else ""
    return f"{row.protocol} {metric}{place}"
