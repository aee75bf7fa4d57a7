"""Rows that were kept, side by side: whether they may be compared at all, and by how much they differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.errors import DataError
from sbgan_bench.results import FLOOR, ResultRow, check_comparable, read_rows
from sbgan_bench.splits import summarise


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Two values of one metric, and their difference."""

    protocol: str
    metric: str
    first: str  #: name of the one set
    second: str
    value_first: float
    value_second: float
    effect: float  #: second minus first
    low: float | None  #: 95 % t-interval over trials that met the same reals; None without such trials
    high: float | None


def differences(first: Path, second: Path) -> list[Difference]:
    """Compare the generated sets of two files that ``evaluate --out`` wrote.

    Args:
        first: The one.
        second: The other; every set of it is compared with every set of the first.

    Raises:
        BenchError: Two values of one protocol and metric mean nothing side by side; the difference is named.
        DataError: A file has no generated set, or the two have no protocol and metric in common.
        CorruptFileError: A file cannot be read.
    """
    ours, theirs = (_generated(path) for path in (first, second))
    measured = {(row.protocol, row.metric) for row in ours if row.trial is None}
    found = [
        _difference(one, other, ours, theirs)
        for one in ours
        for other in theirs
        if one.trial is None and other.trial is None and (one.protocol, one.metric) == (other.protocol, other.metric)
    ]
    if not found:
        there = {(row.protocol, row.metric) for row in theirs if row.trial is None}
        raise DataError(
            f"{first} and {second} have no protocol and metric in common: {_listed(measured)} and {_listed(there)}. "
            "Score both by the same protocol."
        )
    return found


def _generated(path: Path) -> list[ResultRow]:
    rows = [row for row in read_rows(path) if row.model != FLOOR and row.value is not None]
    if not rows:
        raise DataError(f"{path} holds no values of generated images.")
    return rows


def _listed(pairs: set[tuple[str, str]]) -> str:
    return ", ".join(" ".join(pair) for pair in sorted(pairs))


def _difference(
    one: ResultRow, other: ResultRow, ours: Sequence[ResultRow], theirs: Sequence[ResultRow]
) -> Difference:
    check_comparable([one, _named_alike(other, one)])
    values = [_trials(row, rows) for row, rows in ((one, ours), (other, theirs))]
    alike = one.real_pool == other.real_pool and values[0].keys() == values[1].keys() and len(values[0]) > 1
    scores = summarise([values[1][trial] - values[0][trial] for trial in values[0]]) if alike else None
    value_first, value_second = one.value or 0.0, other.value or 0.0
    return Difference(
        protocol=one.protocol,
        metric=one.metric,
        first=one.model,
        second=other.model,
        value_first=value_first,
        value_second=value_second,
        effect=value_second - value_first,
        low=None if scores is None else scores.low,
        high=None if scores is None else scores.high,
    )


def _named_alike(row: ResultRow, model: ResultRow) -> ResultRow:
    """Return a row under the other's name of the data, where that is only a folder's and the images are the same."""
    folders = row.split == model.split == "folder"
    same = folders and row.fingerprint == model.fingerprint
    return row.model_copy(update={"dataset": model.dataset}) if same else row


def _trials(summary: ResultRow, rows: Sequence[ResultRow]) -> dict[int, float]:
    same = summary.model_copy(update={"trial": None}).cell()
    return {
        row.trial: row.value
        for row in rows
        if row.trial is not None and row.value is not None and row.model_copy(update={"trial": None}).cell() == same
    }
