"""Whether two sets of generated images differ by more than chance: a test by swapping their labels.

The test's null hypothesis is that the two sets are exchangeable: that it does not matter which model a sample came
from. It is not that the two values of the metric are equal. Given it, every relabelling was as likely as the one
observed, so the share of relabellings with at least the observed difference is a p-value, exact at any N
(Lehmann & Romano 2005, §15.2; the count of the observed one among them: Phipson & Smyth 2010, eq. 2).
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sbgan_bench.comparing.fast import pooled
from sbgan_bench.comparing.pool import AbstractPooledMetric, Compute, Rows
from sbgan_bench.comparing.rows import Pairing
from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Features
from sbgan_bench.noise import generator
from sbgan_bench.reporting import no_report
from sbgan_bench.splits import summarise

#: Relabellings that are drawn.
REPLICATES = 1000

#: Differences that are equal up to this share of the terms behind them count as ties, and against the finding.
_TIE = 1e-10


@dataclass(frozen=True, slots=True)
class Trial:
    """Two sets of generated features and the reals that both are compared with."""

    reference: Features  #: (M, D)
    first: Features  #: (N, D)
    second: Features  #: (N, D); under ``PAIRED`` row i shares its start with row i of ``first``


@dataclass(frozen=True, slots=True)
class PermutationTest:
    """By how much two sets differ, and how often that would happen if they were exchangeable."""

    firsts: tuple[float, ...]  #: the metric of the first set, trial by trial
    seconds: tuple[float, ...]  #: the metric of the second set
    effect: float  #: mean over trials of first minus second
    low: float | None  #: 95 % t-interval of the effect over trials; None for a single trial
    high: float | None
    p: float  #: two-sided; at least 1 / (1 + replicates)


def permutation_test(
    trials: Sequence[Trial],
    compute: Compute,
    *,
    pairing: Pairing,
    replicates: int = REPLICATES,
    seed: int = 0,
    report: Callable[[int, int], None] = no_report,
) -> PermutationTest:
    """Test whether the samples of two models are exchangeable, by the difference of a metric.

    The statistic is the mean over trials of ``compute(real, first) − compute(real, second)``; labels are swapped
    within each trial. Exchanging the two sets negates the effect and keeps p.

    Args:
        trials: At least one; all with the same N.
        compute: A two-set metric. The Fréchet and the kernel distance have fast forms.
        pairing: Which labels may be swapped.
        replicates: Number of relabellings.
        seed: Of the relabellings; replicate r of trial t draws the same labels whatever else is asked for.
        report: Told the replicates done and in all.

    Raises:
        BenchError: No trials or replicates, sets of different size or dimension, or whatever the metric raises.
    """
    count = _checked_count(trials, replicates)
    ordered = trials[0].first.tobytes() <= trials[0].second.tobytes()  # one order of the pool, whoever is called first
    pools = [(trial.first, trial.second) if ordered else (trial.second, trial.first) for trial in trials]
    metrics = [
        pooled(compute, trial.reference, np.concatenate(pool)) for trial, pool in zip(trials, pools, strict=True)
    ]
    halves = np.arange(count), np.arange(count, 2 * count)
    values = [tuple(metric.exact(half) for metric in metrics) for half in halves]
    firsts, seconds = values if ordered else values[::-1]
    scores = summarise([one - other for one, other in zip(firsts, seconds, strict=True)])
    threshold = abs(scores.mean) - _tie(metrics, firsts, seconds)
    extreme = 0
    for replicate in range(replicates):
        labels = [_relabel(count, pairing, seed, replicate, trial) for trial in range(len(trials))]
        extreme += _reaches(threshold, metrics, labels)
        report(replicate + 1, replicates)
    p = (1 + extreme) / (1 + replicates)
    return PermutationTest(firsts, seconds, scores.mean, scores.low, scores.high, p)


def _relabel(count: int, pairing: Pairing, seed: int, replicate: int, trial: int) -> tuple[Rows, Rows]:
    """Draw two sets of ``count`` rows from a pool of twice as many; equal sets come in equal order."""
    draw = generator("labels of two sets", seed, replicate, trial)
    if pairing is Pairing.PAIRED:
        swapped = draw.integers(0, 2, count) * count
        return np.arange(count) + swapped, np.arange(count) + (count - swapped)
    order = draw.permutation(2 * count)
    return np.sort(order[:count]), np.sort(order[count:])


def _reaches(threshold: float, metrics: Sequence[AbstractPooledMetric], labels: Sequence[tuple[Rows, Rows]]) -> bool:
    """Return whether a relabelling's difference is at least ``threshold`` in size.

    The quick values decide wherever their error cannot change the answer; the exact ones do elsewhere.
    """
    pairs = [(metric.quick(one), metric.quick(two)) for metric, (one, two) in zip(metrics, labels, strict=True)]
    difference = abs(statistics.fmean(one.value - two.value for one, two in pairs))
    if abs(difference - threshold) <= statistics.fmean(one.error + two.error for one, two in pairs):
        exact = (metric.exact(one) - metric.exact(two) for metric, (one, two) in zip(metrics, labels, strict=True))
        difference = abs(statistics.fmean(exact))
    return difference >= threshold


def _tie(metrics: Sequence[AbstractPooledMetric], firsts: Sequence[float], seconds: Sequence[float]) -> float:
    """Return the difference that is no more than rounding."""
    sizes = zip((metric.scale for metric in metrics), map(abs, firsts), map(abs, seconds), strict=True)
    return _TIE * statistics.fmean(map(max, sizes))


def _checked_count(trials: Sequence[Trial], replicates: int) -> int:
    """Return the number of samples in each set.

    Raises:
        BenchError: There are none, or they do not fit together; the message holds the numbers.
    """
    if not trials:
        raise BenchError("There are no trials to compare; give at least one.")
    if replicates < 1:
        raise BenchError(f"{replicates} relabellings cannot test anything; ask for at least 1.")
    count = len(trials[0].first)
    for index, trial in enumerate(trials):
        if not len(trial.first) == len(trial.second) == count:
            raise BenchError(
                f"Trial {index} compares sets of {len(trial.first)} and {len(trial.second)} images, and trial 0 has "
                f"{count}: values depend on N, so compare sets of one size."
            )
        if trial.first.shape[1:] != trial.second.shape[1:]:
            raise BenchError(
                f"Trial {index} compares features of shape {trial.first.shape} and {trial.second.shape}: "
                "extract both with one protocol."
            )
    return count
