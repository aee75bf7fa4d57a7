"""The joint geometry of image and label map: crop and resize once, flip in training."""

import numpy as np
import torch

from sbgan_bench.dataset import Pair, Resolution
from sbgan_bench.errors import DataError

#: Part of every cache key; raise it whenever :func:`fit_to` would give other pixels.
TRANSFORM_VERSION = "1: centre crop, bilinear antialiased images, nearest-exact labels"


def fit_to(pair: Pair, resolution: Resolution) -> Pair:
    """Bring a pair to ``resolution``: the largest centred crop of that aspect ratio, then one resize.

    Images are resized bilinearly with antialiasing. Labels take the nearest pixel by its centre
    ("nearest-exact"), so that the two stay aligned. A pair that has the size already is returned as it is.

    Args:
        pair: Image ``(H, W, 3)`` and layout ``(H, W)``, uint8, of any size.
        resolution: (height, width) wanted.

    Raises:
        DataError: Image and layout differ in size.
    """
    if pair.image.shape[:2] != pair.layout.shape:
        raise DataError(
            f"the image is {_size(pair.image.shape)} but its label map is {_size(pair.layout.shape)} "
            "(height x width); they must be equal"
        )
    if pair.layout.shape == resolution:
        return pair
    from torchvision.transforms import InterpolationMode  # two seconds, which a dry run need not spend
    from torchvision.transforms.v2 import CenterCrop
    from torchvision.transforms.v2 import functional as F
    from torchvision.tv_tensors import Image, Mask

    image = Image(torch.tensor(pair.image).permute(2, 0, 1))
    layout = Mask(torch.tensor(pair.layout)[None])
    image, layout = CenterCrop(list(_crop_size(pair.layout.shape, resolution)))(image, layout)
    size = list(resolution)
    image = F.resize(image, size, InterpolationMode.BILINEAR, antialias=True)
    # As a plain tensor: for a Mask, torchvision would fall back to the older "nearest", which is off by half a pixel.
    layout = F.resize(layout.as_subclass(torch.Tensor), size, InterpolationMode.NEAREST_EXACT, antialias=False)
    return Pair(
        np.ascontiguousarray(image.permute(1, 2, 0).numpy()),
        np.ascontiguousarray(layout[0].numpy()),
    )


def of_one_shape(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two (height, width) are one shape at two scales, give or take the rounding of a pixel."""
    return abs(one[0] * other[1] - other[0] * one[1]) <= max(*one[:2], *other[:2])


def to_larger(pair: Pair) -> Pair:
    """Bring the smaller of image and label map to the size of the larger, images bilinearly, labels to the nearest."""
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms.v2 import functional as F

    size = list(max(pair.image.shape[:2], pair.layout.shape))
    image, layout = pair.image, pair.layout
    if list(layout.shape) != size:
        grown = F.resize(torch.tensor(layout)[None], size, InterpolationMode.NEAREST_EXACT, antialias=False)
        layout = np.ascontiguousarray(grown[0].numpy())
    else:
        grown = F.resize(torch.tensor(image).permute(2, 0, 1), size, InterpolationMode.BILINEAR, antialias=True)
        image = np.ascontiguousarray(grown.permute(1, 2, 0).numpy())
    return Pair(image, layout)


def flip_pairs(images: torch.Tensor, layouts: torch.Tensor, flips: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Mirror the chosen pairs left to right (training only; evaluation never flips).

    Args:
        images: ``(N, 3, H, W)`` float.
        layouts: ``(N, H, W)`` int64 class ids.
        flips: ``(N,)`` bool, True for the pairs to mirror.

    Returns:
        Images and layouts of the same shapes.
    """
    return (
        torch.where(flips[:, None, None, None], images.flip(-1), images),
        torch.where(flips[:, None, None], layouts.flip(-1), layouts),
    )


def _crop_size(native: tuple[int, ...], resolution: Resolution) -> Resolution:
    """Return the largest (height, width) of the aspect ratio of ``resolution`` that fits in ``native``."""
    height, width = native
    wanted_height, wanted_width = resolution
    if width * wanted_height > height * wanted_width:
        return height, max(1, round(height * wanted_width / wanted_height))
    return max(1, round(width * wanted_height / wanted_width)), width


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[0]}x{shape[1]}"
