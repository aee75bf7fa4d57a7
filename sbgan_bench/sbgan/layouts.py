"""Layouts at other sizes: always by whole factors, always without mixing classes."""

from torch import Tensor

from sbgan_bench.dataset import Resolution
from sbgan_bench.networks.labels import one_hot_layouts


def shrink_layouts(layouts: Tensor, resolution: Resolution) -> Tensor:
    """Keep the label in the middle of every block.

    Args:
        layouts: ``(N, H, W)`` class ids.
        resolution: (h, w), H and W divided by one whole number.

    Returns:
        ``(N, h, w)`` class ids.
    """
    factor = layouts.shape[1] // resolution[0]
    return layouts[:, factor // 2 :: factor, factor // 2 :: factor]


def real_layouts(layouts: Tensor, num_classes: int, resolution: Resolution) -> Tensor:
    """Return ``(N, K, h, w)`` one-hot layouts at ``resolution`` from ``(N, H, W)`` class ids."""
    return one_hot_layouts(shrink_layouts(layouts, resolution), num_classes)


def enlarge_layouts(channels: Tensor, resolution: Resolution) -> Tensor:
    """Repeat every pixel of ``(N, K, h, w)`` channels until they are ``(N, K, H, W)``; gradients pass.

    The paper enlarges 128-pixel layouts to 256-pixel images in this way.
    """
    factor = resolution[0] // channels.shape[2]
    if factor == 1:
        return channels
    return channels.repeat_interleave(factor, dim=2).repeat_interleave(factor, dim=3)
