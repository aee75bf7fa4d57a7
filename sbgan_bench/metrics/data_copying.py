"""The C_T score: a test for data-copying in each region of the data (Meehan, Chaudhuri & Dasgupta 2020)."""

import warnings

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2

from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import canonical, checked_with_train
from sbgan_bench.metrics.distances import nearest

_Array = NDArray[np.float64]

#: Generated images that a cell must have to count (the authors' τ = 20 / M).
LEAST_IMAGES = 20


def ct_score(real: Features, generated: Features, train: Features, cells: int = 3, seed: int = 0) -> float:
    """Return the weighted mean, over cells, of the Mann-Whitney z of distances to the nearest training image.

    The cells are those of k-means on the training images. In each, the distances of the generated images are ranked
    against those of the held-out reals (eq. 3), and cells are weighted by their share of the reals (eq. 4).

    Args:
        real: ``(N, D)`` features of held-out reals, N ≥ 2.
        generated: ``(M, D)`` features, M ≥ 2.
        train: ``(T, D)`` features of the training images, T ≥ 2.
        cells: Number of cells. Those with fewer than ``LEAST_IMAGES`` generated images are left out, as those without
            reals; if none remains, the whole space is one cell.
        seed: Seed of k-means. The order of the rows does not matter.

    Returns:
        Below 0 where generated images lie nearer to training images than held-out reals do (copying), above 0 where
        they lie farther (underfitting). For fresh reals each cell's z is about standard normal, and the mean of C
        equal cells about √C times narrower: beyond ±3 is beyond chance. Copies of one another are not independent,
        so a collapsed set can be there without copying.

    Raises:
        BenchError: Too few rows, different dimensions, NaN or infinite values.
    """
    real, generated, train = checked_with_train(real, generated, train)
    centres = _centres(canonical(train), cells, seed)
    where = [nearest(rows, centres)[1] for rows in (real, generated, train)]
    scores, weights = [], []
    for cell in range(len(centres)):
        ours, theirs, seen = (rows[of == cell] for rows, of in zip((real, generated, train), where, strict=True))
        if len(theirs) >= LEAST_IMAGES and len(ours) and len(seen):
            scores.append(_z(ours, theirs, seen))
            weights.append(len(ours))
    return float(np.average(scores, weights=weights)) if scores else _z(real, generated, train)


def _centres(train: _Array, cells: int, seed: int) -> _Array:
    """Return at most ``cells`` centres of rows in canonical order."""
    distinct = 1 + int((train[1:] != train[:-1]).any(axis=1).sum())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "One of the clusters is empty", UserWarning)  # it keeps its old centre
        centres, _ = kmeans2(train, min(cells, distinct), minit="++", seed=seed)
    return np.asarray(centres)


def _z(real: _Array, generated: _Array, train: _Array) -> float:
    """Return how many standard deviations the generated images' distances rank above those of the reals."""
    ours, theirs = np.sort(nearest(real, train)[0]), nearest(generated, train)[0]
    below, up_to = np.searchsorted(ours, theirs, "left"), np.searchsorted(ours, theirs, "right")
    pairs = len(ours) * len(theirs)
    deviation = np.sqrt(pairs * (len(ours) + len(theirs) + 1) / 12)
    return float((np.sum(below + up_to) / 2 - pairs / 2) / deviation)


METRIC = Metric(
    name="ct-score",
    title="C_T",
    better=Better.HIGHER,
    source="Meehan, Chaudhuri & Dasgupta 2020, eq. 4, 3 cells; about 0 if nothing is copied, below -3 copied",
    compute=ct_score,
    uses_train=True,
    ranks=False,
)
