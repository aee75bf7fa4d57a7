"""Metrics of rows chosen from a pool: the fast forms give what the plain functions give."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sbgan_bench.comparing.fast import pooled
from sbgan_bench.comparing.nuclear import contrasts, quick_nuclear_norm
from sbgan_bench.comparing.pool import Compute, PooledAny
from sbgan_bench.comparing.pool_frechet import PooledFrechet
from sbgan_bench.comparing.pool_kernel import PooledKernel
from sbgan_bench.errors import BenchError
from sbgan_bench.metrics.diversity import diversity
from sbgan_bench.metrics.frechet import frechet_distance
from sbgan_bench.metrics.kernel import kernel_distance

Array = NDArray[np.float32]

FAST = {frechet_distance: PooledFrechet, kernel_distance: PooledKernel}


def features(rng: np.random.Generator, count: int, dim: int, rank: int | None = None) -> Array:
    """Rectified features with a falling spectrum as images have it, or features of low rank, far from the origin."""
    white = rng.standard_normal((count, dim)) / np.arange(1, dim + 1)
    rotation = np.linalg.qr(np.random.default_rng(7).standard_normal((dim, dim)))[0]
    if rank is not None:
        return (white[:, :rank] @ rotation[:rank] + 3).astype(np.float32)
    return (np.maximum(white @ rotation, 0) + 0.5).astype(np.float32)


@pytest.mark.parametrize("compute", FAST)
@pytest.mark.parametrize(
    ("reals", "count", "dim", "rank"),
    [(40, 40, 90, None), (60, 30, 40, None), (30, 60, 40, None), (90, 80, 20, None), (2, 2, 5, None), (50, 50, 80, 6)],
)
def test_fast_values_are_the_plain_ones(compute: Compute, reals: int, count: int, dim: int, rank: int | None) -> None:
    rng = np.random.default_rng(0)
    real, pool = features(rng, reals, dim, rank), 1.3 * features(rng, 2 * count, dim, rank)
    metric = pooled(compute, real, pool)
    assert isinstance(metric, FAST[compute])
    for _ in range(5):
        rows = rng.permutation(2 * count)[:count]
        value = compute(real, pool[rows])
        assert metric.exact(rows) == pytest.approx(value, rel=1e-9, abs=1e-11 * metric.scale)
        quick = metric.quick(rows)
        assert abs(quick.value - value) <= quick.error + 1e-11 * metric.scale


def test_other_metrics_are_computed_as_they_are() -> None:
    rng = np.random.default_rng(1)
    real, pool = features(rng, 20, 8), features(rng, 30, 8)
    metric = pooled(diversity, real, pool)
    rows = np.arange(5, 20)
    assert isinstance(metric, PooledAny)
    assert metric.exact(rows) == metric.quick(rows).value == diversity(real, pool[rows])


@pytest.mark.parametrize("shape", [(30, 80), (80, 30), (50, 50), (1, 4)])
@pytest.mark.parametrize("decay", [0.0, 1.0, 4.0])
def test_the_quick_nuclear_norm_lies_within_its_error(shape: tuple[int, int], decay: float) -> None:
    rng = np.random.default_rng(2)
    matrix = rng.standard_normal(shape) * np.arange(1.0, shape[1] + 1) ** -decay
    exact = np.linalg.svd(matrix, compute_uv=False).sum()
    quick = quick_nuclear_norm(matrix)
    assert abs(quick.value - exact) <= quick.error
    assert quick.error < 1e-4 * exact
    assert quick_nuclear_norm(np.zeros(shape)).value == 0


@pytest.mark.parametrize("count", [2, 3, 50])
def test_contrasts_have_the_scatter_of_centred_rows(count: int) -> None:
    rows = np.random.default_rng(3).standard_normal((count, 6)) + 4
    centred = rows - rows.mean(axis=0)
    reduced = contrasts(rows)
    assert reduced.shape == (count - 1, 6)
    assert reduced.T @ reduced == pytest.approx(centred.T @ centred, abs=1e-10)


@pytest.mark.parametrize("compute", FAST)
def test_features_that_the_metric_refuses_are_refused(compute: Compute) -> None:
    with pytest.raises(BenchError, match="dimension 3"):
        pooled(compute, np.zeros((5, 3)), np.zeros((6, 4)))
