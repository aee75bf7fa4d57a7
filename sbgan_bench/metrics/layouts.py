"""How two sets of layouts differ: which classes, which together, which side by side, and where in the picture.

Each function takes one block of the features of the layout protocol, a row per layout
(``sbgan_bench.layout_statistics`` makes them of any label map). Shares are compared by the Jensen–Shannon divergence
(Lin 1991, "Divergence measures based on the Shannon entropy") to base 2: unlike Kullback and Leibler's it stays finite
when a class is drawn by one side alone, which is just what generators get wrong, and it runs from 0, equal, to 1,
nothing in common.

All are biased upwards at small N: compare them at equal N, beside a floor.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import rel_entr

from sbgan_bench.errors import BenchError
from sbgan_bench.layout_statistics import GRID
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import checked
from sbgan_bench.metrics.frechet import frechet_distance

_Array = NDArray[np.float64]

#: A class counts as present in a layout from this share of its pixels on: 128 of 256x512, 2 of 32x64. Less is speckle.
LEAST_SHARE = 1 / 1024


def frechet_segmentation_distance(real: Features, generated: Features) -> float:
    """Return the squared Fréchet distance between Gaussians fitted to the class areas of layouts, in percent.

    Bau et al. 2019 take all classes of their segmenter, the unlabelled one included, and so does this. Areas sum to 1,
    so covariances are singular in one direction, which costs ``frechet_distance`` no digits.

    Args:
        real: ``(N, K)`` share of the pixels that each class has, N ≥ 2.
        generated: ``(M, K)``, M ≥ 2.

    Returns:
        A number ≥ 0, in squared percent of the picture.

    Raises:
        BenchError: Too few rows, different dimensions, NaN or infinite values.
    """
    first, second = checked(real, generated)
    return frechet_distance(100 * first, 100 * second)


def class_frequency_divergence(real: Features, generated: Features) -> float:
    """Return the Jensen–Shannon divergence of the shares of all pixels that each class has.

    Args:
        real: ``(N, K)`` class areas, N ≥ 2.
        generated: ``(M, K)`` class areas, M ≥ 2.

    Returns:
        A number from 0 to 1.

    Raises:
        BenchError: Too few rows, different dimensions, or values that are no shares.
    """
    return _mean_divergence(real, generated, cells=1)


def class_co_occurrence(real: Features, generated: Features) -> float:
    """Return how much the sets differ in which classes appear together.

    Of every pair of classes each set has a frequency: the share of its layouts that hold both, each with at least
    ``LEAST_SHARE`` of the pixels (co-occurrence of labels in a picture as in Rabinovich et al. 2007, "Objects in
    context"). The two lists p and q are compared by Bray & Curtis's (1957) dissimilarity ``Σ|p − q| / Σ(p + q)``,
    in which a pair weighs as much as it is frequent.

    Args:
        real: ``(N, K)`` class areas, N ≥ 2.
        generated: ``(M, K)`` class areas, M ≥ 2.

    Returns:
        A number from 0 to 1: no pair of classes in common. 0 if neither set has layouts of more than one class.

    Raises:
        BenchError: Too few rows, different dimensions, NaN or infinite values.
    """
    first, second = (_pair_frequencies(areas) for areas in checked(real, generated))
    total = float(np.sum(first + second))
    return float(np.abs(first - second).sum()) / total if total else 0.0


def class_adjacency(real: Features, generated: Features) -> float:
    """Return the Jensen–Shannon divergence of the mean shares that pairs of classes have in the length of all borders.

    Args:
        real: ``(N, K (K + 1) / 2)`` border shares, N ≥ 2.
        generated: ``(M, K (K + 1) / 2)`` border shares, M ≥ 2.

    Returns:
        A number from 0 to 1.

    Raises:
        BenchError: Too few rows, different dimensions, or values that are no shares.
    """
    return _mean_divergence(real, generated, cells=1)


def spatial_prior(real: Features, generated: Features) -> float:
    """Return the Jensen–Shannon divergence of the class shares at a place, averaged over the cells of the grid.

    The mean layout is what Shotton et al. 2009 ("TextonBoost") call the location potential of a class. Cells are equal
    parts of the picture and have equal weight.

    Args:
        real: ``(N, GRID · GRID · K)`` class shares cell by cell, N ≥ 2.
        generated: ``(M, GRID · GRID · K)``, M ≥ 2.

    Returns:
        A number from 0 to 1.

    Raises:
        BenchError: Too few rows, different dimensions, or values that are no shares on such a grid.
    """
    return _mean_divergence(real, generated, cells=GRID * GRID)


def _mean_divergence(real: Features, generated: Features, *, cells: int) -> float:
    """Return the Jensen–Shannon divergence, to base 2, of the mean shares in each cell, averaged over the cells."""
    sets = checked(real, generated)
    first, second = (
        _mean_shares(shares, cells, kind) for shares, kind in zip(sets, ("real", "generated"), strict=True)
    )
    middle = (first + second) / 2
    nats = (rel_entr(first, middle) + rel_entr(second, middle)).sum(axis=1) / 2
    return min(1.0, max(0.0, float(nats.mean()) / math.log(2)))


def _mean_shares(shares: _Array, cells: int, kind: str) -> _Array:
    """Return the mean row as ``(cells, dim / cells)``, each cell scaled to sum to 1."""
    if shares.shape[1] % cells:
        raise BenchError(
            f"The {kind} class shares have dimension {shares.shape[1]}, which fits no grid of {GRID}x{GRID} cells: "
            "give the block 'grid' of the layout protocol."
        )
    mean = shares.mean(axis=0).reshape(cells, -1)
    totals = mean.sum(axis=1, keepdims=True)
    if shares.min(initial=0) < 0 or (totals <= 0).any():
        raise BenchError(
            f"The {kind} features are no shares: the least is {shares.min(initial=0):.3g}, the smallest sum "
            f"{totals.min(initial=math.inf):.3g}. Give the block of the layout protocol that this metric reads."
        )
    result: _Array = mean / totals
    return result


def _pair_frequencies(areas: _Array) -> _Array:
    """Return the share of the layouts that hold both classes of each unordered pair."""
    present = (areas >= LEAST_SHARE).astype(np.float64)
    return (present.T @ present)[np.triu_indices(present.shape[1], k=1)] / len(present)


FRECHET_SEGMENTATION_DISTANCE = Metric(
    name="frechet-segmentation-distance",
    title="Fréchet segmentation distance",
    better=Better.LOWER,
    source="Bau et al. 2019, Seeing What a GAN Cannot Generate; areas × 100 as in davidbau/ganseeing, fsd.py",
    compute=frechet_segmentation_distance,
    reads="areas",
    fits_covariance=True,
)
CLASS_FREQUENCY_DIVERGENCE = Metric(
    name="class-frequency-divergence",
    title="Class frequency divergence",
    better=Better.LOWER,
    source="Jensen–Shannon divergence, base 2 (Lin 1991), of mean class areas",
    compute=class_frequency_divergence,
    reads="areas",
)
CLASS_CO_OCCURRENCE = Metric(
    name="class-co-occurrence",
    title="Class co-occurrence difference",
    better=Better.LOWER,
    source="Bray & Curtis 1957 dissimilarity of how often two classes share a layout (Rabinovich et al. 2007)",
    compute=class_co_occurrence,
    reads="areas",
)
CLASS_ADJACENCY = Metric(
    name="class-adjacency",
    title="Class adjacency divergence",
    better=Better.LOWER,
    source="Jensen–Shannon divergence, base 2 (Lin 1991), of class borders counted as in Haralick et al. 1973",
    compute=class_adjacency,
    reads="adjacency",
)
SPATIAL_PRIOR = Metric(
    name="spatial-prior",
    title="Spatial prior divergence",
    better=Better.LOWER,
    source="Jensen–Shannon divergence, base 2 (Lin 1991), of class locations (Shotton et al. 2009), mean of 8x8 cells",
    compute=spatial_prior,
    reads="grid",
)
