"""Whether two methods differ when each was trained several times: training runs, not images, are what is drawn.

A test over images speaks of two sets of weights. Only several training seeds speak of the methods behind them; they
are few, so the test is exact (all relabellings are enumerated) and says which p it could reach at best.
"""

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.stats
from numpy.typing import NDArray
from scipy.special import stdtrit

from sbgan_bench.errors import BenchError
from sbgan_bench.noise import generator
from sbgan_bench.splits import CONFIDENCE, summarise

#: Up to so many relabellings all are enumerated; of more, this many are drawn.
_MOST = 100_000


@dataclass(frozen=True, slots=True)
class SeedTest:
    """By how much two methods differ over training seeds, and how often that would happen by chance."""

    effect: float  #: mean of the first less mean of the second
    low: float | None  #: 95 % t-interval of the effect (Welch's where seeds are not paired); None with a single seed
    high: float | None
    p: float  #: two-sided
    least_p: float  #: the smallest p that so few seeds can give


def seed_test(first: Mapping[int, float], second: Mapping[int, float], *, paired: bool) -> SeedTest:
    """Test whether the training runs of two methods are exchangeable, by their mean values.

    Args:
        first: Value by training seed.
        second: Value by training seed.
        paired: Whether runs with the same seed share their start, so that only the members of such a pair could have
            been the other way round (an exact sign-flip test); otherwise any runs could.

    Returns:
        The test. A single seed on either side tests nothing: p = least_p = 1.

    Raises:
        BenchError: A side without seeds, or pairs whose seeds differ.
    """
    if not first or not second:
        raise BenchError("A model without a single trained seed cannot be compared; train it, or leave it out.")
    if paired and set(first) != set(second):
        raise BenchError(
            f"Training seeds {sorted(first)} and {sorted(second)} cannot be paired: train both models with the same "
            "seeds, or compare them unpaired."
        )
    return _paired(first, second) if paired else _unpaired(list(first.values()), list(second.values()))


def _paired(first: Mapping[int, float], second: Mapping[int, float]) -> SeedTest:
    scores = summarise([first[seed] - second[seed] for seed in first])
    relabellings = 2 ** len(first)
    p = _p_value([np.array(scores.values)], "samples", relabellings) if len(first) > 1 else 1.0
    return SeedTest(scores.mean, scores.low, scores.high, p, _least(relabellings))


def _unpaired(first: list[float], second: list[float]) -> SeedTest:
    effect = statistics.fmean(first) - statistics.fmean(second)
    if min(len(first), len(second)) < 2:
        return SeedTest(effect, None, None, 1.0, 1.0)
    half = _welch_half_width(first, second)
    relabellings = math.comb(len(first) + len(second), len(first))
    p = _p_value([np.array(first), np.array(second)], "independent", relabellings)
    return SeedTest(effect, effect - half, effect + half, p, _least(relabellings))


def _least(relabellings: int) -> float:
    """Two-sided: the observed labels and their opposite."""
    return 2 / min(relabellings, _MOST)


def _p_value(groups: list[NDArray[np.float64]], kind: str, relabellings: int) -> float:
    def difference(*data: NDArray[np.float64], axis: int) -> Any:
        means = [values.mean(axis=axis) for values in data]
        return means[0] - means[1] if len(means) > 1 else means[0]

    test = scipy.stats.permutation_test(
        groups,
        difference,
        permutation_type=kind,
        vectorized=True,
        n_resamples=np.inf if relabellings <= _MOST else _MOST - 1,
        batch=10_000,
        random_state=generator("labels of training seeds"),
    )
    return float(test.pvalue)


def _welch_half_width(first: list[float], second: list[float]) -> float:
    """Return half of Welch's interval for a difference of means (Welch 1947, Biometrika 34)."""
    shares = [statistics.variance(values) / len(values) for values in (first, second)]
    if sum(shares) == 0:
        return 0.0
    freedom = sum(shares) ** 2 / sum(
        share**2 / (len(values) - 1) for share, values in zip(shares, (first, second), strict=True)
    )
    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2)) * math.sqrt(sum(shares))
