"""Bringing answers from Mechanical Turk as a result file like the one that its web site gives, without worker ids."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.crowd.assignments import HASHED
from sbgan_bench.rating.crowd.batch import BatchFolder, csv_text
from sbgan_bench.rating.crowd.identity import platform_hash
from sbgan_bench.rating.crowd.marketplace import Marketplace, MTurkError, study_hits, told
from sbgan_bench.rating.crowd.publishing import hit_tokens
from sbgan_bench.rating.crowd.result_file import ANSWER_PREFIX, APPROVE, INPUT_PREFIX, MARKETPLACE, REJECT
from sbgan_bench.rating.store.records import Platform
from sbgan_bench.rating.study import FrozenStudy
from sbgan_bench.storage import atomic_file

#: Columns of the result file of the web site, before those of inputs and answers.
PLATFORM_COLUMNS = (
    "HITId", "HITTypeId", "Title", "Description", "Keywords", "Reward", "CreationTime", "MaxAssignments",
    "RequesterAnnotation", "AssignmentDurationInSeconds", "AutoApprovalDelayInSeconds", "Expiration",
    "NumberOfSimilarHITs", "LifetimeInSeconds", "AssignmentId", "WorkerId", "AssignmentStatus", "AcceptTime",
    "SubmitTime", "AutoApprovalTime", "ApprovalTime", "RejectionTime", "RequesterFeedback", "WorkTimeInSeconds",
    "LifetimeApprovalRate", "Last30DaysApprovalRate", "Last7DaysApprovalRate",
)  # fmt: skip


def fetch_results(
    client: Any, folder: BatchFolder, study: FrozenStudy, marketplace: Marketplace, key: bytes, out: Path
) -> int:
    """Write all assignments of a batch so far to a result file.

    In the place of worker ids stand their keyed hashes.

    Args:
        client: Of ``connect``.
        folder: The batch.
        study: Whose batch.
        marketplace: Where the client looks; written down in each row, so that nobody takes trials for ratings.
        key: The study's secret.
        out: The file, replaced if it exists.

    Returns:
        How many assignments there are.

    Raises:
        ConfigError: Nothing of the batch was published there.
        MTurkError: The marketplace cannot be asked, or gives answers that are none.
    """
    batch = folder.read(study)
    listed = study_hits(client, study)
    tokens = hit_tokens(batch)
    found = [(batch.row(hit), listed[token]) for token, hit in tokens.items() if token in listed]
    if not found:
        raise ConfigError(
            f"No HIT of {folder.path} is on the {marketplace} marketplace: publish it, or see the other."
        )
    place = {MARKETPLACE: marketplace.value}
    rows = [line | place for row, hit in found for line in _lines(client, row, hit, key)]
    inputs = list(dict.fromkeys(name for row, _ in found for name in row))
    answers = sorted({name for line in rows for name in line if name.startswith(ANSWER_PREFIX)})
    columns = [
        *PLATFORM_COLUMNS,
        *(f"{INPUT_PREFIX}{name}" for name in inputs),
        *answers,
        MARKETPLACE,
        APPROVE,
        REJECT,
    ]
    with atomic_file(out) as temporary:
        temporary.chmod(0o600)
        temporary.write_text(csv_text(columns, rows), encoding="utf-8", newline="")
    return len(rows)


def _lines(client: Any, row: Mapping[str, str], hit: Mapping[str, Any], key: bytes) -> Iterator[dict[str, str]]:
    """Yield a line of the result file for every assignment of a HIT."""
    shown = {name: _text(value) for name, value in hit.items() if name in PLATFORM_COLUMNS}
    inputs = {f"{INPUT_PREFIX}{name}": value for name, value in row.items()}
    with told("fetch answers"):
        pages = client.get_paginator("list_assignments_for_hit").paginate(
            HITId=hit["HITId"], PaginationConfig={"PageSize": 100}
        )
        for page in pages:
            for assignment in page["Assignments"]:
                own = {name: _text(value) for name, value in assignment.items() if name in PLATFORM_COLUMNS}
                worker = HASHED + platform_hash(key, Platform.MTURK, assignment["WorkerId"])
                yield (
                    shown | own | inputs | {"WorkerId": worker, "WorkTimeInSeconds": _work_time(assignment)}
                    | _answers(assignment["Answer"])
                )  # fmt: skip


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _work_time(assignment: Mapping[str, Any]) -> str:
    """Return seconds from accepting to submitting."""
    times = assignment.get("AcceptTime"), assignment.get("SubmitTime")
    return str(round((times[1] - times[0]).total_seconds())) if times[0] and times[1] else ""


def _answers(document: str) -> dict[str, str]:
    """Return the fields of a QuestionFormAnswers document by column.

    Raises:
        MTurkError: It is none.
    """
    try:
        if "<!DOCTYPE" in document:
            raise ElementTree.ParseError("a document type declaration")
        root = ElementTree.fromstring(document)  # noqa: S314
    except ElementTree.ParseError as error:
        raise MTurkError(f"Mechanical Turk gave answers that cannot be read ({error}).") from error
    return {
        ANSWER_PREFIX + (answer.findtext("{*}QuestionIdentifier") or ""): answer.findtext("{*}FreeText") or ""
        for answer in root.iterfind("{*}Answer")
    }
