"""Estimated variances are quadratic forms of the scores; from their own variance come degrees of freedom."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from sbgan_bench.rating.analysis.cell import CellRatings, Codes, Floats
from sbgan_bench.rating.analysis.components import PairCounts


@dataclass(frozen=True, slots=True)
class Covariance:
    """Σ = diag(e) + F D F' of n ratings: residual variances, and effects of the groups that they belong to."""

    residual: Floats  #: e, (n,)
    members: sparse.csr_array  #: F, (n, g) 1 where a rating belongs to a group
    effects: sparse.csr_array  #: D, (g, g) covariances of the groups' effects

    def times(self, vectors: Floats) -> Floats:
        """Return Σ times (n, r)."""
        shared = self.members @ (self.effects @ (self.members.T @ vectors))
        return np.asarray(self.residual[:, None] * vectors + shared)


@dataclass(frozen=True, slots=True)
class QuadraticForm:
    """y'Qy with Q = S + U G U', for scores y of n ratings; Q is symmetric and takes constants of a cell to 0."""

    matrix: sparse.csr_array  #: S, (n, n)
    factor: Floats  #: U, (n, r)
    core: Floats  #: G, (r, r)

    def value(self, scores: Floats) -> float:
        """Return y'Qy."""
        projected = self.factor.T @ scores
        return float(scores @ (self.matrix @ scores) + projected @ self.core @ projected)

    def variance(self, covariance: Covariance) -> float:
        """Return 2 tr(QΣQΣ), the variance of y'Qy for normal scores with covariance Σ.

        Searle, Casella and McCulloch, Variance Components (1992), theorem S.4.
        """
        spread = covariance.times(self.factor)
        mixed = self.core @ (spread.T @ (self.matrix @ spread))
        inner = self.core @ (self.factor.T @ spread)
        return 2 * (self._sparse_trace(covariance) + 2 * float(np.trace(mixed)) + float(np.trace(inner @ inner)))

    def _sparse_trace(self, covariance: Covariance) -> float:
        """Return tr(SΣSΣ), by what it is over residuals, over residuals and groups, and over groups."""
        residual, effects = covariance.residual, covariance.effects
        columns = self.matrix @ covariance.members
        groups = (covariance.members.T @ columns) @ effects
        alone = residual @ ((self.matrix * self.matrix) @ residual)
        across = residual @ (columns * (columns @ effects)).sum(axis=1)
        return float(alone + 2 * across + (groups * groups.T).sum())


def variance_of_mean(cell: CellRatings) -> QuadraticForm:
    """Return the unbiased estimate of the variance of the mean of a cell as a quadratic form.

    It is Σ_k weight_k component_k with the weights of ``CellRatings.weights`` and the components of
    ``untruncated_components``, regrouped by kind of pair: Σ(y - y')² over pairs that share an image is
    y'(diag(n_i) - Z_a Z_a')y, and so on.
    """
    pairs, n = PairCounts.of(cell), len(cell)
    image, rater, residual = cell.weights
    by_image = (residual - image) / (2 * max(pairs.image, 1))  # 0 where there are no such pairs
    by_rater = (residual - rater) / (2 * max(pairs.rater, 1))
    by_neither = (image + rater - residual) / (2 * pairs.neither)
    within_images = _within(cell.image, cell.per_image)
    within_raters = _within(cell.rater, cell.per_rater)
    matrix = (by_image - by_neither) * within_images + (by_rater - by_neither) * within_raters
    matrix = matrix + _diagonal(np.full(n, n * by_neither))
    return QuadraticForm(matrix.tocsr(), np.ones((n, 1)), np.array([[-by_neither]]))


def covariance_of(cell: CellRatings, components: Floats) -> Covariance:
    """Return the covariance of the scores of a cell, given its three components; groups are images, then raters."""
    members = sparse.hstack([indicators(cell.image), indicators(cell.rater)], format="csr")
    effects = np.repeat(components[:2], (cell.n_images, cell.n_raters))
    return Covariance(np.full(len(cell), components[2]), members, _diagonal(effects))


def indicators(codes: Codes) -> sparse.csr_array:
    """Return Z, (n, groups): 1 where a rating belongs to a group."""
    return _one_a_row(np.ones(len(codes)), codes)


def _within(codes: Codes, sizes: Codes) -> sparse.csr_array:
    """Return B with y'By = Σ(y - y')² over the pairs within groups."""
    members = indicators(codes)
    return _diagonal(sizes[codes].astype(np.float64)) - members @ members.T


def _diagonal(values: Floats) -> sparse.csr_array:
    return _one_a_row(values, np.arange(len(values)))


def _one_a_row(values: Floats, columns: Codes) -> sparse.csr_array:
    return sparse.csr_array((values, columns, np.arange(len(values) + 1)))
