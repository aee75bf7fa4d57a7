"""Fréchet distance between two sets of features, each taken as a Gaussian (the "FID" of Heusel et al. 2017).

For Gaussians (Dowson & Landau 1982) the squared distance is ``|μ₁ − μ₂|² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁Σ₂)^½``. With
factors ``Σ₁ = F₁ᵀF₁`` and ``Σ₂ = F₂ᵀF₂`` the last trace is the nuclear norm of ``F₁F₂ᵀ``: the identity behind FastFID
(Mathiasen & Hvilshøj 2020, "Backpropagating through Fréchet Inception Distance", arXiv:2009.14075). The centred
features over ``sqrt(N − 1)`` are such a factor, so with N < D nothing of size D×D is ever formed; with N ≥ D their
triangular factor takes their place and the product is D×D. No matrix square root is taken, so singular covariances
cost no digits.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import checked

_Array = NDArray[np.float64]

#: Asymmetry and negative eigenvalues forgiven as rounding, relative to a covariance's largest entry or eigenvalue.
_TOLERANCE = 1e-6


def frechet_distance(real: Features, generated: Features) -> float:
    """Return the squared Fréchet distance between Gaussians fitted to two sets of features.

    Covariances are unbiased (divided by N − 1). Biased upwards at small N: compare only at equal N, beside a floor.

    Args:
        real: ``(N, D)`` features, N ≥ 2.
        generated: ``(M, D)`` features, M ≥ 2.

    Returns:
        A number ≥ 0, in squared units of the features; 0 for equal sets.

    Raises:
        BenchError: Too few rows, different dimensions, NaN or infinite values.
    """
    first, second = checked(real, generated)
    return _distance(_fitted(first), _fitted(second))


def frechet_from_statistics(mu1: _Array, sigma1: _Array, mu2: _Array, sigma2: _Array) -> float:
    """Return the squared Fréchet distance between two Gaussians given by their moments.

    Args:
        mu1: ``(D,)`` mean of the first.
        sigma1: ``(D, D)`` covariance of the first.
        mu2: ``(D,)`` mean of the second.
        sigma2: ``(D, D)`` covariance of the second.

    Raises:
        BenchError: Shapes that do not fit, NaN or infinite values, or a matrix that is no covariance.
    """
    means = [np.atleast_1d(np.asarray(mu, np.float64)) for mu in (mu1, mu2)]
    sigmas = [np.atleast_2d(np.asarray(sigma, np.float64)) for sigma in (sigma1, sigma2)]
    dim = len(means[0])
    for mu, sigma in zip(means, sigmas, strict=True):
        if mu.shape != (dim,) or sigma.shape != (dim, dim):
            raise BenchError(
                f"A mean of shape {mu.shape} with a covariance of shape {sigma.shape} does not fit dimension {dim}: "
                "take both statistics from one protocol."
            )
        if not (np.isfinite(mu).all() and np.isfinite(sigma).all()):
            raise BenchError("A mean or covariance holds NaN or infinite values; compute the statistics again.")
    one, two = (_Gaussian(mu, _factor_of_covariance(sigma)) for mu, sigma in zip(means, sigmas, strict=True))
    return _distance(one, two)


@dataclass(frozen=True, slots=True)
class _Gaussian:
    """A mean, and a covariance in as few rows as it has dimensions."""

    mean: _Array  #: (D,)
    rows: _Array  #: (k, D)
    weight: float = 1.0  #: rowsᵀ rows × weight is the covariance; a number costs less than scaling all rows


def _distance(one: _Gaussian, two: _Gaussian) -> float:
    shift = one.mean - two.mean
    traces = sum(each.weight * float(np.vdot(each.rows, each.rows)) for each in (one, two))
    singular = scipy.linalg.svdvals(one.rows @ two.rows.T, overwrite_a=True, check_finite=False)
    nuclear_norm = math.sqrt(one.weight * two.weight) * float(singular.sum())
    return max(0.0, float(shift @ shift) + traces - 2 * nuclear_norm)


def _fitted(samples: _Array) -> _Gaussian:
    """Fit mean and unbiased covariance to ``(N, D)`` samples."""
    count, dim = samples.shape
    mean = samples.mean(axis=0)
    rows = samples - mean
    if count > dim:
        (triangular,) = scipy.linalg.qr(rows, mode="r", overwrite_a=True, check_finite=False)
        rows = np.asarray(triangular[:dim], np.float64)
    return _Gaussian(mean, rows, 1 / (count - 1))


def covariance_factor(samples: _Array) -> _Array:
    """Return F of shape ``(min(N, D), D)`` with FᵀF the unbiased covariance of ``(N, D)`` samples."""
    fitted = _fitted(samples)
    return math.sqrt(fitted.weight) * fitted.rows


def _factor_of_covariance(sigma: _Array) -> _Array:
    """Return F of shape ``(D, D)`` with FᵀF equal to the covariance; eigenvalues within rounding of 0 count as 0."""
    size = float(np.abs(sigma).max(initial=0.0))
    if np.abs(sigma - sigma.T).max(initial=0.0) > _TOLERANCE * size:
        raise BenchError("A covariance is not symmetric: the statistics are damaged or are not a covariance.")
    values, vectors = scipy.linalg.eigh((sigma + sigma.T) / 2)
    largest = max(float(values[-1]), 0.0)
    if values[0] < -_TOLERANCE * largest:
        raise BenchError(
            f"A covariance has the negative eigenvalue {values[0]:.3g} (largest {largest:.3g}): "
            "the statistics are damaged or are not a covariance."
        )
    values[values < len(values) * np.finfo(np.float64).eps * largest] = 0.0
    return np.asarray(np.sqrt(values)[:, None] * vectors.T)


METRIC = Metric(
    name="frechet-distance",
    title="Fréchet distance",
    better=Better.LOWER,
    source="Heusel et al. 2017, eq. 6; trace by the nuclear-norm identity (Mathiasen & Hvilshøj 2020, FastFID)",
    compute=frechet_distance,
    fits_covariance=True,
)
