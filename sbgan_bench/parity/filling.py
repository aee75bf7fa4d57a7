"""The rule that fills a network's weights, so that a case need not store them."""

import math
import zlib
from collections.abc import Collection
from typing import Any

import numpy as np
import torch
from torch import nn

from sbgan_bench.errors import DataError


def fill(network: nn.Module, *, equalized: bool, kept: Collection[str] = ()) -> None:
    """Overwrite every parameter and buffer with numbers that depend on its key and shape alone.

    Args:
        network: What is filled.
        equalized: Whether weights are scaled at run time, so that they are filled with unit variance.
        kept: Keys that are left as they are.

    Raises:
        DataError: The rule has no line for a key.
    """
    network.load_state_dict(
        {
            key: old if key in kept else torch.as_tensor(filling(key, tuple(old.shape), equalized)).to(old)
            for key, old in network.state_dict().items()
        }
    )


def filling(key: str, shape: tuple[int, ...], equalized: bool) -> Any:
    """Return what stands under ``key``, in float64; the first line that matches applies."""
    draws = np.random.RandomState(zlib.crc32(key.encode()))
    last = key.rpartition(".")[2]
    if last == "num_batches_tracked":
        return 0
    if last == "gamma":
        return np.full(shape, 0.5)
    if last in ("running_var", "stored_var"):
        return 0.5 + draws.random_sample(shape)
    if last in ("running_mean", "stored_mean"):
        return 0.1 * draws.standard_normal(shape)
    if last in ("weight_u", "weight_v", "u0"):
        vector = draws.standard_normal(shape)
        return vector / np.linalg.norm(vector)
    if last == "sv0":
        return np.ones(shape)
    numbers = draws.standard_normal(shape)
    if last == "bias" and len(shape) == 1:
        return 0.1 * numbers
    if len(shape) >= 2:
        return numbers if equalized else numbers / math.sqrt(math.prod(shape[1:]))
    if len(shape) == 1 and last in ("weight", "gain"):
        return 1 + 0.1 * numbers
    raise DataError(f"The fill rule has no line for {key} of shape {shape}; see docs/parity.md.")
