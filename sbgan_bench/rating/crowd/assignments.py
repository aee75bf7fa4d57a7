"""A result file as assignments, and assignments as ratings of the store."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sbgan_bench.rating.crowd.answers import AnswerError, IncompleteError, read_answers
from sbgan_bench.rating.crowd.columns import Item
from sbgan_bench.rating.crowd.identity import platform_hash
from sbgan_bench.rating.crowd.result_file import ASSIGNMENT, STATUS, WORKER, ResultFile, ResultRow
from sbgan_bench.rating.store.records import Answer, AssignmentOutcome, Platform
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import FrozenStudy

#: What stands before the keyed hash that ``fetch_results`` writes in the place of a worker's id.
HASHED = "hmac-sha256:"


class Fate(StrEnum):
    """What becomes of an assignment."""

    RECORDED = "recorded"
    ALREADY = "here before"
    SURPLUS = "surplus"  #: all its images have their K ratings, or this worker rated them before
    REFUSED = "refused"  #: it cannot be read as a whole set of scores; nothing of it is kept
    SKIPPED = "skipped"  #: rejected on the platform, or a second row of the same assignment


@dataclass(frozen=True, slots=True)
class Assignment:
    """One row of a result file, read."""

    row: int  #: in the file, the header being row 1
    worker: str = field(repr=False)  #: as the file has it
    submitted: bool  #: neither approved nor rejected yet
    answers: tuple[Answer, ...] = ()  #: empty if there is a fault
    fate: Fate | None = None  #: REFUSED or SKIPPED; None for what goes to the store
    reason: str = ""  #: of such a fate
    incomplete: bool = False  #: refused since scores are missing


@dataclass(frozen=True, slots=True)
class Record:
    """What became of one row."""

    row: int
    fate: Fate
    recorded: int = 0  #: new ratings
    already: int = 0  #: ratings that were here before
    surplus: int = 0  #: ratings not kept
    reason: str = ""


def read_assignments(results: ResultFile, items: Sequence[Item], study: FrozenStudy) -> tuple[Assignment, ...]:
    """Read every row of a result file; none of them stops the others."""
    seen: set[str] = set()
    return tuple(_read(row, items, study, seen) for row in results.rows)


def _read(row: ResultRow, items: Sequence[Item], study: FrozenStudy, seen: set[str]) -> Assignment:
    identifier, worker = row.cells[ASSIGNMENT].strip(), row.cells[WORKER].strip()
    status = row.cells[STATUS].strip().lower()
    submitted = status == "submitted"
    if not submitted and status != "approved":
        reason = "rejected on the platform" if status == "rejected" else "neither submitted nor approved"
        return Assignment(row.number, worker, submitted, fate=Fate.SKIPPED, reason=reason)
    if identifier in seen:
        return Assignment(row.number, worker, submitted, fate=Fate.SKIPPED, reason="a second row of an assignment")
    if not (identifier and worker):
        return Assignment(row.number, worker, submitted, fate=Fate.REFUSED, reason="names no assignment or no worker")
    seen.add(identifier)
    try:
        return Assignment(row.number, worker, submitted, read_answers(row, items, study))
    except AnswerError as error:
        incomplete = isinstance(error, IncompleteError)
        return Assignment(row.number, worker, submitted, (), Fate.REFUSED, str(error), incomplete)


def record_assignments(store: RatingStore, key: bytes, assignments: Iterable[Assignment]) -> Iterator[Record]:
    """Put assignments into the store, each as a whole, and say what became of them.

    Doing it again changes nothing. Of a worker's id no more than the keyed hash gets there.

    Raises:
        StoreFullError: No room; what was recorded before stands, and the same file can be imported again.
        StoreBusyError: The database did not answer; likewise.
    """
    for assignment in assignments:
        if assignment.fate is not None:
            yield Record(assignment.row, assignment.fate, reason=assignment.reason)
        else:
            outcome = store.add_assignment(Platform.MTURK, worker_hash(key, assignment.worker), assignment.answers)
            yield _record(assignment.row, outcome)


def _record(row: int, outcome: AssignmentOutcome) -> Record:
    fate = Fate.RECORDED if outcome.recorded else Fate.ALREADY if outcome.already else Fate.SURPLUS
    return Record(row, fate, outcome.recorded, outcome.already, outcome.surplus)


def worker_hash(key: bytes, worker: str) -> str:
    """Return the keyed hash of a worker, whose id may have been hashed before it came into the file."""
    if re.fullmatch(re.escape(HASHED) + "[0-9a-f]{64}", worker):
        return worker.removeprefix(HASHED)
    return platform_hash(key, Platform.MTURK, worker)
