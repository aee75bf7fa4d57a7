"""The answer in sentences: which is best, by how much, how sure. Said of tests that were made, never of digits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sbgan_bench.comparing.rows import Comparison, Unit
from sbgan_bench.comparing.words import nothing_possible
from sbgan_bench.manifest import TableKind
from sbgan_bench.questions import is_standard, subject
from sbgan_bench.report.cells import Cell
from sbgan_bench.report.column_names import column_names
from sbgan_bench.report.columns import Column
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.report.verdicts import made_in_column
from sbgan_bench.report.wording import decimals, number
from sbgan_bench.results import ResultRow

_SPEAKS_OF = {
    Unit.IMAGES: "One training seed: the tests speak of these weights, not of the methods.",
    Unit.SEEDS: "Training runs are the unit: the tests speak of the methods.",
}


#: What a reader asks of a run, in the order in which it is answered.
ASKED = {
    TableKind.UNCONDITIONAL: "Scenes from noise",
    TableKind.GIVEN_LAYOUTS: "From real layouts",
    TableKind.ABLATION: "Fine-tuning",
}
#: Answers of one table at most, where it has columns for several datasets and sizes.
_MOST = 5


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
    score: str  #: "scene Fréchet distance, camvid, 64×128": named apart from the other columns
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
        return self.best.cell.with_spread

    @property
    def standing(self) -> str:
        """What the first of the column is: "best" if a test told another from it, else only "lowest" or "highest"."""
        return "best" if self.beaten else "highest" if self.column.better == "higher" else "lowest"

    @property
    def sure(self) -> str:
        """By how much the first is ahead, and how sure that is."""
        if not self.tested:
            alone = not self.tied and self.best is self.worst
            return "There is nothing to compare it with." if alone else (
                "Nothing was tested here: the order of the digits may be chance."
            )  # fmt: skip
        ahead = f"{self.ahead[:1].upper()}{self.ahead[1:]}"
        none = "" if self.beaten else "No other model is told apart from it."
        ties = f"Not told apart from {listed(self.tied)}." if self.tied and self.beaten else ""
        return " ".join(filter(None, (none, ahead, self._told_apart, ties, self._beyond_floor)))

    @property
    def _told_apart(self) -> str:
        if not self.beaten:
            return ""
        every = not self.tied and len(self.beaten) > 1
        p = f" (p ≤ {self.largest_p:.2g}, Holm)" if self.largest_p is not None else ""
        return f"Told apart from {f'all {len(self.beaten)} others' if every else listed(self.beaten)}{p}."

    @property
    def _beyond_floor(self) -> str:
        row = self.best.row
        if row.value is None or row.floor is None:
            return ""
        beyond = row.value > row.floor if self.column.better == "higher" else row.value < row.floor
        floor = f"Real images get {number(row.floor, 3)} against other real ones"
        return f"{floor}: this column does not tell it from them." if beyond else ""

    def sentence(self, question: str) -> str:
        """Return everything in one line, under the question that it answers."""
        return f"{question}, {self.standing} by {self.score}: {self.best.name}, {self.value}. {self.sure}"


def answers(table: Table, kind: TableKind | None, comparisons: Sequence[Comparison]) -> tuple[Answer, ...]:
    """Return what every column of a table says, in its order; columns without trained models say nothing."""
    names = column_names(table.columns)
    found = (_answer(table, index, name, kind, comparisons) for index, name in enumerate(names))
    return tuple(answer for answer in found if answer is not None)


def first_answers(said: Sequence[Answer]) -> tuple[Answer, ...]:
    """Return the first answer for every dataset and size, or the first two where there is one of these."""
    places: dict[tuple[str, str], Answer] = {}
    for answer in said:
        places.setdefault((answer.best.row.dataset, answer.best.row.resolution), answer)
    return tuple(places.values())[:_MOST] if len(places) > 1 else tuple(said[:2])


def _answer(
    table: Table, index: int, score: str, kind: TableKind | None, comparisons: Sequence[Comparison]
) -> Answer | None:
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
        score=score,
        best=winner or ranked[0],
        worst=ranked[-1],
        tested=bool(winner),
        tied=tuple(names[test.other] for test in known if not test.rejected),
        beaten=tuple(names[test.other] for test in known if test.rejected),
        largest_p=max((test.p_holm for test in known if test.rejected), default=None),
        ahead=_ahead(known, names) if known else "",
        speaks_of=_speaks_of(known[0]) if known else "",
    )


def _speaks_of(test: Comparison) -> str:
    return " ".join(filter(None, (_SPEAKS_OF[test.unit], nothing_possible(test.words))))


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names behind each other; of very many the first few and how many more there are."""
    if len(names) == 2:
        return f"{names[0]} and {names[1]}"
    shown = names if len(names) <= most else names[: most - 1]
    return "; ".join(shown) + (f"; and {len(names) - len(shown)} more" if len(shown) < len(names) else "")


def _ahead(tests: Sequence[Comparison], names: Mapping[str, str]) -> str:
    """Say how far the next best is from the best, in the digits that the tests need."""
    places = decimals([test.effect for test in tests])
    test = min(tests, key=lambda test: abs(test.effect))
    much = number(abs(test.effect), places)
    said = f"{much} {'lower' if test.effect > 0 else 'higher'} than the next best, {names[test.other]}"
    if test.low is None or test.high is None:
        return f"{said}."
    low, high = (test.low, test.high) if test.effect > 0 else (-test.high, -test.low)
    return f"{said} (95 %: {number(low, places)} to {number(high, places)})."


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
