"""Ratings for the tests of statistics, and matrices written out."""

import numpy as np

from sbgan_bench.rating.analysis.cell import CellRatings, Floats
from sbgan_bench.rating.analysis.quadratic import Covariance, QuadraticForm


def sparse_cell(seed: int = 0, images: int = 12, raters: int = 7, share: float = 0.4) -> CellRatings:
    """Return an unbalanced cell of random scores: each rater saw each image by chance."""
    rng = np.random.default_rng(seed)
    image, rater = np.nonzero(rng.random((images, raters)) < share)
    return CellRatings.of(rng.integers(1, 5, len(image)), image, rater)


def full_cell(scores: np.ndarray, first_rater: int = 0) -> CellRatings:
    """Return the cell in which every rater scored every image.

    Args:
        scores: (I, J).
        first_rater: Number of the first of them.
    """
    image, rater = np.indices(scores.shape)
    return CellRatings.of(scores.ravel(), image.ravel(), rater.ravel() + first_rater)


def nested_cell(scores: np.ndarray, first_rater: int = 0) -> CellRatings:
    """Return the cell in which every rater scored images that nobody else saw.

    Args:
        scores: (J, m) of each rater.
        first_rater: Number of the first of them.
    """
    rater, _ = np.indices(scores.shape)
    return CellRatings.of(scores.ravel(), np.arange(scores.size), rater.ravel() + first_rater)


def dense_form(form: QuadraticForm) -> Floats:
    return np.asarray(form.matrix.toarray() + form.factor @ form.core @ form.factor.T)


def dense_covariance(covariance: Covariance) -> Floats:
    members = covariance.members.toarray()
    return np.asarray(np.diag(covariance.residual) + members @ covariance.effects.toarray() @ members.T)
