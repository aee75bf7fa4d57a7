"""Findings as rows of the common schema: one row per cell of Table 3, after the exclusions fixed beforehand."""

from collections.abc import Sequence
from typing import Any

from sbgan_bench.hashing import SHORT
from sbgan_bench.rating.analysis.findings import Analysis, CellFinding
from sbgan_bench.rating.study import CellIdentity, FrozenStudy, OwnerKey
from sbgan_bench.report.table_3 import interval_text
from sbgan_bench.results import FLOOR, HUMAN_SCORE, WITH_EXCLUDED, Origin, ResultRow, Status
from sbgan_bench.versions import component_versions

#: ``suite`` of the rows.
SUITE = "human ratings"


def protocol_name(study_hash: str) -> str:
    """Return the protocol of a study's rows."""
    return f"study-{study_hash[:SHORT]}"


def result_rows(analysis: Analysis, key: OwnerKey, study: FrozenStudy) -> tuple[ResultRow, ...]:
    """Return a row per cell, in the order of the key.

    The value is that of the raters who stay. What it would be with everybody stands in the notes and not in a row of
    its own, so that a table has one number for one thing. A cell that nobody rated is a skipped row with its reason.

    Args:
        analysis: Of the study's ratings.
        key: Whose images they are.
        study: As it was frozen.
    """
    shared: dict[str, Any] = {
        "suite": SUITE, "protocol": protocol_name(study.hash), "weights_hash": study.hash, "config_hash": study.hash,
        "metric": HUMAN_SCORE, "better": "higher", "versions": component_versions("scipy", "pandas"),
    }  # fmt: skip
    everyone = {finding.cell: finding for finding in analysis.everyone.cells}
    rows = []
    for finding in analysis.kept.cells:
        notes = (protocol_note(study), _everybody(finding, everyone.get(finding.cell)), finding.note)
        cell = _identity(key.cells[finding.cell], simulated=analysis.simulated)
        told = {"notes": tuple(note for note in notes if note)}
        rows.append(ResultRow.model_validate({**shared, **cell, **_numbers(finding), **told}))
    return _distinct(rows)


def protocol_note(study: FrozenStudy) -> str:
    """Say how scores came about, in a sentence that all rows of a study share."""
    words = ", ".join(f"{score} {label}" for score, label in enumerate(study.scale.labels, start=1))
    return (
        f"Single images at {study.height}×{study.width} pixels, {study.ratings_per_image} raters per image wanted; "
        f"“{study.scale.question}” {words}."
    )


def _identity(cell: CellIdentity, *, simulated: bool) -> dict[str, Any]:
    values = {name: getattr(cell, name) for name in CellIdentity.model_fields if name != "title"}
    origin = Origin.SIMULATED if simulated else Origin.REAL if cell.model == FLOOR else Origin(cell.origin)
    return values | {"origin": origin}


def _numbers(finding: CellFinding) -> dict[str, Any]:
    counts = {
        "num_generated": finding.n_images, "num_ratings": finding.n_ratings, "num_raters": finding.n_raters,
    }  # fmt: skip
    if finding.mean is None:
        return {**counts, "status": Status.SKIPPED, "reason": finding.note or "nobody rated these images"}
    error = finding.interval.standard_error if finding.interval is not None else None
    return {**counts, "value": finding.mean, "low": finding.low, "high": finding.high, "spread": error}


def _everybody(kept: CellFinding, everyone: CellFinding | None) -> str:
    """Say what the score would be without exclusions; "" where nobody was left out here."""
    if everyone is None or everyone.mean is None or everyone.n_ratings == kept.n_ratings:
        return ""
    return f"{WITH_EXCLUDED}{interval_text(everyone.mean, everyone.low, everyone.high)}, {everyone.n_ratings} ratings"


def _distinct(rows: Sequence[ResultRow]) -> tuple[ResultRow, ...]:
    """Give cells that the schema cannot tell apart, images of one model from two folders, variants of their own."""
    seen: dict[tuple[str, ...], int] = {}
    made = []
    for row in rows:
        times = seen[row.cell()] = seen.get(row.cell(), 0) + 1
        variant = " ".join(filter(None, (row.variant, f"(set {times})")))
        made.append(row if times == 1 else row.model_copy(update={"variant": variant}))
    return tuple(made)
