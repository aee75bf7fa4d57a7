"""Inception Score (Salimans et al. 2016): confident and varied guesses of a classifier of ImageNet."""

from itertools import pairwise

import numpy as np
from scipy.special import log_softmax, xlogy

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import checked


def inception_score(generated: Features, splits: int = 1) -> float:
    """Return ``exp(mean over images of KL(p(class | image) ‖ p(class)))``, the mean over splits.

    Args:
        generated: ``(N, classes)`` logits, N ≥ 2 and at least one a split. The softmax is taken in float64.
        splits: How many consecutive parts to score by themselves. One needs no order; 10 is the custom of the field
            and reads lower at small N.

    Returns:
        A number from 1 (one guess for all) to the number of classes.

    Raises:
        BenchError: Too few rows, NaN or infinite values, or splits below 1 or above N.
    """
    logits, _ = checked(generated, generated)
    count = len(logits)
    if not 1 <= splits <= count:
        raise BenchError(f"splits = {splits} do not fit {count} generated images: give 1 to {count}.")
    logs = log_softmax(logits, axis=1)
    bounds = [part * count // splits for part in range(splits + 1)]
    return float(np.mean([_score(logs[start:stop]) for start, stop in pairwise(bounds)]))


def _score(logs: Features) -> float:
    """Return exp(H(class) − mean H(class | image)) of log probabilities ``(N, classes)``."""
    shares = np.exp(logs)
    mean = shares.mean(axis=0)
    return float(np.exp(np.mean(np.sum(shares * logs, axis=1)) - np.sum(xlogy(mean, mean))))


def _of_generated(real: Features, generated: Features) -> float:
    """Score the generated images; the reals play no part, but must be of the same kind."""
    checked(real, generated)
    return inception_score(generated)


METRIC = Metric(
    name="inception-score",
    title="Inception Score",
    better=Better.HIGHER,
    source="Salimans et al. 2016, one split; blind to the reals, its classes are ImageNet's (Barratt & Sharma 2018)",
    compute=_of_generated,
    reads="logits",
    ranks=False,
)
