"""Variance components of a cell from differences between pairs of its ratings.

Score of image i by rater j: y = mean + image_i + rater_j + residual, all independent, with variances s_a², s_b², s_e².
Half the squared difference of two ratings is s_b² + s_e² on average if they share the image, s_a² + s_e² if they share
the rater, and s_a² + s_b² + s_e² if they share neither. The means U over all pairs of each kind are U-statistics, and
three linear equations give the components, unbiased however unbalanced the design (Koch 1968, Technometrics 10,
551-558, "Some further remarks concerning 'A general approach to the estimation of variance components'"; in balanced
designs they are the ANOVA estimates, as Henderson's method I, 1953, Biometrics 9, 226-252). No normality is needed.
"""

from dataclasses import dataclass

import numpy as np

from sbgan_bench.rating.analysis.cell import CellRatings, Codes, Floats
from sbgan_bench.rating.analysis.findings import Components


@dataclass(frozen=True, slots=True)
class PairCounts:
    """How many unordered pairs of ratings share what."""

    image: int
    rater: int
    neither: int

    @classmethod
    def of(cls, cell: CellRatings) -> "PairCounts":
        """Count them."""
        image, rater = (int((sizes * (sizes - 1)).sum()) // 2 for sizes in (cell.per_image, cell.per_rater))
        return cls(image, rater, len(cell) * (len(cell) - 1) // 2 - image - rater)


def untruncated_components(cell: CellRatings) -> Floats | None:
    """Estimate the variances of images, raters and residual without bias.

    Where no image has two ratings, its variance cannot be told from the residual one: it is 0 here and the residual
    holds both, which leaves the variance of the mean what it is. Likewise for raters with one rating each.

    Args:
        cell: Its ratings.

    Returns:
        (3,) scores squared, possibly negative; None with a single rater or a single image, where no pair of ratings
        shares neither.
    """
    pairs = PairCounts.of(cell)
    if pairs.neither == 0:
        return None
    centred = cell.scores - cell.scores.mean()  # differences are the same, and lose fewer digits
    image = _squared_differences(centred, cell.image, cell.per_image)
    rater = _squared_differences(centred, cell.rater, cell.per_rater)
    total = len(cell) * float(centred @ centred) - float(centred.sum()) ** 2
    neither = (total - image - rater) / (2 * pairs.neither)
    same_image = image / (2 * pairs.image) if pairs.image else neither
    same_rater = rater / (2 * pairs.rater) if pairs.rater else neither
    return np.array([neither - same_image, neither - same_rater, same_image + same_rater - neither])


def components_of(cell: CellRatings) -> Components | None:
    """Return the components as they are reported; None as for ``untruncated_components``."""
    raw = untruncated_components(cell)
    if raw is None:
        return None
    pairs = PairCounts.of(cell)
    image, rater, residual = (max(float(value), 0.0) for value in raw)
    return Components(
        image=image if pairs.image else None,
        rater=rater if pairs.rater else None,
        residual=residual,
        untruncated=(float(raw[0]), float(raw[1]), float(raw[2])),
    )


def _squared_differences(scores: Floats, codes: Codes, sizes: Codes) -> float:
    """Return Σ (y - y')² over pairs within groups: n_g Σy² - (Σy)² of each, summed."""
    squares, sums = np.bincount(codes, scores**2), np.bincount(codes, scores)
    return float((sizes * squares - sums**2).sum())
