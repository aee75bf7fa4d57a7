"""What chance alone would do: the exact tests behind the notes on duplicates and memorisation."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import betainc, gammaln

#: Below this probability under chance a finding is stated. Many sets are looked at, so it is small.
SIGNIFICANT = 1e-3


def at_least(count: int, *, trials: int, share: float) -> float:
    """Return the probability of ``count`` successes or more in ``trials`` of probability ``share`` (binomial)."""
    return float(betainc(count, trials - count + 1, share)) if count > 0 else 1.0


def at_most(count: int, *, marked: int, drawn: int, total: int) -> float:
    """Return the probability of at most ``count`` marked among ``drawn`` of ``total`` items (hypergeometric)."""
    hits = np.arange(max(0, drawn - (total - marked)), min(count, drawn, marked) + 1)
    logs = _choices(marked, hits) + _choices(total - marked, drawn - hits) - _choices(total, np.asarray(drawn))
    return min(1.0, float(np.exp(logs).sum()))


def _choices(total: int, chosen: NDArray[np.int_]) -> NDArray[np.float64]:
    """Return the logarithms of binomial coefficients."""
    return np.asarray(gammaln(total + 1) - gammaln(chosen + 1) - gammaln(total - chosen + 1))
