"""Crossed bootstrap of the mean of a cell: raters and images are resampled together.

A resample draws J raters and I images with replacement, independently, and weighs a rating by how often its rater
times how often its image was drawn (the pigeonhole bootstrap: McCullagh 2000, Bernoulli 6, 285-301; Owen 2007, Annals
of Applied Statistics 1, 386-411). It asks for no model, and counts the residual variance about three times: it is
conservative, hence a check on the interval by variance components, not the one to print. Of few raters percentiles are
too close together; they are taken further out, as t is further out than the normal (Hesterberg 2015, The American
Statistician 69, 371-386, section 4.3, "expanded percentile").
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import ndtr, stdtrit

from sbgan_bench.rating.analysis.cell import CellRatings, Floats
from sbgan_bench.rating.analysis.findings import Interval
from sbgan_bench.rating.analysis.intervals import CONFIDENCE, unknown_interval

RESAMPLES = 2000


def bootstrap_interval(cell: CellRatings, rng: np.random.Generator, resamples: int = RESAMPLES) -> Interval:
    """Return the 95 % expanded percentile interval of the mean.

    Args:
        cell: At least one rating.
        rng: Draws the resamples.
        resamples: How many.
    """
    mean = float(cell.scores.mean())
    if cell.n_raters == 1 or cell.n_images == 1 or np.ptp(cell.scores) == 0:
        return unknown_interval(mean, "a single rater, a single image or a single score: nothing to resample")
    means = _resampled_means(cell, rng, resamples)
    low, high = percentiles(means, min(cell.n_raters, cell.n_images))
    return Interval(mean, low, high, (high - low) / 2, float(means.std(ddof=1)), None)


def percentiles(values: Floats, units: int) -> tuple[float, float]:
    """Return the quantiles that leave 2.5 % on either side, expanded for having resampled so few units.

    Args:
        values: (R,) of the resamples.
        units: How many things were resampled, >= 2.
    """
    reach = math.sqrt(units / (units - 1)) * stdtrit(units - 1, (1 + CONFIDENCE) / 2)
    low, high = np.quantile(values, [ndtr(-reach), ndtr(reach)])
    return float(low), float(high)


def multiplicities(rng: np.random.Generator, size: int, resamples: int) -> NDArray[np.float64]:
    """Return how often each of ``size`` things is drawn, (resamples, size): ``size`` draws with replacement."""
    return rng.multinomial(size, np.full(size, 1 / size), resamples).astype(np.float64)


def _resampled_means(cell: CellRatings, rng: np.random.Generator, resamples: int) -> Floats:
    """Return the weighted means; resamples that draw no rating at all (in very small designs) are left out."""
    images = multiplicities(rng, cell.n_images, resamples)
    raters = multiplicities(rng, cell.n_raters, resamples)
    sums, weights = (
        np.einsum("ri,ir->r", images, _table(values, cell) @ raters.T) for values in (cell.scores, np.ones(len(cell)))
    )
    drawn = weights > 0
    return np.asarray(sums[drawn] / weights[drawn])


def _table(values: Floats, cell: CellRatings) -> sparse.csr_array:
    return sparse.csr_array((values, (cell.image, cell.rater)), shape=(cell.n_images, cell.n_raters))
