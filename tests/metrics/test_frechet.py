"""Fréchet distance: closed forms, invariances, agreement with the official libraries."""

import math

import numpy as np
import pytest
import torch
from cleanfid.fid import fid_from_feats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics.frechet import frechet_distance, frechet_from_statistics

Array = NDArray[np.float64]


def orthonormal(rng: np.random.Generator, rows: int, columns: int) -> Array:
    return np.linalg.qr(rng.standard_normal((rows, columns)))[0]


def samples(rng: np.random.Generator, count: int, mean: Array, factor: Array) -> Array:
    """``count`` rows whose mean is ``mean`` and whose unbiased covariance is ``factorᵀ factor``, exactly."""
    rank = len(factor)
    white = rng.standard_normal((count, rank))
    basis = np.linalg.qr(white - white.mean(axis=0))[0] * math.sqrt(count - 1)
    return mean + basis @ factor


@pytest.mark.parametrize(("count", "other", "dim"), [(500, 400, 20), (30, 400, 100), (30, 25, 100), (101, 101, 100)])
def test_commuting_covariances_have_their_closed_form(count: int, other: int, dim: int) -> None:
    rng = np.random.default_rng(count + other)
    rank = min(count, other, dim + 1) - 1
    axes = orthonormal(rng, dim, rank).T
    first, second = rng.uniform(0.1, 5, rank), rng.uniform(0.1, 5, rank)
    means = rng.standard_normal((2, dim))
    real = samples(rng, count, means[0], first[:, None] * axes)
    generated = samples(rng, other, means[1], second[:, None] * axes)
    expected = np.sum((means[0] - means[1]) ** 2) + np.sum((first - second) ** 2)
    assert frechet_distance(real, generated) == pytest.approx(expected, rel=1e-8)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_any_two_gaussians_of_the_plane_have_their_closed_form(seed: int) -> None:
    rng = np.random.default_rng(seed)
    factors, means = rng.standard_normal((2, 2, 2)), rng.standard_normal((2, 2))
    one, two = (factor.T @ factor for factor in factors)
    # For 2×2 matrices (tr √M)² = tr M + 2 √det M.
    trace = math.sqrt(np.trace(one @ two) + 2 * abs(np.linalg.det(factors[0]) * np.linalg.det(factors[1])))
    expected = np.sum((means[0] - means[1]) ** 2) + np.trace(one) + np.trace(two) - 2 * trace
    real, generated = (samples(rng, 40, means[i], factors[i]) for i in (0, 1))
    assert frechet_distance(real, generated) == pytest.approx(expected, rel=1e-8, abs=1e-10)
    assert frechet_from_statistics(means[0], one, means[1], two) == pytest.approx(expected, rel=1e-7, abs=1e-7)


@pytest.mark.parametrize("count", [30, 500])
def test_a_shift_costs_its_square_and_a_scale_its_difference(count: int) -> None:
    features = np.random.default_rng(0).standard_normal((count, 60))
    shift = np.linspace(-1, 1, 60)
    assert frechet_distance(features, features + shift) == pytest.approx(np.sum(shift**2), rel=1e-8)
    total = np.sum(features.var(axis=0, ddof=1))
    centre = features.mean(axis=0)
    assert frechet_distance(features, centre + 3 * (features - centre)) == pytest.approx(4 * total, rel=1e-8)


@pytest.mark.parametrize("shape", [(40, 300), (300, 40), (40, 40)])
def test_equal_sets_are_at_distance_zero_and_nothing_is_negative(shape: tuple[int, int]) -> None:
    features = np.random.default_rng(1).standard_normal(shape)
    assert 0 <= frechet_distance(features, features) < 1e-10
    low_rank = features[:, :3] @ np.random.default_rng(2).standard_normal((3, 500))
    assert 0 <= frechet_distance(low_rank, low_rank) < 1e-9


def test_symmetry_rotation_and_order() -> None:
    rng = np.random.default_rng(3)
    real, generated = rng.standard_normal((50, 80)), 2 * rng.standard_normal((70, 80)) + 0.3
    value = frechet_distance(real, generated)
    rotation = orthonormal(rng, 80, 80)
    assert frechet_distance(generated, real) == pytest.approx(value, rel=1e-10)
    assert frechet_distance(real @ rotation, generated @ rotation) == pytest.approx(value, rel=1e-10)
    assert frechet_distance(rng.permutation(real), generated) == pytest.approx(value, rel=1e-10)
    assert frechet_distance(2 * real, 2 * generated) == pytest.approx(4 * value, rel=1e-10)


@pytest.mark.parametrize("count", [30, 90])
def test_samples_and_their_statistics_agree(count: int) -> None:
    rng = np.random.default_rng(4)
    sets = rng.standard_normal((count, 60)), rng.standard_normal((count, 60)) @ rng.standard_normal((60, 60))
    moments = [(features.mean(axis=0), np.cov(features, rowvar=False)) for features in sets]
    value = frechet_from_statistics(*moments[0], *moments[1])
    assert value == pytest.approx(frechet_distance(*sets), rel=1e-8)


@pytest.mark.parametrize(("count", "tolerance"), [(600, 1e-8), (60, 1e-4)])
def test_torch_fidelity_and_clean_fid_agree_to_their_own_error(count: int, tolerance: float) -> None:
    """Their square roots of singular products (N < D) err by themselves, hence the second tolerance."""
    rng = np.random.default_rng(5)
    mixing = rng.standard_normal((150, 150)) * np.geomspace(1, 0.01, 150)
    real = np.maximum(rng.standard_normal((count, 150)) @ mixing, 0)
    generated = np.maximum(rng.standard_normal((count, 150)) @ mixing + 0.2, 0)
    value = frechet_distance(real, generated)
    theirs = fid_statistics_to_metric(
        *(fid_features_to_statistics(torch.from_numpy(x)) for x in (real, generated)), False
    )
    assert theirs["frechet_inception_distance"] == pytest.approx(value, rel=tolerance)
    assert fid_from_feats(real, generated) == pytest.approx(value, rel=tolerance)


def test_statistics_that_are_none_are_refused() -> None:
    mean, sigma = np.zeros(3), np.eye(3)
    with pytest.raises(BenchError, match="not symmetric"):
        frechet_from_statistics(mean, np.triu(np.ones((3, 3))), mean, sigma)
    with pytest.raises(BenchError, match="negative eigenvalue -1 "):
        frechet_from_statistics(mean, np.diag([1.0, 2.0, -1.0]), mean, sigma)
    with pytest.raises(BenchError, match="dimension 3"):
        frechet_from_statistics(mean, sigma, np.zeros(2), np.eye(2))
    with pytest.raises(BenchError, match="NaN"):
        frechet_from_statistics(np.full(3, np.nan), sigma, mean, sigma)
