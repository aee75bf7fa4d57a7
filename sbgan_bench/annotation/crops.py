"""What the segmenter sees of a labelled pair: turned, scaled, cropped, mirrored at random, image and labels alike."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sbgan_bench.annotation.pairs import IGNORED, LabelledPair
from sbgan_bench.annotation.recipe import Recipe


def random_crop(pair: LabelledPair, recipe: Recipe, draw: np.random.Generator) -> LabelledPair:
    """Return a crop of the size that the recipe says.

    After ``data_transforms.py`` of github.com/fyu/drn: turn, scale, crop, mirror. Scaling and cropping are one
    resampling here: bilinear with antialiasing for the image, nearest for the labels. Where the image is smaller than
    the crop it is mirrored on at its borders, and the labels there are ``IGNORED``.

    Args:
        pair: Of any size.
        recipe: How large, and what may happen to it.
        draw: Five numbers are drawn, whatever the recipe, so that its parts do not move one another.
    """
    angle = recipe.rotate * draw.uniform(-1, 1)
    scale = recipe.input_scale * draw.uniform(1 / recipe.random_scale, recipe.random_scale)
    down, right = draw.random(2)
    mirrored = recipe.mirror and draw.random() < 0.5
    if angle:
        pair = _turned(pair, angle)
    height, width = (max(1, round(side * scale)) for side in pair.target.shape)
    crop_height, crop_width = min(recipe.crop[0], height), min(recipe.crop[1], width)
    top, left = int(down * (height - crop_height + 1)), int(right * (width - crop_width + 1))
    up_by, across_by = pair.target.shape[0] / height, pair.target.shape[1] / width
    box = (left * across_by, top * up_by, (left + crop_width) * across_by, (top + crop_height) * up_by)
    pair = _filled(_resampled(pair, (crop_width, crop_height), box), recipe.crop)
    if mirrored:
        pair = LabelledPair(pair.image[:, ::-1], pair.target[:, ::-1])
    return LabelledPair(np.ascontiguousarray(pair.image), np.ascontiguousarray(pair.target))


def shrunk(image: NDArray[np.uint8], scale: float) -> NDArray[np.uint8]:
    """Return an image ``(H, W, 3)`` resampled to ``scale`` times its size (at least one pixel), bilinearly."""
    if scale == 1:
        return image
    height, width = (max(1, round(side * scale)) for side in image.shape[:2])
    return np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BILINEAR))


def _resampled(pair: LabelledPair, size: tuple[int, int], box: tuple[float, float, float, float]) -> LabelledPair:
    image = Image.fromarray(pair.image).resize(size, Image.Resampling.BILINEAR, box)
    target = Image.fromarray(pair.target).resize(size, Image.Resampling.NEAREST, box)
    return LabelledPair(np.asarray(image), np.asarray(target))


def _turned(pair: LabelledPair, degrees: float) -> LabelledPair:
    """Turn about the middle; corners that come from outside show the mirrored image and are ``IGNORED``."""
    height, width = pair.target.shape
    swing = math.sin(math.radians(abs(degrees)))
    rows, columns = math.ceil(width / 2 * swing) + 1, math.ceil(height / 2 * swing) + 1
    wide = Image.fromarray(np.pad(pair.image, ((rows, rows), (columns, columns), (0, 0)), "symmetric"))
    image = np.asarray(wide.rotate(degrees, Image.Resampling.BILINEAR))
    target = Image.fromarray(pair.target).rotate(degrees, Image.Resampling.NEAREST, fillcolor=IGNORED)
    return LabelledPair(image[rows : rows + height, columns : columns + width], np.asarray(target))


def _filled(pair: LabelledPair, size: tuple[int, int]) -> LabelledPair:
    """Extend to ``size`` below and to the right."""
    below, beside = (wanted - have for wanted, have in zip(size, pair.target.shape, strict=True))
    if not below and not beside:
        return pair
    image = np.pad(pair.image, ((0, below), (0, beside), (0, 0)), "symmetric")
    return LabelledPair(image, np.pad(pair.target, ((0, below), (0, beside)), constant_values=IGNORED))
