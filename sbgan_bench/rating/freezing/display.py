"""Bringing images to the one size that all of them are shown at."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.study import Enlarging, StudySpec

#: How far the aspect ratio of an image may be from that of the display: the rounding of a pixel.
_PIXEL = 1.0

_FILTERS = {Enlarging.LANCZOS: Image.Resampling.LANCZOS, Enlarging.NEAREST: Image.Resampling.NEAREST}


def parsed(text: str) -> Resolution:
    """Return (height, width) of "HxW"."""
    height, width = text.split("x")
    return int(height), int(width)


def display_size(spec: StudySpec, sizes: Mapping[str, Resolution]) -> Resolution:
    """Return the size that all images are shown at.

    Args:
        spec: ``display`` says it, or the images have one size.
        sizes: Size of the images of each cell, by its name in messages.

    Raises:
        ConfigError: Nothing says it, and the cells differ (each named with its size); or images cannot be brought to
            it without being distorted, or not by repeating pixels.
    """
    if spec.display is None:
        listed = ", ".join(f"{name} is {resolution_text(size)}" for name, size in sizes.items())
        if len(set(sizes.values())) > 1:
            raise ConfigError(
                f'Images of different sizes would give their sources away: {listed}. Add display = "HxW", and all are '
                "brought to that size."
            )
        return next(iter(sizes.values()))
    size = parsed(spec.display)
    for name, native in sizes.items():
        check_size(name, native, size, spec.enlarging)
    return size


def check_size(name: str, native: Resolution, size: Resolution, enlarging: Enlarging) -> None:
    """Refuse an image that cannot be brought to the display size.

    Raises:
        ConfigError: It has another shape; or pixels shall be repeated, and not by whole numbers.
    """
    (height, width), (wanted_height, wanted_width) = native, size
    if abs(height * wanted_width / wanted_height - width) > _PIXEL:
        raise ConfigError(
            f"{name} is {resolution_text(native)}, which would be distorted at {resolution_text(size)}; choose a "
            "display size of its shape, or crop the images first."
        )
    if enlarging is Enlarging.NEAREST and (wanted_height % height or wanted_width % width):
        raise ConfigError(
            f'{name} is {resolution_text(native)}: repeating pixels (enlarging = "nearest") does not make '
            f'{resolution_text(size)} of it; choose a multiple, or enlarging = "lanczos".'
        )


def shown(picture: NDArray[np.uint8], size: Resolution, enlarging: Enlarging) -> NDArray[np.uint8]:
    """Bring one picture to a size; one that has it already keeps every pixel.

    Args:
        picture: ``(h, w, 3)`` RGB.
        size: (height, width).
        enlarging: By which filter.

    Returns:
        ``(H, W, 3)`` RGB.
    """
    if picture.shape[:2] == size:
        return picture
    return np.asarray(Image.fromarray(picture).resize((size[1], size[0]), _FILTERS[enlarging]))
