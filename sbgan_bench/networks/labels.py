"""Label maps as channels of zeros and ones."""

import torch
from torch import Tensor

UNLABELLED = 255  #: raw label without a class


def one_hot_layouts(layouts: Tensor, num_classes: int, *, dont_care: bool = False) -> Tensor:
    """Spread class ids over channels.

    Args:
        layouts: ``(N, H, W)`` int64 class ids in [0, num_classes), and 255 where ``dont_care``.
        num_classes: Number K of classes.
        dont_care: Whether there is one more channel, index K, for pixels labelled 255 (SPADE's rule).

    Returns:
        ``(N, K, H, W)`` float32, K + 1 channels if ``dont_care``; each pixel has a single 1.

    Raises:
        RuntimeError: A label is out of range (checked by PyTorch).
    """
    if dont_care:
        layouts = layouts.masked_fill(layouts == UNLABELLED, num_classes)
    n, height, width = layouts.shape
    channels = num_classes + int(dont_care)
    return torch.zeros(n, channels, height, width, device=layouts.device).scatter_(1, layouts.unsqueeze(1), 1.0)


def instance_edges(instances: Tensor) -> Tensor:
    """Mark both pixels of every horizontal or vertical pair that belongs to different instances (SPADE, code).

    Args:
        instances: ``(N, H, W)`` integer instance ids.

    Returns:
        ``(N, 1, H, W)`` float32, 1 on edges.
    """
    edges = torch.zeros_like(instances, dtype=torch.bool)
    across = instances[:, :, 1:] != instances[:, :, :-1]
    down = instances[:, 1:] != instances[:, :-1]
    edges[:, :, 1:] |= across
    edges[:, :, :-1] |= across
    edges[:, 1:] |= down
    edges[:, :-1] |= down
    return edges.unsqueeze(1).float()
