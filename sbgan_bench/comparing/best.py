"""Every model of a column against the best of it, so that a table can say which are not told apart from the winner.

The winner is chosen by the very values that are then tested, so the pair that is looked at is the most different of
all. Corrected for the comparisons with it alone, equal models are told apart too often (in 9 % of cases among five of
them and 13 % among eight, where 5 % is promised); here p is adjusted for all pairs that could have turned out so,
which keeps the promise. Against a model that was named beforehand the family is only the comparisons with it.
"""

import statistics
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sbgan_bench.comparing.holm import ALPHA, holm
from sbgan_bench.comparing.permutation import REPLICATES, Trial, permutation_test
from sbgan_bench.comparing.pool import Compute
from sbgan_bench.comparing.rows import Comparison, Pairing, Unit
from sbgan_bench.comparing.seeds import seed_test
from sbgan_bench.comparing.words import limits, verdict
from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.reporting import no_report


def compare_with_best(
    sets: Mapping[str, Sequence[Features]],
    references: Sequence[Features],
    metric: Metric,
    *,
    train: Features | None = None,
    starts: Mapping[str, str] | None = None,
    barred: Collection[str] = (),
    against: str | None = None,
    replicates: int = REPLICATES,
    seed: int = 0,
    facts: Mapping[str, Any] | None = None,
    report: Callable[[int, int], None] = no_report,
) -> list[Comparison]:
    """Compare the images of every model of a column with those of the best by label swaps.

    Args:
        sets: ``(N, D)`` features by model and trial, of the block that the metric reads.
        references: ``(M, D)`` features of the reals of every trial.
        metric: Decides who is best.
        train: Features of the training images, for metrics that ask for them.
        starts: What the samples of a model start from (a pre-training and its sampling seeds, a set of layouts), by
            name. Two models with the same start are compared sample by sample; all others are pooled.
        barred: Names that may not win: collapsed sets, values that may not be ranked. They are compared all the same.
        against: A name chosen before the values were known, to stand in the winner's place.
        replicates: Relabellings per comparison.
        seed: Of the relabellings.
        facts: Fields of ``Comparison`` that say which column this is (see ``shared_facts``).
        report: Told the relabellings done and in all.

    Returns:
        One comparison for each model but the winner, in the order of ``sets``; none where nobody may win.

    Raises:
        BenchError: The metric does not rank models, trials are missing, sets do not fit together, or ``against`` is
            unknown.
    """
    compute = _two_sets(metric, train)
    _check_sets(sets, len(references))
    means = {
        name: statistics.fmean(compute(real, trial) for real, trial in zip(references, trials, strict=True))
        for name, trials in sets.items()
    }
    winner = _winner(means, metric, barred, against)
    if winner is None:
        return []
    others = [name for name in sets if name != winner]
    findings = []
    for index, other in enumerate(others):
        pairing = _pairing(starts or {}, winner, other)
        test = permutation_test(
            [Trial(*three) for three in zip(references, sets[other], sets[winner], strict=True)],
            compute,
            pairing=pairing,
            replicates=replicates,
            seed=seed,
            report=partial(_report_all, report, index * replicates, len(others) * replicates),
        )
        least = 1 / (1 + replicates)
        findings.append(_Finding(other, pairing, test.effect, test.low, test.high, test.p, least, 1))
    shared = {**(facts or {}), "replicates": replicates, "seed": seed, "trials": len(references)}
    return _comparisons(findings, means, winner, metric, Unit.IMAGES, _family(len(sets), against), shared)


def compare_seeds_with_best(
    values: Mapping[str, Mapping[int, float]],
    metric: Metric,
    *,
    starts: Mapping[str, str] | None = None,
    barred: Collection[str] = (),
    against: str | None = None,
    facts: Mapping[str, Any] | None = None,
) -> list[Comparison]:
    """Compare every method of a column with the best, training runs being the unit.

    Args:
        values: Value (mean over trials) by method and training seed.
        metric: What was measured; decides who is best.
        starts: What the runs of a method start from, by name: two methods with the same start and the same training
            seeds are compared seed by seed, all others are pooled.
        barred: As for ``compare_with_best``.
        against: As for ``compare_with_best``.
        facts: As for ``compare_with_best``.

    Returns:
        One comparison for each method but the winner, in the order of ``values``; none where nobody may win.

    Raises:
        BenchError: The metric does not rank models, a method has no seed, or ``against`` is unknown.
    """
    for name, runs in values.items():
        if not runs:
            raise BenchError(f"{name!r} has no trained seed; train it, or leave it out of the comparison.")
    means = {name: statistics.fmean(runs.values()) for name, runs in values.items()}
    winner = _winner(means, metric, barred, against)
    if winner is None:
        return []
    findings = []
    for other, runs in values.items():
        if other != winner:
            pairing = _pairing(starts or {}, winner, other) if set(runs) == set(values[winner]) else Pairing.POOLED
            test = seed_test(runs, values[winner], paired=pairing is Pairing.PAIRED)
            fewest = min(len(runs), len(values[winner]))
            finding = _Finding(other, pairing, test.effect, test.low, test.high, test.p, test.least_p, fewest)
            findings.append(finding)
    family = _family(len(values), against)
    return _comparisons(findings, means, winner, metric, Unit.SEEDS, family, facts or {})


