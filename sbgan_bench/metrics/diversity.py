"""Diversity of a set of images relative to the reals, and whether a generator has collapsed."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import checked

#: Below this share of the reals' diversity a set counts as collapsed.
LEAST_DIVERSITY = 0.5
#: Below this share of the reals' distinct images a set counts as collapsed.
LEAST_DISTINCT = 0.5
#: Two images nearer than this share of the reals' median nearest-neighbour distance count as one.
SAME = 0.1
#: Rows compared with all others at a time, which bounds the memory.
_BLOCK = 512


@dataclass(frozen=True, slots=True)
class Variety:
    """How varied a set of generated images is."""

    diversity: float  #: mean pairwise distance over that of the reals
    distinct: int  #: images that are no near copy of an earlier one
    total: int
    collapse: str  #: why the set counts as collapsed, for readers of a table; "" if it does not


def diversity(real: Features, generated: Features) -> float:
    """Return the mean pairwise Euclidean distance of the generated features over that of the real ones.

    1 means as varied as the reals and 0 that all images are one. More than 1 is no merit in itself: noise is varied
    too, so read it beside a distance to the reals.

    Args:
        real: ``(N, D)`` features, N ≥ 2.
        generated: ``(M, D)`` features, M ≥ 2.

    Returns:
        A number ≥ 0.

    Raises:
        BenchError: Too few rows, different dimensions, NaN or infinite values, or reals that are all one image.
    """
    first, second = checked(real, generated)
    return _relative_diversity(first, second)


def variety(real: Features, generated: Features) -> Variety:
    """Measure diversity, count distinct images, and say whether the generated set has collapsed.

    A set has collapsed if its diversity is below ``LEAST_DIVERSITY``, or if the share of its images that are no near
    copy of an earlier one is below ``LEAST_DISTINCT`` times that of the reals.

    Raises:
        BenchError: As ``diversity``.
    """
    first, second = checked(real, generated)
    relative = _relative_diversity(first, second)
    radius = SAME * float(np.median(_nearest(first)))
    distinct = _distinct(second, radius)
    expected = _distinct(first, radius) * len(second) / len(first)
    reasons = []
    if relative < LEAST_DIVERSITY:
        reasons.append(f"diversity {relative:.2g} of the reals', below {LEAST_DIVERSITY:g}")
    if distinct < LEAST_DISTINCT * expected:
        reasons.append(f"{distinct} distinct images among {len(second)}")
    return Variety(relative, distinct, len(second), f"collapsed: {' and '.join(reasons)}" if reasons else "")


def collapse_note(real: Features, generated: Features) -> str:
    """Return why the generated set counts as collapsed, for the notes of a result row; "" if it does not."""
    return variety(real, generated).collapse


def is_collapsed(real: Features, generated: Features) -> bool:
    """Return whether the generated set has collapsed (see ``variety`` for the rule and its thresholds)."""
    return bool(collapse_note(real, generated))


def _relative_diversity(real: NDArray[np.float64], generated: NDArray[np.float64]) -> float:
    reference = _mean_distance(real)
    if reference == 0:
        raise BenchError(f"All {len(real)} real images have the same features: diversity needs varied reals.")
    return _mean_distance(generated) / reference


def _distances(features: NDArray[np.float64]) -> Iterator[tuple[int, NDArray[np.float64]]]:
    """Yield (first row, distances of a block of rows to all rows), block by block."""
    for start in range(0, len(features), _BLOCK):
        yield start, cdist(features[start : start + _BLOCK], features)


def _mean_distance(features: NDArray[np.float64]) -> float:
    count = len(features)
    return float(sum(block.sum() for _, block in _distances(features)) / (count * (count - 1)))


def _nearest(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance of each row to the nearest other row."""
    result = np.empty(len(features))
    for start, block in _distances(features):
        rows = np.arange(len(block))
        block[rows, start + rows] = np.inf
        result[start : start + len(block)] = block.min(axis=1)
    return result


def _distinct(features: NDArray[np.float64], radius: float) -> int:
    """Number of rows without an earlier row within ``radius``."""
    copies = 0
    for start, block in _distances(features):
        earlier = np.arange(len(features)) < start + np.arange(len(block))[:, None]
        copies += int(((block <= radius) & earlier).any(axis=1).sum())
    return len(features) - copies


METRIC = Metric(
    name="diversity",
    title="Diversity",
    better=Better.HIGHER,
    source="mean pairwise feature distance of the generated images over that of the reals; 1 = as varied",
    compute=diversity,
)
