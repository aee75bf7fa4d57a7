"""The mean of a score that is a rounded normal variable."""

import numpy as np
from scipy.special import ndtr

from sbgan_bench.rating.study import SCORES


def expected_score(quality: float, spread: float) -> float:
    """Return the mean of a normal variable rounded to 1, 2, 3 or 4: 1 + Σ P(it is above 1.5, 2.5, 3.5).

    Args:
        quality: Its mean.
        spread: Its standard deviation, >= 0.
    """
    thresholds = np.array(SCORES[:-1]) + 0.5
    above = ndtr((quality - thresholds) / spread) if spread > 0 else quality > thresholds
    return SCORES[0] + float(np.sum(above))
