"""Who is paid: rules that are fixed before anybody works, and the file to upload that tells the platform.

Payment is one thing, the validity of ratings another: whoever is excluded from the analysis may have worked honestly,
and a rejection harms a worker's standing. So only missing answers are rejected, and gold images if the owner says so.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.rating.crowd.assignments import Assignment
from sbgan_bench.rating.crowd.batch import csv_text
from sbgan_bench.rating.crowd.result_file import ANSWER_PREFIX, APPROVE, REJECT, ResultFile
from sbgan_bench.rating.study import OwnerKey
from sbgan_bench.storage import atomic_file

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an assignment is paid."""

    approve: bool
    reason: str = ""  #: for the worker, of a rejection


def judge(
    assignments: Sequence[Assignment], key: OwnerKey | None = None, *, reject_gold: bool = False
) -> dict[int, Verdict]:
    """Return verdicts by row.

    Assignments that were approved, rejected or read before get none, and neither do those that cannot be read for a
    reason which need not be the worker's: their owner has to look. When no assignment of the file is complete, then
    the columns are to blame rather than everybody, and nobody is rejected for it.

    Args:
        assignments: All of a result file.
        key: The owner's, which knows the range of gold images; needed for ``reject_gold`` alone.
        reject_gold: Reject assignments with a failed gold image, of workers who failed more of them in this file than
            the study's exclusion rule allows.
    """
    failures = gold_failures(assignments, key) if reject_gold and key is not None else {}
    readable = any(assignment.answers for assignment in assignments)
    return {
        assignment.row: _verdict(assignment, failures.get(assignment.row, 0))
        for assignment in assignments
        if assignment.submitted and (assignment.fate is None or (assignment.incomplete and readable))
    }


def _verdict(assignment: Assignment, failures: int) -> Verdict:
    if assignment.incomplete:
        return Verdict(False, f"Not all images were rated: {assignment.reason}.")
    if failures:
        return Verdict(
            False, "Images whose quality is beyond doubt were scored otherwise, more often than may happen."
        )
    return Verdict(True)


def gold_failures(assignments: Iterable[Assignment], key: OwnerKey) -> dict[int, int]:
    """Return failed gold images by row, for workers who failed more than the study's exclusion rule allows."""
    failed = {
        assignment.row: sum(_is_outside(answer.image, answer.score, key) for answer in assignment.answers)
        for assignment in assignments
    }
    per_worker: Counter[str] = Counter()
    for assignment in assignments:
        per_worker[assignment.worker] += failed[assignment.row]
    allowed = key.exclusion.gold_failures
    return {
        assignment.row: failed[assignment.row]
        for assignment in assignments
        if allowed is not None and per_worker[assignment.worker] > allowed
    }


def _is_outside(image: str, score: int, key: OwnerKey) -> bool:
    secret = key.images[image]
    return secret.low is not None and secret.high is not None and not secret.low <= score <= secret.high


def write_verdicts(path: Path, results: ResultFile, verdicts: Mapping[int, Verdict]) -> None:
    """Write the file to upload back: the result file with X under Approve, or a reason under Reject.

    What its owner filled in before stays. Worker ids are in it as they are in what Mechanical Turk gave, so nobody but
    its owner can read the file. What workers wrote is made harmless to spreadsheet programs.

    Raises:
        CannotWriteError: No room, or no right to write there.
    """
    columns = [*results.columns, *(name for name in (APPROVE, REJECT) if name not in results.columns)]
    lines = [_judged(row.cells, verdicts.get(row.number)) for row in results.rows]
    with atomic_file(path) as temporary:
        temporary.chmod(0o600)
        temporary.write_text(csv_text(columns, lines), encoding="utf-8", newline="")


def _judged(cells: Mapping[str, str], verdict: Verdict | None) -> dict[str, str]:
    harmless = {column: _harmless(column, cell) for column, cell in cells.items()}
    if verdict is None or cells.get(APPROVE) or cells.get(REJECT):
        return harmless
    return harmless | {APPROVE: "X" if verdict.approve else "", REJECT: verdict.reason}


def _harmless(column: str, cell: str) -> str:
    """Keep a worker's words from being run as a formula."""
    return f"'{cell}" if column.startswith(ANSWER_PREFIX) and cell.startswith(_FORMULA) else cell
