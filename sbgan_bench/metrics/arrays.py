"""What every metric asks of its two feature arrays."""

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Features


def checked(real: Features, generated: Features) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both arrays as float64.

    Args:
        real: ``(N, D)``, N ≥ 2.
        generated: ``(M, D)``, M ≥ 2.

    Raises:
        BenchError: An array is not two-dimensional, has fewer than two rows or a NaN or infinite value, or the
            dimensions differ; the message holds the numbers.
    """
    first, second = _checked(real, "real"), _checked(generated, "generated")
    if first.shape[1] != second.shape[1]:
        raise BenchError(
            f"Real features have dimension {first.shape[1]} and generated ones {second.shape[1]}: "
            "extract both with one protocol and one file of weights."
        )
    return first, second


def _checked(features: Features, kind: str) -> NDArray[np.float64]:
    array: NDArray[np.float64] = np.asarray(features, np.float64)
    if array.ndim != 2:
        raise BenchError(f"The {kind} features have shape {array.shape}; expected (images, dimension).")
    if len(array) < 2:
        raise BenchError(f"There are {len(array)} {kind} feature rows; a spread needs at least 2 images.")
    bad = ~np.isfinite(array)
    if bad.any():
        rows = np.flatnonzero(bad.any(axis=1))
        raise BenchError(
            f"The {kind} features hold {int(bad.sum())} NaN or infinite values in {len(rows)} of {len(array)} rows "
            f"(the first is row {rows[0]}). Look at those images, then extract the features again."
        )
    return array


def centred(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``(N, D)`` features less their mean row."""
    result: NDArray[np.float64] = features - features.mean(axis=0)
    return result
