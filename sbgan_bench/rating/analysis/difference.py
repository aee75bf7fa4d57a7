"""How far the difference of two means varies when raters are the same people.

It varies by what each mean varies by, less twice what raters who saw both cells lean alike in them:
2 Σ_j (m_jA/n_A) (m_jB/n_B) s_bAB, for m_jA and m_jB ratings by rater j. The covariance s_bAB of a rater's leanings in
the two cells is estimated by the weighted sample covariance of the raters' means in the two cells, weights being
their pairs of ratings m_jA m_jB. Images and residuals of two cells are independent, so it is unbiased. All in all the
estimated variance is a quadratic form of the ratings of both cells, and has degrees of freedom like that of a mean.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from scipy import sparse

from sbgan_bench.rating.analysis.cell import CellRatings, Codes, Floats
from sbgan_bench.rating.analysis.components import untruncated_components
from sbgan_bench.rating.analysis.quadratic import (
    Covariance,
    QuadraticForm,
    covariance_of,
    indicators,
    variance_of_mean,
)
from sbgan_bench.rating.analysis.variance import EstimatedVariance


@dataclass(frozen=True, slots=True)
class SharedRaters:
    """The ``S`` raters who saw both cells."""

    first: Codes  #: (S,) their codes in the first cell
    second: Codes  #: (S,) and in the second
    weights: Floats  #: (S,) their pairs of ratings, m_jA m_jB
    share: float  #: Σ_j (m_jA/n_A) (m_jB/n_B): what their covariance counts for in that of the means

    @classmethod
    def of(cls, first: CellRatings, second: CellRatings) -> "SharedRaters":
        """Find them."""
        _, one, other = np.intersect1d(first.raters, second.raters, assume_unique=True, return_indices=True)
        weights = (first.per_rater[one] * second.per_rater[other]).astype(np.float64)
        return cls(one, other, weights, float(weights.sum()) / (len(first) * len(second)))

    def __len__(self) -> int:
        return len(self.weights)

    @property
    def normaliser(self) -> float:
        """Return what the weighted sum of products of deviations is divided by to be unbiased; 0 for one rater."""
        total = float(self.weights.sum())
        return total - float((self.weights**2).sum()) / total if len(self) else 0.0

    def covariance(self, first: CellRatings, second: CellRatings) -> float | None:
        """Estimate s_bAB without bias; None with fewer than two raters in common."""
        if len(self) < 2:
            return None
        one = (np.bincount(first.rater, first.scores) / first.per_rater)[self.first]
        other = (np.bincount(second.rater, second.scores) / second.per_rater)[self.second]
        one, other = (means - np.average(means, weights=self.weights) for means in (one, other))
        return float(self.weights @ (one * other)) / self.normaliser


def difference_form(first: CellRatings, second: CellRatings, shared: SharedRaters) -> QuadraticForm:
    """Return the unbiased estimate of the variance of a difference of means as a quadratic form.

    Its scores are those of the first cell followed by those of the second.
    """
    forms = variance_of_mean(first), variance_of_mean(second)
    averages = [
        indicators(cell.rater)[:, codes] / cell.per_rater[codes]
        for cell, codes in ((first, shared.first), (second, shared.second))
    ]
    scale = shared.share / shared.normaliser if len(shared) > 1 else 0.0
    across = -scale * (averages[0] * shared.weights) @ averages[1].T
    sides = [average @ shared.weights for average in averages]
    core = scipy.linalg.block_diag(forms[0].core, forms[1].core, np.zeros((2, 2)))
    core[2, 3] = core[3, 2] = scale / max(float(shared.weights.sum()), 1.0)
    ones = scipy.linalg.block_diag(forms[0].factor, forms[1].factor)
    leanings = scipy.linalg.block_diag(*(side[:, None] for side in sides))
    matrix = sparse.block_array([[forms[0].matrix, across], [across.T, forms[1].matrix]])
    return QuadraticForm(matrix.tocsr(), np.hstack([ones, leanings]), core)


def difference_variance(first: CellRatings, second: CellRatings, shared: SharedRaters) -> EstimatedVariance | None:
    """Estimate the variance of the difference of two cells' means.

    Returns:
        The estimate; None where a cell has a single rater or image, and where all ratings of each are the same.
    """
    raw = [untruncated_components(cell) for cell in (first, second)]
    if raw[0] is None or raw[1] is None:
        return None
    covariance = shared.covariance(first, second)
    components = [np.maximum(part, 0.0) for part in (raw[0], raw[1])]
    bounded = _bounded(covariance, components)
    expected = float(first.weights @ components[0] + second.weights @ components[1]) - 2 * shared.share * bounded
    if expected <= 0:
        return None
    sigma = scores_covariance((first, second), components, shared, bounded)
    unbiased = float(first.weights @ raw[0] + second.weights @ raw[1]) - 2 * shared.share * (covariance or 0.0)
    return EstimatedVariance.of(
        unbiased=unbiased,
        expected=expected,
        spread=difference_form(first, second, shared).variance(sigma),
        least=sum((part[0] + part[2]) / len(cell) for part, cell in zip(components, (first, second), strict=True)),
    )


def scores_covariance(
    cells: tuple[CellRatings, CellRatings], components: Sequence[Floats], shared: SharedRaters, leaning: float
) -> Covariance:
    """Return the covariance of the scores of both cells; a shared rater's effects in them covary by ``leaning``."""
    first, second = (covariance_of(cell, part) for cell, part in zip(cells, components, strict=True))
    effects = sparse.block_diag([first.effects, second.effects], format="csr")
    rows = cells[0].n_images + shared.first
    columns = cells[0].n_images + cells[0].n_raters + cells[1].n_images + shared.second
    across = sparse.csr_array((np.full(len(shared), leaning), (rows, columns)), shape=effects.shape)
    return Covariance(
        np.concatenate([first.residual, second.residual]),
        sparse.csr_array(sparse.block_diag([first.members, second.members])),
        sparse.csr_array(effects + across + across.T),
    )


def _bounded(covariance: float | None, components: Sequence[Floats]) -> float:
    """Cut an estimated covariance to what the variances of raters allow; 0 where it is not known."""
    most = math.sqrt(components[0][1] * components[1][1])
    return max(-most, min(most, covariance or 0.0))