@dataclass(frozen=True, slots=True)
class _Finding:
    """One test, before the family is known."""

    other: str
    pairing: Pairing
    effect: float
    low: float | None
    high: float | None
    p: float
    least_p: float
    training_seeds: int


def _comparisons(
    findings: Sequence[_Finding],
    means: Mapping[str, float],
    winner: str,
    metric: Metric,
    unit: Unit,
    family: int,
    facts: Mapping[str, Any],
) -> list[Comparison]:
    rows = []
    for finding, p_holm in zip(findings, holm([finding.p for finding in findings], family), strict=True):
        rejected = p_holm <= ALPHA
        least_p = min(1.0, family * finding.least_p)
        found = verdict(
            winner=winner, other=finding.other, title=metric.title, effect=finding.effect, p_holm=p_holm,
            rejected=rejected, unit=unit, pairing=finding.pairing, family=family,
        )  # fmt: skip
        limit = limits(least_p=least_p, alpha=ALPHA, unit=unit, training_seeds=finding.training_seeds)
        row = Comparison(
            **facts, metric=metric.name, better=metric.better, unit=unit, pairing=finding.pairing, family=family,
            winner=winner, other=finding.other, value_winner=means[winner], value_other=means[finding.other],
            effect=finding.effect, low=finding.low, high=finding.high, p=finding.p, p_holm=p_holm, rejected=rejected,
            words=" ".join(filter(None, (found, limit))), training_seeds=finding.training_seeds,
        )  # fmt: skip
        rows.append(row)
    return rows


def _check_sets(sets: Mapping[str, Sequence[Features]], trials: int) -> None:
    """Refuse models with different numbers of trials or images, by name."""
    sizes: dict[int, str] = {}
    for name, features in sets.items():
        if len(features) != trials:
            raise BenchError(f"{name!r} has {len(features)} trials and there are references for {trials}.")
        sizes |= {len(one): name for one in features}
    if len(sizes) > 1:
        found = ", ".join(f"N = {size} for {name!r}" for size, name in sorted(sizes.items()))
        raise BenchError(f"Sets of different size cannot be compared ({found}): values depend on N.")


def _winner(means: Mapping[str, float], metric: Metric, barred: Collection[str], against: str | None) -> str | None:
    """Return who is compared with: the one named, else the best that may win; None if nobody may."""
    if not metric.ranks:
        raise BenchError(f"{metric.title} does not rank models: there is no best value to compare with.")
    if against is not None and against not in means:
        raise BenchError(f"{against!r} is not among the models compared: {', '.join(means)}.")
    if against is not None:
        return against
    able = [name for name in means if name not in barred]
    choose = min if metric.better is Better.LOWER else max
    return choose(able, key=lambda name: means[name], default=None)


def _family(models: int, against: str | None) -> int:
    """Return how many comparisons the winner was found by: all pairs, or those with the one named beforehand."""
    return models - 1 if against is not None else models * (models - 1) // 2


def _pairing(starts: Mapping[str, str], winner: str, other: str) -> Pairing:
    shared = winner in starts and starts[winner] == starts.get(other)
    return Pairing.PAIRED if shared else Pairing.POOLED


def _two_sets(metric: Metric, train: Features | None) -> Compute:
    """Return the metric as a function of two sets.

    Raises:
        BenchError: It asks for the training images and there are none.
    """
    if not metric.uses_train:
        return metric.compute
    if train is None:
        raise BenchError(f"{metric.title} compares with the training images: give their features as ``train``.")
    return lambda real, generated: metric.compute(real, generated, train)


def _report_all(report: Callable[[int, int], None], before: int, total: int, done: int, _: int) -> None:
    report(before + done, total)
