"""One cell of a table: a number with its two spreads, or the reason why there is none."""

from collections.abc import Collection, Iterable, Sequence
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
    hover: str = ""  #: the reason in full, or the interval
    best: bool = False  #: the best trained value, or one that a test does not tell from it
    rows: tuple[ResultRow, ...] = ()  #: the row shown first, then those behind it


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
    return Cell(
        text=number(shown.value or 0.0, places),
        value=shown.value,
        trials=_range([row.spread for row in (by_seed if over_seeds else [shown])], places),
        seeds=_range([shown.spread], places) if over_seeds else DASH,
        notes=footnotes.marks(notes),
        hover=_hover(shown, places),
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
    return f"95 % interval {number(row.low, places)} to {number(row.high, places)}"


def _hover(row: ResultRow, places: int) -> str:
    """Return the interval and what share of the value the floor is, where either is known."""
    floor = "" if row.floor is None else f"floor {number(row.floor, places)} ({row.floor_pool})"
    small = next((note for note in row.notes if note.startswith(SMALL_SAMPLE)), "")
    return "; ".join(part for part in (_interval(row, places), floor, small) if part)


def mark_best(cells: Sequence[Cell], best: Collection[str]) -> list[Cell]:
    """Mark the cells of the subjects in ``best``, unless their row says why it may not be ranked."""
    return [replace(cell, best=_may_be_best(cell) and subject(cell.rows[0]) in best) for cell in cells]


def _may_be_best(cell: Cell) -> bool:
    if cell.value is None or is_standard(cell.rows[0]):
        return False
    return not cell.rows[0].unranked and not cell.rows[0].metric.startswith(GAP)
