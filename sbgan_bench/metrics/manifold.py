"""Precision, recall, density and coverage: who lies in whose neighbourhood.

The ball of an image reaches to its k-th nearest neighbour in its own set, the image itself left out. Precision and
recall count points within a ball, its surface included, as Kynkäänniemi et al. (2019, eq. 1) and torch-fidelity do.
Density and coverage leave the surface out, as the authors' prdc package does (Naeem et al. 2020, eq. 4 and 5 leave it
open). The two differ where distances are equal, which real-valued features are only for copies of one image. Distances
that are equal but for rounding count as equal.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import checked
from sbgan_bench.metrics.distances import TIE, distance_blocks, to_neighbour

_Array = NDArray[np.float64]

#: What turns "less than" into "less or equal" and back, whatever the last digit.
_WITH_SURFACE, _WITHOUT_SURFACE = 1 + TIE, 1 - TIE


def precision(real: Features, generated: Features, k: int = 3) -> float:
    """Return the share of the generated images in the ball of some real one (Kynkäänniemi et al. 2019, eq. 2).

    Args:
        real: ``(N, D)`` features, N > k.
        generated: ``(M, D)`` features, M ≥ 2.
        k: Which neighbour a ball reaches to.

    Returns:
        A number in [0, 1]. It does not see collapse: one good image many times has precision 1.

    Raises:
        BenchError: Too few rows for k, different dimensions, NaN or infinite values.
    """
    balls, points = checked(real, generated)
    return _share_inside(balls, points, k)


def recall(real: Features, generated: Features, k: int = 3) -> float:
    """Return the share of the real images in the ball of some generated one (Kynkäänniemi et al. 2019, eq. 2).

    Args:
        real: ``(N, D)`` features, N ≥ 2.
        generated: ``(M, D)`` features, M > k.
        k: Which neighbour a ball reaches to.

    Returns:
        A number in [0, 1]. Scattered images have large balls: read it beside precision.

    Raises:
        BenchError: Too few rows for k, different dimensions, NaN or infinite values.
    """
    points, balls = checked(real, generated)
    return _share_inside(balls, points, k)


def density(real: Features, generated: Features, k: int = 5) -> float:
    """Return how many real balls a generated image lies in, on average, over k (Naeem et al. 2020, eq. 4).

    Args:
        real: ``(N, D)`` features, N > k.
        generated: ``(M, D)`` features, M ≥ 2.
        k: Which neighbour a ball reaches to.

    Returns:
        A number ≥ 0, about 1 for fresh reals; above 1 where images crowd where the reals are dense.

    Raises:
        BenchError: Too few rows for k, different dimensions, NaN or infinite values.
    """
    balls, points = checked(real, generated)
    inside = sum(int(block.sum()) for block in _inside(balls, points, k, _WITHOUT_SURFACE))
    return inside / (k * len(points))


def coverage(real: Features, generated: Features, k: int = 5) -> float:
    """Return the share of the real images whose ball holds a generated one (Naeem et al. 2020, eq. 5).

    Args:
        real: ``(N, D)`` features, N > k.
        generated: ``(M, D)`` features, M ≥ 2.
        k: Which neighbour a ball reaches to.

    Returns:
        A number in [0, 1]; for M = N fresh reals ``1 − (N−1)…(N−k) / ((2N−1)…(2N−k))`` is expected, 0.97 for k = 5.

    Raises:
        BenchError: Too few rows for k, different dimensions, NaN or infinite values.
    """
    balls, points = checked(real, generated)
    held = np.zeros(len(balls), np.bool_)
    for block in _inside(balls, points, k, _WITHOUT_SURFACE):
        held |= block.any(axis=0)
    return float(held.mean())


def _share_inside(balls: _Array, points: _Array, k: int) -> float:
    inside = sum(int(block.any(axis=1).sum()) for block in _inside(balls, points, k, _WITH_SURFACE))
    return inside / len(points)


def _inside(balls: _Array, points: _Array, k: int, surface: float) -> Iterator[NDArray[np.bool_]]:
    """Yield, for blocks of points, which balls each lies in: ``(block, balls)``."""
    if not 1 <= k < len(balls):
        raise BenchError(f"k = {k} asks for the neighbours of {len(balls)} images: give 1 to {len(balls) - 1}.")
    radii = surface * to_neighbour(balls, k)
    for _, block in distance_blocks(points, balls):
        yield block <= radii if surface > 1 else block < radii


_KYNKAANNIEMI = "Kynkäänniemi et al. 2019, eq. 2, k = 3"
_NAEEM = "Naeem et al. 2020, k = 5"

PRECISION = Metric(
    name="precision", title="Precision", better=Better.HIGHER, source=_KYNKAANNIEMI, compute=precision, least=4
)
RECALL = Metric(name="recall", title="Recall", better=Better.HIGHER, source=_KYNKAANNIEMI, compute=recall, least=4)
DENSITY = Metric(
    name="density", title="Density", better=Better.HIGHER, source=f"{_NAEEM}, eq. 4", compute=density, least=6
)
COVERAGE = Metric(
    name="coverage", title="Coverage", better=Better.HIGHER, source=f"{_NAEEM}, eq. 5", compute=coverage, least=6
)
