"""What people said of the models of a run: rows of rating studies, among its own or in its ``ratings`` folder."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sbgan_bench.comparing.correlation import CORRELATIONS, RankCorrelation
from sbgan_bench.comparing.rows import COMPARISONS, Comparison
from sbgan_bench.dashboard.reading import OpenRun, file_state, read_some
from sbgan_bench.manifest import FINDINGS, RATINGS, RESULTS
from sbgan_bench.results import HUMAN_SCORE, Origin, ResultRow
from sbgan_bench.within import file_within

_MOST_BYTES = 16 * 2**20


@dataclass(frozen=True, slots=True)
class People:
    """Everything that people said."""

    rows: tuple[ResultRow, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    correlations: tuple[RankCorrelation, ...] = ()
    findings: tuple[tuple[str, Any], ...] = ()  #: what the analysis of a study wrote down, as it stands in its file
    notes: tuple[str, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether any of it was made up."""
        return any(row.origin is Origin.SIMULATED for row in self.rows) or bool(dict(self.findings).get("simulated"))

    @property
    def studies(self) -> dict[str, list[ResultRow]]:
        """The rows of every study; two of them never share a table."""
        found: dict[str, list[ResultRow]] = {}
        for row in self.rows:
            found.setdefault(row.protocol, []).append(row)
        return found


def people(opened: OpenRun) -> People:
    """Return what people said, read once as long as the files stay the same."""
    folder = opened.run.path / RATINGS
    states = tuple(file_state(folder / name) for name in (RESULTS, COMPARISONS, CORRELATIONS, FINDINGS))
    return opened.once(("people", states), lambda: _read(opened, folder))


def _read(opened: OpenRun, folder: Path) -> People:
    rows, notes = read_some(folder, RESULTS, ResultRow, ResultRow.cell)
    tests, test_notes = read_some(folder, COMPARISONS, Comparison, Comparison.key)
    orders, order_notes = read_some(folder, CORRELATIONS, RankCorrelation, RankCorrelation.key)
    findings, finding_notes = _findings(folder)
    run = opened.run
    return People(
        tuple({row.cell(): row for row in (*opened.human, *rows) if row.metric == HUMAN_SCORE}.values()),
        tuple(one for one in (*run.comparisons, *tests) if one.metric == HUMAN_SCORE),
        tuple(one for one in (*run.correlations, *orders) if HUMAN_SCORE in (one.metric, one.other_metric)),
        tuple(findings.items()),
        tuple(f"{RATINGS}/{note}" for note in (*notes, *test_notes, *order_notes, *finding_notes)),
    )


def _findings(folder: Path) -> tuple[dict[str, Any], tuple[str, ...]]:
    path = file_within(folder, FINDINGS)
    if path is None:
        return {}, ()
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}, (f"{FINDINGS} is larger than the dashboard reads.",)
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}, (f"{FINDINGS} is damaged and was not read.",)
    return (found, ()) if isinstance(found, dict) else ({}, (f"{FINDINGS} holds no findings.",))


def at(values: object, *keys: str) -> Any:
    """Return what lies in nested tables under some keys, or None: files of others need not have it."""
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def texts(values: object) -> list[str]:
    """Return those items of a list that are texts."""
    return [value for value in values if isinstance(value, str)] if isinstance(values, Iterable) else []
