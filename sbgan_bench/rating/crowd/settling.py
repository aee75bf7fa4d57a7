"""Approving and rejecting assignments as a result file says."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from sbgan_bench.errors import DataError
from sbgan_bench.rating.crowd.marketplace import told, turk_code
from sbgan_bench.rating.crowd.result_file import APPROVE, ASSIGNMENT, REJECT, STATUS, ResultFile, ResultRow

_LONGEST_FEEDBACK = 1024


@dataclass(frozen=True, slots=True)
class Decision:
    """What shall become of one assignment."""

    assignment: str
    reward: Decimal | None  #: US dollars, where the file says so
    reason: str  #: of a rejection; "" to approve


class Settled(StrEnum):
    """What was done about an assignment."""

    APPROVED = "approved"
    REJECTED = "rejected"
    BEFORE = "decided before"  #: it was approved or rejected already, and stays so


def read_decisions(results: ResultFile) -> tuple[Decision, ...]:
    """Return what a result file says of assignments that wait.

    Raises:
        DataError: It has no column Approve or Reject, or says both of one assignment.
    """
    missing = [name for name in (APPROVE, REJECT) if name not in results.columns]
    if missing:
        raise DataError(f"{results.path} lacks the column {' and '.join(missing)}; sbgan-bench rate mturk import "
                        "writes a file that has them.")  # fmt: skip
    waiting = [row for row in results.rows if row.cells[STATUS].strip().lower() == "submitted"]
    return tuple(filter(None, map(_decision, waiting)))


def _decision(row: ResultRow) -> Decision | None:
    approve, reason = row.cells[APPROVE].strip(), row.cells[REJECT].strip()
    if approve and reason:
        raise DataError(f"Row {row.number} has both an X under {APPROVE} and a reason under {REJECT}; keep one.")
    if not (approve or reason):
        return None
    return Decision(row.cells[ASSIGNMENT].strip(), _dollars(row.cells.get("Reward", "")), reason)


def _dollars(text: str) -> Decimal | None:
    try:
        return Decimal(text.strip().removeprefix("$"))
    except InvalidOperation:
        return None


def settle(client: Any, decisions: Iterable[Decision]) -> Iterator[Settled]:
    """Approve and reject one after the other, and yield what was done.

    Raises:
        MTurkError: It refused, or cannot be reached; doing it again goes on where it stopped.
    """
    for decision in decisions:
        with told("approve or reject an assignment"):
            yield _settle(client, decision)


def _settle(client: Any, decision: Decision) -> Settled:
    try:
        if decision.reason:
            feedback = decision.reason[:_LONGEST_FEEDBACK]
            client.reject_assignment(AssignmentId=decision.assignment, RequesterFeedback=feedback)
            return Settled.REJECTED
        client.approve_assignment(AssignmentId=decision.assignment)
    except client.exceptions.RequestError as error:
        if "invalidassignmentstate" not in turk_code(error).lower():
            raise
        return Settled.BEFORE
    return Settled.APPROVED
