"""The job that compares the models of one question: which of them can be told from the best."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.comparing.best import compare_seeds_with_best, compare_with_best
from sbgan_bench.comparing.rows import COMPARISONS, Comparison, shared_facts, write_comparisons
from sbgan_bench.hashing import hash_file
from sbgan_bench.metric import Metric
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.results import ResultRow, read_rows
from sbgan_bench.scoring import Yardstick
from sbgan_bench.suite.jobs.context import ROWS, JobContext, Tick
from sbgan_bench.suite.jobs.measuring import read_features, read_yardstick


def compare(context: JobContext) -> str:
    """Compare every model with the best by every protocol and metric: images with one training seed, else the runs."""
    found: list[Comparison] = []
    members = [
        (index, member)
        for index, member in enumerate(context.config["members"])
        if f"score:{index}" in context.inputs and f"features:{index}" in context.inputs
    ]
    rows = {index: read_rows(context.inputs[f"score:{index}"] / ROWS) for index, _ in members}
    metrics: list[Metric] = [load_plugin(PluginGroup.METRICS, name) for name in context.config["metrics"]]
    for protocol in context.config["protocols"] if members else ():  # what was scored has its reals
        yardstick = read_yardstick(context, protocol)
        for metric in (metric for metric in metrics if yardstick.applies(metric)):
            summaries = {index: _summary(rows[index], protocol, metric.name) for index, _ in members}
            scored = {index: row for index, row in summaries.items() if row is not None}
            for choice in _selections(scored):
                able = [(index, member) for index, member in members if _fits(scored.get(index), choice)]
                found += _compared(context, yardstick, metric, able, scored)
    write_comparisons(context.folder / COMPARISONS, found)
    return hash_file(context.folder / COMPARISONS)


def _summary(rows: Sequence[ResultRow], protocol: str, metric: str) -> ResultRow | None:
    """Return the summary of one protocol and metric; None where it was not measured, or has no value."""
    summaries = (row for row in rows if row.trial is None and row.value is not None)
    return next((row for row in summaries if (row.protocol, row.metric) == (protocol, metric)), None)


def _selections(rows: Mapping[int, ResultRow]) -> list[str]:
    """Return the ways in which checkpoints were chosen, a column each; models that were only loaded join them all."""
    return sorted({row.selection for row in rows.values()} - {""}) or ([""] if rows else [])


def _fits(row: ResultRow | None, selection: str) -> bool:
    return row is not None and row.selection in ("", selection)


def _compared(
    context: JobContext,
    yardstick: Yardstick,
    metric: Metric,
    members: Sequence[tuple[int, Mapping[str, Any]]],
    summaries: Mapping[int, ResultRow],
) -> list[Comparison]:
    seeds: dict[str, dict[int, float]] = defaultdict(dict)
    for index, member in members:
        seeds[member["name"]][member["seed"] or 0] = summaries[index].value or 0.0
    barred = {member["name"] for index, member in members if summaries[index].unranked}
    shown = max((summaries[index] for index, _ in members), key=lambda row: row.selection != "")
    facts = {**shared_facts(shown), "question": context.config["question"]}
    if max(len(runs) for runs in seeds.values()) > 1:
        starts = {member["name"]: member["trained_from"] for _, member in members if member["trained_from"]}
        return compare_seeds_with_best(seeds, metric, starts=starts, barred=barred, facts=facts)
    given = all(member["given_layouts"] for _, member in members)
    sets = {
        member["name"]: yardstick.generated(metric, _features(context, index, yardstick), given_layouts=given)
        for index, member in members
    }
    return compare_with_best(
        sets,
        yardstick.references(metric, given_layouts=given),
        metric,
        train=yardstick.training(metric),
        starts={member["name"]: member["start"] for _, member in members},
        barred=barred,
        replicates=int(context.config["relabellings"]),
        facts=facts,
        report=lambda done, total: context.report(Tick(done, total, f"{yardstick.info.name} {metric.name}")),
    )


def _features(context: JobContext, index: int, yardstick: Yardstick) -> NDArray[np.float32]:
    return read_features(context.inputs[f"features:{index}"], yardstick.info.name)
