"""One cell of a table: a number with its two spreads, or the reason why there is none."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sbgan_bench.questions import GAP, is_standard, subject
from sbgan_bench.report.wording import DASH, decimals, number, perceptual_text
from sbgan_bench.results import SMALL_SAMPLE, ResultRow, Status


@dataclass(frozen=True, slots=True)
class Cell:
    """What one line shows in one column."""

    text: str  #: the number, "skipped", "failed" or a dash
    value: float | None = None  #: as in the row; None where there is no number
    trials: str = DASH  #: standard deviation over trials; a range where training seeds differ in it
    seeds: str = DASH  #: standard deviation over training seeds
    notes: tuple[int, ...] = ()  #: indices of footnotes
    interval: str = ""  #: the ends of the 95 % interval: "1.05 to 1.20"; "" where none is known
    hover: str = ""  #: the reason in full, or the interval
    best: bool = False  #: the best trained value, or one that a test does not tell from it
    apart: bool = False  #: a test tells it from the best; neither where nothing was tested or may be ranked
    rows: tuple[ResultRow, ...] = ()  #: the row shown first, then those behind it

    @property
    def with_spread(self) -> str:
        """The number with its spread, and over what: "1.71 ± 0.09 over training seeds"."""
        spread, what = (self.seeds, "training seeds") if self.seeds != DASH else (self.trials, "trials")
        return self.text if spread == DASH else f"{self.text} ± {spread} over {what}"


@dataclass(slots=True)
class Footnotes:
    """Collects the footnotes of a table; the same sentence is kept once."""

    _texts: list[str] = field(default_factory=list)

    def marks(self, texts: Iterable[str]) -> tuple[int, ...]:
        """Add sentences and return their indices, sorted, without repetition."""
        indices = set()
        for text in texts:
            if text not in self._texts:
                self._texts.append(text)
            indices.add(self._texts.index(text))
        return tuple(sorted(indices))

    def texts(self) -> tuple[str, ...]:
        """Return all sentences in the order of their marks."""
        return tuple(self._texts)


def fill_cell(
    rows: Sequence[ResultRow], column: Sequence[ResultRow], footnotes: Footnotes, *, perceptual: bool = False
) -> Cell:
    """Choose what to show of the rows of one cell.

    A summary over training seeds comes first; without one, the only seed's row. Several seeds without a summary
    show the first, and say so: a reader averages nothing.

    Args:
        rows: The cell's summary rows: over seeds (``training_seed`` None) and of each seed.
        column: All rows of the column, which fix the number of decimals.
        footnotes: Notes and reasons are added here.
        perceptual: Say which network was behind the perceptual loss, where rows differ in it.
    """
    places = decimals([row.value for row in column if row.value is not None])
    overall = [row for row in rows if row.value is not None and row.training_seed is None]
    by_seed = sorted(
        (row for row in rows if row.value is not None and row.training_seed is not None),
        key=lambda row: row.training_seed or 0,
    )
    missing = [row for row in rows if row.value is None]
    if not overall and not by_seed:
        return _without_number(missing, footnotes)
    shown = (overall or by_seed)[0]
    notes = [note for row in (shown, *by_seed) for note in row.notes if not note.startswith(SMALL_SAMPLE)]
    notes += [f"Perceptual loss: {perceptual_text(shown)}"] if perceptual and shown.perceptual else []
    notes += [f"Training seed {row.training_seed} {_reason(row)}" for row in missing if row.training_seed is not None]
    if not overall and len(by_seed) > 1:
        notes.append(f"Training seed {shown.training_seed} alone: no summary over the {len(by_seed)} seeds was made.")
    over_seeds = bool(overall and by_seed)
    interval = _interval(shown, places)
    return Cell(
        text=number(shown.value or 0.0, places),
        value=shown.value,
        trials=_range([row.spread for row in (by_seed if over_seeds else [shown])], places),
        seeds=_range([shown.spread], places) if over_seeds else DASH,
        notes=footnotes.marks(notes),
        interval=interval,
        hover=_hover(shown, interval, places),
        rows=(shown, *(row for row in (*by_seed, *missing) if row is not shown)),
    )


def _without_number(missing: Sequence[ResultRow], footnotes: Footnotes) -> Cell:
    if not missing:
        return Cell(text=DASH, hover="not part of this run")
    row = next((row for row in missing if row.status is Status.FAILED), missing[0])
    reasons = [_reason(other) for other in missing]
    return Cell(
        text=str(row.status), notes=footnotes.marks(reasons), hover=_reason(row), rows=(row, *_others(missing, row))
    )


def _others(rows: Sequence[ResultRow], shown: ResultRow) -> list[ResultRow]:
    return [row for row in rows if row is not shown]


def _reason(row: ResultRow) -> str:
    return f"{row.status}: {row.reason or 'no reason was recorded'}"


def _range(spreads: Sequence[float | None], places: int) -> str:
    known = sorted(spread for spread in spreads if spread is not None)
    if not known:
        return DASH
    first, last = number(known[0], places), number(known[-1], places)
    return first if first == last else f"{first}–{last}"


def _interval(row: ResultRow, places: int) -> str:
    if row.low is None or row.high is None:
        return ""
    return f"{number(row.low, places)} to {number(row.high, places)}"


def _hover(row: ResultRow, interval: str, places: int) -> str:
    """Return the interval and what share of the value the floor is, where either is known."""
    floor = "" if row.floor is None else f"floor {number(row.floor, places)} ({row.floor_pool})"
    small = next((note for note in row.notes if note.startswith(SMALL_SAMPLE)), "")
    ends = f"95 % interval {interval}" if interval else ""
    return "; ".join(part for part in (ends, floor, small) if part)


def mark_verdicts(cells: Sequence[Cell], told_apart: Mapping[str, bool]) -> list[Cell]:
    """Mark the cells that tests speak of, unless their row says why it may not be ranked.

    Args:
        cells: Of one column.
        told_apart: Whether a test tells a subject from the best; those without a test are not in it.
    """
    return [_marked(cell, told_apart) for cell in cells]


def _marked(cell: Cell, told_apart: Mapping[str, bool]) -> Cell:
    apart = told_apart.get(subject(cell.rows[0])) if _may_be_best(cell) else None
    return replace(cell, best=apart is False, apart=apart is True)


def _may_be_best(cell: Cell) -> bool:
    if cell.value is None or is_standard(cell.rows[0]):
        return False
    return not cell.rows[0].unranked and not cell.rows[0].metric.startswith(GAP)
