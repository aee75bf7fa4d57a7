"""95 % intervals of the mean of a cell.

The one to print is by variance components: images and raters are both drawn from more than there are, so the mean
varies by s_a² Σ(n_i/n)² + s_b² Σ(m_j/n)² + s_e²/n. The unbiased estimate of that and its Satterthwaite degrees of
freedom (``EstimatedVariance``) give t.

Scores end at 1 and 4. Near an end the mean is skewed and its variance falls with it, so the interval is formed for the
logit of p = (mean - 1)/3, where neither is so, and taken back: the standard error of p divided by p(1 - p) is that of
the logit, to first order (the logit interval of a proportion: Brown, Cai and DasGupta 2001, Statistical Science 16,
101-133, section 4.1). It never leaves the scale.
"""

import math

import numpy as np
from scipy.special import expit, logit, stdtrit

from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.components import untruncated_components
from sbgan_bench.rating.analysis.findings import Interval
from sbgan_bench.rating.analysis.quadratic import covariance_of, variance_of_mean
from sbgan_bench.rating.analysis.variance import EstimatedVariance
from sbgan_bench.rating.study import SCORES

#: Probability that an interval shall hold the true mean.
CONFIDENCE = 0.95
#: With fewer raters an interval is marked: simulated coverage falls below 93 %.
FEW_RATERS = 5


def mean_interval(cell: CellRatings) -> Interval:
    """Return the mean of a cell with its interval by variance components.

    There is none, and the note says so, with a single rater or image (how others differ cannot be known) and where all
    scores are equal (nothing to estimate a variance from).

    Args:
        cell: At least one rating.
    """
    mean, raw, reason = float(cell.scores.mean()), untruncated_components(cell), _why_unknown(cell)
    if reason or raw is None:
        return unknown_interval(mean, reason)
    components = np.maximum(raw, 0.0)
    variance = EstimatedVariance.of(
        unbiased=float(cell.weights @ raw),
        expected=float(cell.weights @ components),
        spread=variance_of_mean(cell).variance(covariance_of(cell, components)),
        least=(components[0] + components[2]) / len(cell),
    )
    return _on_the_scale(mean, variance, _caution(cell))


def naive_interval(cell: CellRatings) -> Interval:
    """Return the interval that treats ratings as independent draws: t with n - 1, and too narrow.

    Args:
        cell: At least one rating.
    """
    mean, n = float(cell.scores.mean()), len(cell)
    if n < 2 or np.ptp(cell.scores) == 0:
        return unknown_interval(mean, _why_unknown(cell) or "a single rating")
    error = float(cell.scores.std(ddof=1)) / math.sqrt(n)
    half = quantile(n - 1) * error
    return Interval(mean, mean - half, mean + half, half, error, float(n - 1))


def unknown_interval(estimate: float, reason: str) -> Interval:
    """Return an estimate without an interval."""
    return Interval(estimate, None, None, None, None, None, reason)


def quantile(freedom: float) -> float:
    """Return the quantile of t that 95 % of its absolute values are below."""
    return float(stdtrit(freedom, (1 + CONFIDENCE) / 2))


def _on_the_scale(mean: float, variance: EstimatedVariance, note: str) -> Interval:
    """Form the interval for the logit of the mean's place between the ends of the scale."""
    least, span, error = SCORES[0], SCORES[-1] - SCORES[0], math.sqrt(variance.value)
    place = (mean - least) / span
    reach = quantile(variance.freedom) * error / (span * place * (1 - place))
    low, high = (least + span * float(expit(logit(place) + side * reach)) for side in (-1, 1))
    return Interval(mean, low, high, (high - low) / 2, error, variance.freedom, note)


def _why_unknown(cell: CellRatings) -> str:
    if cell.n_raters == 1:
        return "a single rater: how raters differ cannot be known"
    if cell.n_images == 1:
        return "a single image: how images differ cannot be known"
    if np.ptp(cell.scores) == 0:
        return f"all {len(cell)} scores are {cell.scores[0]:.0f}: nothing to estimate a variance from"
    return ""


def _caution(cell: CellRatings) -> str:
    return f"{cell.n_raters} raters only: an interval of so few is rough" if cell.n_raters < FEW_RATERS else ""
