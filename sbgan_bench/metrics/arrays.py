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
    _check_dimensions(first, "generated", second)
    return first, second


def checked_with_train(
    real: Features, generated: Features, train: Features
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return all three arrays as float64.

    Args:
        real: ``(N, D)`` of held-out reals, N ≥ 2.
        generated: ``(M, D)``, M ≥ 2.
        train: ``(T, D)`` of the images that the model was trained on, T ≥ 2.

    Raises:
        BenchError: As ``checked``.
    """
    first, second = checked(real, generated)
    third = _checked(train, "training")
    _check_dimensions(first, "training", third)
    return first, second, third


def _check_dimensions(real: NDArray[np.float64], kind: str, other: NDArray[np.float64]) -> None:
    if real.shape[1] != other.shape[1]:
        raise BenchError(
            f"Real features have dimension {real.shape[1]} and {kind} ones {other.shape[1]}: "
            "extract both with one protocol and one file of weights."
        )


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


def canonical(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rows of ``(N, D)`` features in an order that depends on their values alone.

    What is drawn from them by a fixed seed is then the same however the rows came. The order is that of their bytes.
    """
    rows = np.ascontiguousarray(features + 0.0)  # -0.0 becomes 0.0, which has other bytes
    keys = rows.view(np.dtype((np.void, rows.shape[1] * rows.itemsize)))[:, 0]
    return rows[np.argsort(keys, kind="stable")]
