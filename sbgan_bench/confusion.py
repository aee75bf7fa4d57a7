"""How well labels agree with the truth: pixels counted by true and predicted class, and the shares they come to.

One rule for all who use it: a class without a pixel in the truth has no share of its own and is left out of means over
classes, while pixels that are wrongly given to it still count against the classes they belong to.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: (K, K) numbers of pixels by true class (row) and predicted class (column), integers whatever the dtype.
Counts: TypeAlias = NDArray[np.integer[Any]] | NDArray[np.floating[Any]]


def confusion_counts(truth: NDArray[np.uint8], predicted: NDArray[np.uint8], num_classes: int) -> NDArray[np.int64]:
    """Count pixels by true and predicted class.

    Args:
        truth: Class ids below K, of any shape: the pixels that count, and no others.
        predicted: Class ids below K, of the same shape.
        num_classes: K.

    Returns:
        ``(K, K)`` counts, row = true class, column = predicted class.

    Raises:
        ValueError: The shapes differ, or an id is no class.
    """
    if truth.shape != predicted.shape:
        raise ValueError(f"labels of shape {predicted.shape} for a truth of shape {truth.shape}")
    for kind, ids in (("true", truth), ("predicted", predicted)):
        if ids.size and ids.max() >= num_classes:
            raise ValueError(f"{kind} id {ids.max()} of {num_classes} classes")
    cells = truth.ravel().astype(np.int64) * num_classes + predicted.ravel()
    return np.bincount(cells, minlength=num_classes**2).reshape(num_classes, num_classes)


def class_ious(counts: Counts) -> NDArray[np.float64]:
    """Return the intersection over union of each class, ``(K,)`` in [0, 1]; NaN for classes that the truth lacks."""
    right = counts.diagonal()
    return _shares(right, counts.sum(axis=1) + counts.sum(axis=0) - right, counts)


def class_accuracies(counts: Counts) -> NDArray[np.float64]:
    """Return the share of each class's pixels that were found, ``(K,)``; NaN for classes that the truth lacks."""
    return _shares(counts.diagonal(), counts.sum(axis=1), counts)


def mean_iou(counts: Counts) -> float:
    """Return the mean intersection over union of the classes in the truth, in [0, 1]; NaN if no pixel counts."""
    return _mean(class_ious(counts))


def mean_accuracy(counts: Counts) -> float:
    """Return the mean accuracy of the classes in the truth, in [0, 1]; NaN if no pixel counts."""
    return _mean(class_accuracies(counts))


def pixel_accuracy(counts: Counts) -> float:
    """Return the share of pixels whose class was found, in [0, 1]; NaN if no pixel counts."""
    total = counts.sum()
    return float(counts.diagonal().sum() / total) if total else float("nan")


def frequency_weighted_iou(counts: Counts) -> float:
    """Return the intersection over union weighted by each class's share of the truth; NaN if no pixel counts.

    Long, Shelhamer & Darrell (2015), section 5.
    """
    total = counts.sum()
    return float((counts.sum(axis=1) * np.nan_to_num(class_ious(counts))).sum() / total) if total else float("nan")


def _shares(part: Counts, whole: Counts, counts: Counts) -> NDArray[np.float64]:
    shares = np.full(len(counts), np.nan)
    np.divide(part, whole, out=shares, where=counts.sum(axis=1) > 0)
    return shares


def _mean(shares: NDArray[np.float64]) -> float:
    there = shares[~np.isnan(shares)]
    return float(there.mean()) if there.size else float("nan")
