"""What every model's ``sample`` shares: fixed batches, keyed noise, evaluation mode, rounding to uint8."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_bench.errors import UnsupportedError
from sbgan_bench.noise import NoiseSource
from sbgan_bench.numerics import exactly
from sbgan_bench.samples import SampleBatch

#: Scenes generated at a time.
BATCH_SIZE = 32


def sample_in_batches(
    network: nn.Module,
    generate: Callable[[NoiseSource, Tensor | None], SampleBatch],
    seeds: Sequence[int],
    layouts: NDArray[np.uint8] | None = None,
) -> Iterator[SampleBatch]:
    """Generate one scene per seed, in evaluation mode, without gradients and without TF32.

    Args:
        network: Tells the device, and is in evaluation mode while it generates.
        generate: From noise (and layouts ``(N, H, W)`` int64, if given) to scenes.
        seeds: One per scene.
        layouts: ``(len(seeds), H, W)`` class ids to condition on, or None.
    """
    device = next((tensor.device for tensor in (*network.parameters(), *network.buffers())), torch.device("cpu"))
    for first in range(0, len(seeds), BATCH_SIZE):
        part = slice(first, first + BATCH_SIZE)
        noise = NoiseSource.for_seeds(seeds[part], device)
        given = None if layouts is None else torch.from_numpy(np.array(layouts[part])).to(device).long()
        training = network.training
        network.eval()
        try:
            with exactly():
                batch = generate(noise, given)
        finally:
            network.train(training)
        yield batch


def to_images(images: Tensor) -> NDArray[np.uint8]:
    """Round ``(N, 3, H, W)`` float images in [-1, 1] (values beyond are clipped) to uint8 on the CPU."""
    levels = (images.float() * 127.5 + 127.5).round().clamp(0, 255)
    return np.ascontiguousarray(levels.to(torch.uint8).cpu().numpy())


def to_layouts(channels: Tensor) -> NDArray[np.uint8]:
    """Return the class ids ``(N, H, W)`` uint8 of ``(N, K, H, W)`` one-hot layouts or probabilities."""
    return np.ascontiguousarray(channels.argmax(dim=1).to(torch.uint8).cpu().numpy())


def refuse_layouts(title: str, layouts: NDArray[np.uint8] | None) -> None:
    """Refuse layouts given to a model that takes none.

    Raises:
        UnsupportedError: ``layouts`` is not None.
    """
    if layouts is not None:
        raise UnsupportedError(f"{title} takes no layouts: it cannot be sampled with layout source 'real'.")


def require_layouts(
    title: str, layouts: NDArray[np.uint8] | None, seeds: Sequence[int], resolution: tuple[int, int]
) -> NDArray[np.uint8]:
    """Return the layouts given to a model that needs them.

    Raises:
        UnsupportedError: There are none, too few or too many for the seeds, or they have another size.
    """
    if layouts is None:
        raise UnsupportedError(f"{title} paints given layouts: it can only be sampled with layout source 'real'.")
    expected = (len(seeds), *resolution)
    if layouts.shape != expected:
        raise UnsupportedError(f"{title} was given layouts of shape {layouts.shape} for {len(seeds)} seeds; "
                               f"expected {expected}.")  # fmt: skip
    return layouts
