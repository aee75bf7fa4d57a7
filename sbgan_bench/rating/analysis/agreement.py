"""Agreement between raters: Krippendorff's alpha for ordinal scores.

Krippendorff, Content Analysis (4th edition 2019), chapter 12: alpha = 1 - observed / expected disagreement, over the
coincidences of scores within images that have at least two; any number of ratings per image. Two scores are as far
apart as there are ratings between them. The interval is an expanded percentile bootstrap over images
(Zapf et al. 2016, BMC Medical Research Methodology 16:93; expanded: Hesterberg 2015).
"""

import krippendorff
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sbgan_bench.rating.analysis.bootstrap import RESAMPLES, multiplicities, percentiles
from sbgan_bench.rating.analysis.cell import Floats
from sbgan_bench.rating.analysis.findings import Agreement
from sbgan_bench.rating.study import SCORES


def agreement(counts: NDArray[np.int64], rng: np.random.Generator, resamples: int = RESAMPLES) -> Agreement:
    """Compute ordinal alpha with a 95 % interval.

    Args:
        counts: (N, 4) ratings of 1, 2, 3 and 4 by image.
        rng: Draws the resamples.
        resamples: How many.

    Returns:
        The agreement; without alpha, and with a reason, where no image has two ratings or all scores are equal.
    """
    paired = counts[counts.sum(axis=1) >= 2]
    sizes = len(paired), int(paired.sum())
    if not len(paired):
        return Agreement(None, None, None, *sizes, "no image has two ratings")
    if (paired.sum(axis=0) > 0).sum() < 2:
        return Agreement(None, None, None, *sizes, "all scores are equal: there is nothing to agree about")
    alpha = float(krippendorff.alpha(value_counts=paired, value_domain=SCORES, level_of_measurement="ordinal"))
    if len(paired) == 1:
        return Agreement(alpha, None, None, *sizes, "a single image: no interval")
    resampled = ordinal_alphas(multiplicities(rng, len(paired), resamples), paired)
    return Agreement(alpha, *percentiles(resampled[np.isfinite(resampled)], len(paired)), *sizes)


def score_counts(rows: pd.DataFrame) -> NDArray[np.int64]:
    """Count scores by image, (N, 4), of rows of the long table."""
    table = pd.crosstab(rows["image"], rows["score"]).reindex(columns=list(SCORES), fill_value=0)
    return np.asarray(table, np.int64)


def ordinal_alphas(weights: Floats, counts: NDArray[np.int64]) -> Floats:
    """Compute ordinal alpha of many weighted sets of images at once.

    Args:
        weights: (R, N) how often each set holds each image.
        counts: (N, 4) scores by image, at least two of each.

    Returns:
        (R,) alpha; NaN where a set has a single score.
    """
    size = counts.shape[1]
    ratings = counts.sum(axis=1)[:, None, None]
    within = (counts[:, :, None] * counts[:, None, :] - counts[:, :, None] * np.eye(size)) / (ratings - 1)
    observed = (weights @ within.reshape(len(counts), -1)).reshape(-1, size, size)
    totals = observed.sum(axis=2)
    ends = np.cumsum(totals, axis=1) - totals / 2  # the middle of each score's ratings, all put in a row
    distances = (ends[:, :, None] - ends[:, None, :]) ** 2
    expected = np.einsum("rc,rd,rcd->r", totals, totals, distances) / (totals.sum(axis=1) - 1)
    found = np.einsum("rcd,rcd->r", observed, distances)
    return np.asarray(1 - np.divide(found, expected, out=np.full(len(weights), np.nan), where=expected > 0))
