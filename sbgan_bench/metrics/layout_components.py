"""How two sets of layouts differ in their connected pieces: how many of each class there are, and how large.

Per class the distributions over layouts are compared by their 1-Wasserstein distance on a scale of doublings,
``log₂(1 + x)``: 2 cars instead of 1 weigh about as much as 40 instead of 20, and 0 stands for an absent class. The
distances of all classes are added up and divided by the mean number of classes in a layout, so that classes which
hardly ever occur neither drown the rest nor are drowned by it: the result is in doublings per class present.
"""

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import checked

_Array = NDArray[np.float64]

#: Pieces much smaller than this share of the layout count as nothing when sizes are compared.
SMALL = 1 / 4096


def component_count(real: Features, generated: Features) -> float:
    """Return by how many doublings the number of pieces differs, per class present.

    Args:
        real: ``(N, 2 K)`` number of connected pieces of each class, then their mean sizes as shares, N ≥ 2.
        generated: ``(M, 2 K)``, M ≥ 2.

    Returns:
        A number ≥ 0; 0 if each class has the same distribution of counts in both sets.

    Raises:
        BenchError: Too few rows, different or odd dimensions, negative, NaN or infinite values, or no piece at all.
    """
    first, second = _halves(real, generated)
    return _doublings(first[0], second[0], _classes_per_layout(first[0], second[0]))


def component_size(real: Features, generated: Features) -> float:
    """Return by how many doublings the mean size of the pieces differs, per class present.

    Sizes are taken in units of ``SMALL``, below which ``log₂(1 + x)`` fades to nothing.

    Args:
        real: ``(N, 2 K)`` number of connected pieces of each class, then their mean sizes as shares, N ≥ 2.
        generated: ``(M, 2 K)``, M ≥ 2.

    Returns:
        A number ≥ 0; 0 if each class has the same distribution of sizes in both sets.

    Raises:
        BenchError: As ``component_count``.
    """
    first, second = _halves(real, generated)
    return _doublings(first[1] / SMALL, second[1] / SMALL, _classes_per_layout(first[0], second[0]))


def wasserstein(first: _Array, second: _Array) -> _Array:
    """Return the 1-Wasserstein distance of samples on a line, column by column.

    It is the area between the two empirical distribution functions (Vallender 1974).

    Args:
        first: ``(N, D)`` samples, N ≥ 1.
        second: ``(M, D)`` samples, M ≥ 1.

    Returns:
        ``(D,)`` numbers ≥ 0.
    """
    values = np.concatenate([first, second])
    steps = np.repeat([len(second), -len(first)], [len(first), len(second)])  # whole numbers, so equal samples give 0
    order = np.argsort(values, axis=0)
    gaps = np.diff(np.take_along_axis(values, order, axis=0), axis=0)
    result: _Array = (np.abs(np.cumsum(steps[order], axis=0)[:-1]) * gaps).sum(axis=0) / (len(first) * len(second))
    return result


def _halves(real: Features, generated: Features) -> tuple[tuple[_Array, _Array], tuple[_Array, _Array]]:
    """Return (counts, sizes) of both sets."""
    sets = checked(real, generated)
    dim = sets[0].shape[1]
    if dim % 2 or min(features.min(initial=0) for features in sets) < 0:
        raise BenchError(
            f"Features of dimension {dim} are no counts and sizes of connected pieces, which come in two equal halves "
            "and are never negative: give the block 'components' of the layout protocol."
        )
    first, second = ((features[:, : dim // 2], features[:, dim // 2 :]) for features in sets)
    return first, second


def _classes_per_layout(real: _Array, generated: _Array) -> float:
    """Return the mean number of classes in a layout, over both sets with equal weight."""
    present = float(np.mean([(counts > 0).sum(axis=1).mean() for counts in (real, generated)]))
    if not present:
        raise BenchError("No layout has a connected piece of any class: give layouts with pixels.")
    return present


def _doublings(real: _Array, generated: _Array, present: float) -> float:
    return float(wasserstein(np.log2(1 + real), np.log2(1 + generated)).sum()) / present


COMPONENT_COUNT = Metric(
    name="component-count",
    title="Component count difference",
    better=Better.LOWER,
    source="1-Wasserstein distance (Vallender 1974) of log₂(1 + 4-connected components), per class present",
    compute=component_count,
    reads="components",
)
COMPONENT_SIZE = Metric(
    name="component-size",
    title="Component size difference",
    better=Better.LOWER,
    source="1-Wasserstein distance (Vallender 1974) of log₂(1 + 4096 × mean component share), per class present",
    compute=component_size,
    reads="components",
)
