"""Scores into result rows: one row per trial, a summary, and the notes a reader must have beside them."""

from collections.abc import Mapping
from typing import Any

from sbgan_bench.results import ResultRow
from sbgan_bench.splits import Scores


def score_rows(facts: Mapping[str, Any], scores: Scores, sampling_seeds: range | None = None) -> list[ResultRow]:
    """Return a row per trial and the summary row.

    Args:
        facts: Fields of ``ResultRow`` that all of them share, ``num_generated`` among them.
        scores: Values of the trials and what they come to; their caution joins the notes.
        sampling_seeds: Seeds of all generated images, trial after trial; None where nothing was sampled here.
    """
    num = facts["num_generated"]
    if scores.caution:
        facts = {**facts, "notes": (*facts.get("notes", ()), scores.caution)}
    trials = [
        ResultRow(
            **facts,
            trial=trial,
            value=value,
            trials=1,
            sampling_seeds=_span(sampling_seeds, trial * num, (trial + 1) * num),
        )
        for trial, value in enumerate(scores.values)
    ]
    summary = ResultRow(
        **facts,
        value=scores.mean,
        spread=scores.spread,
        low=scores.low,
        high=scores.high,
        trials=len(scores.values),
        sampling_seeds=_span(sampling_seeds, 0, num * len(scores.values)),
    )
    return [*trials, summary]


def _span(seeds: range | None, start: int, stop: int) -> str:
    return "" if seeds is None else f"{seeds[start]}..{seeds[stop - 1]}"


def singular_note(row: ResultRow) -> str:
    """Return the warning that a row's covariance is singular, which its N and dimension imply; "" if it is not."""
    if row.num_generated > row.dim:
        return ""
    return f"N = {row.num_generated} is not above the {row.dim} dimensions of {row.protocol}: read the floor beside it"
