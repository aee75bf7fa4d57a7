"""The arithmetic in which models are sampled and protocols measure."""

import contextlib
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

#: Images that pass through a network at a time.
BATCH = 50

#: Images that pass through a large network at a time on a CPU, where the maps of more do not fit its caches.
_CPU_BATCH = 8

#: In words, for ``ProtocolInfo.numerics``.
NUMERICS = "float32, TF32 off, channels_last"


@contextlib.contextmanager
def exactly() -> Iterator[None]:
    """Run a block without gradients and without the shortcuts that move digits (TF32, algorithm search)."""
    precision = torch.get_float32_matmul_precision()
    torch.set_float32_matmul_precision("highest")
    try:
        with (
            torch.inference_mode(),
            torch.backends.cudnn.flags(enabled=True, benchmark=False, deterministic=True, allow_tf32=False),
        ):
            yield
    finally:
        torch.set_float32_matmul_precision(precision)


def batch_size(device: torch.device) -> int:
    """Return how many images at a time a large network gets through fastest."""
    return _CPU_BATCH if device.type == "cpu" else BATCH


def batches(images: NDArray[np.uint8], device: torch.device, size: int = BATCH) -> Iterator[Tensor]:
    """Yield ``(≤ size, 3, H, W)`` uint8 tensors on ``device``, contiguous however the images lie in memory."""
    for start in range(0, len(images), size):
        yield torch.from_numpy(np.array(images[start : start + size], order="C")).to(device)


def stacked(rows: list[Tensor], dim: int) -> NDArray[np.float32]:
    """Join per-batch features ``(n, dim)`` into one float32 array on the CPU."""
    if not rows:
        return np.empty((0, dim), np.float32)
    joined: NDArray[np.float32] = torch.cat(rows).float().cpu().numpy()
    return joined
