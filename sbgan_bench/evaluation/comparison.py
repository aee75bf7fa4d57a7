"""Which of several generated sets can be told from the best of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby

from sbgan_bench.comparing.best import compare_with_best
from sbgan_bench.comparing.rows import Comparison, shared_facts
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.evaluation.contest import Contest, GeneratedScenes
from sbgan_bench.metric import Metric
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.reporting import no_report
from sbgan_bench.results import FLOOR, ResultRow

#: Compared by unless somebody asks for others: both have a form that makes a thousand relabellings cheap.
USUAL = ("frechet-distance", "kernel-distance")


@dataclass(frozen=True, slots=True)
class Compared:
    """What was found."""

    rows: Sequence[Comparison]
    notes: Mapping[str, tuple[str, ...]]  #: what is wrong with single sets, by name; collapse, copies, bias


def compare_sets(
    contest: Contest,
    *,
    paired: bool = False,
    relabellings: int = 1000,
    report: Callable[[str, int, int], None] = no_report,
) -> Compared:
    """Compare the sets of a contest by label swaps, in every protocol and by every metric of its terms that ranks.

    Args:
        contest: Two sets or more; their terms name the metrics, else ``USUAL``.
        paired: Whether image i of every set shares its start (sampling seed and pre-training, layout). Sets painted
            from the same real layouts always do.
        relabellings: Draws of each test.
        report: Told (what is tested, relabellings done, in all).

    Returns:
        One comparison per protocol, metric and set but the best; sets with and without given layouts stay apart. Sets
        that may not be ranked are never the best, unless none may.

    Raises:
        DataError: Fewer than two sets can be compared.
        ConfigError: A metric was asked for that does not rank models.
    """
    metrics = _metrics(contest)
    if paired:
        _check_pairs(contest)
    found: list[Comparison] = []
    named = {metric.name for metric in metrics}
    summaries = [row for row in contest.rows() if row.trial is None and row.metric in named]
    ordered = sorted(contest.sets, key=lambda one: one.given_layouts)
    for given, group in groupby(ordered, key=lambda one: one.given_layouts):
        sets = list(group)
        for protocol in contest.protocols:
            able = [one for one in sets if protocol.name in contest.features(one)]
            for metric in metrics:
                yardstick = contest.yardsticks[protocol.name]
                if len(able) < 2 or not yardstick.applies(metric):
                    continue
                found += compare_with_best(
                    {
                        one.name: yardstick.generated(
                            metric, contest.features(one)[protocol.name], given_layouts=given
                        )
                        for one in able
                    },
                    yardstick.references(metric, given_layouts=given),
                    metric,
                    train=yardstick.training(metric),
                    starts=dict.fromkeys((one.name for one in able), "shared") if paired or given else None,
                    barred=_barred(summaries, able, protocol.name, metric),
                    replicates=relabellings,
                    facts=shared_facts(_row(summaries, able[0], protocol.name, metric)),
                    report=partial(report, f"{protocol.name}, {metric.name}"),
                )
    if not found:
        raise DataError("Nothing could be compared: give two sets or more that one protocol and metric can measure, "
                        "of which one may be the best.")  # fmt: skip
    rows_of = {one.name: [row for row in summaries if row.model == one.facts["model"]] for one in contest.sets}
    some_may = any(not row.unranked for row in summaries if row.model != FLOOR and row.value is not None)
    return Compared(found, {name: _told(rows, some_may=some_may) for name, rows in rows_of.items()})


def _told(rows: Sequence[ResultRow], *, some_may: bool) -> tuple[str, ...]:
    """Return the notes of a set, first of all why it cannot be the best, where others can."""
    barred = [row.unranked for row in rows if row.unranked and some_may]
    notes = [note for row in rows for note in row.notes if note not in barred]
    return tuple(dict.fromkeys([*(f"cannot be the best: {reason}" for reason in barred), *notes]))


def _check_pairs(contest: Contest) -> None:
    """Refuse sets of different size, of which no image i belongs to image i of another."""
    sizes = {one.total: one.name for one in contest.sets}
    if len(sizes) > 1:
        found = ", ".join(f"{name} has {size}" for size, name in sizes.items())
        raise DataError(f"--paired takes sets whose images belong together one by one, and {found}; leave it out.")


def _metrics(contest: Contest) -> list[Metric]:
    asked = contest.terms.metrics
    for name in asked:
        metric: Metric = load_plugin(PluginGroup.METRICS, name)
        if not metric.ranks:
            raise ConfigError(f"{metric.title} does not rank models: there is no best to compare with; leave it out.")
    return [metric for metric in contest.metrics if metric.name in (asked or USUAL)]


def _row(rows: Sequence[ResultRow], one: GeneratedScenes, protocol: str, metric: Metric) -> ResultRow:
    return next(
        row for row in rows
        if (row.model, row.protocol, row.metric) == (one.facts["model"], protocol, metric.name)
        and row.layout_source == one.facts.get("layout_source", row.layout_source)
    )  # fmt: skip


def _barred(
    rows: Sequence[ResultRow], sets: Sequence[GeneratedScenes], protocol: str, metric: Metric
) -> frozenset[str]:
    """Return the sets whose values may not be ranked; none where that is all of them."""
    barred = frozenset(one.name for one in sets if _row(rows, one, protocol, metric).unranked)
    return barred if len(barred) < len(sets) else frozenset()
