import numpy as np
import pytest
from annotation.scenes import COLOURS, scene
from hypothesis import given, settings
from hypothesis import strategies as st

from sbgan_bench.annotation.crops import random_crop, shrunk
from sbgan_bench.annotation.pairs import IGNORED, LabelledPair
from sbgan_bench.annotation.recipe import Recipe
from sbgan_bench.noise import generator


def numbered(height, width):
    """A pair in which no two pixels are alike, with the same numbers in image and labels."""
    values = np.arange(height * width).reshape(height, width)
    image = np.stack([values % 251, values // 251, values % 7], axis=-1).astype(np.uint8)
    return LabelledPair(image, (values % 251).astype(np.uint8))


def places(pair, crop):
    """Return where a crop occurs in the image."""
    height, width = crop.shape[:2]
    return [
        (top, left)
        for top in range(pair.image.shape[0] - height + 1)
        for left in range(pair.image.shape[1] - width + 1)
        if np.array_equal(pair.image[top : top + height, left : left + width], crop)
    ]


@settings(deadline=None)
@given(st.integers(0, 10_000))
def test_without_scaling_a_crop_is_a_piece_of_the_image_and_the_same_of_the_labels(seed):
    pair = numbered(21, 30)
    crop = random_crop(pair, Recipe(crop=(16, 24), mirror=False), generator("test", seed))
    ((top, left),) = places(pair, crop.image)
    assert np.array_equal(pair.target[top : top + 16, left : left + 24], crop.target)


def test_every_place_occurs_and_half_are_mirrored():
    pair = numbered(18, 17)
    found, mirrored = set(), 0
    for seed in range(400):
        crop = random_crop(pair, Recipe(crop=(16, 16)), generator("test", seed))
        straight = places(pair, crop.image)
        mirrored += not straight
        found.update(straight or places(pair, crop.image[:, ::-1]))
    assert found == {(top, left) for top in range(3) for left in range(2)}
    assert 150 < mirrored < 250


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000))
def test_image_and_labels_stay_together_whatever_happens_to_them(seed):
    image, labels = scene(seed, (64, 96))
    recipe = Recipe(crop=(48, 48), random_scale=2, rotate=20)
    crop = random_crop(LabelledPair(image, labels), recipe, generator("test", seed))
    assert crop.image.shape == (48, 48, 3)
    nearest = np.abs(crop.image[:, :, None].astype(int) - COLOURS).sum(axis=-1).argmin(axis=-1)
    known = crop.target != IGNORED
    assert known.mean() > 0.2
    assert (nearest == crop.target)[known].mean() > 0.9


def test_a_small_image_is_filled_up_and_the_filling_teaches_nothing():
    pair = numbered(10, 12)
    crop = random_crop(pair, Recipe(crop=(32, 40), mirror=False), generator("test", 0))
    assert np.array_equal(crop.image[:10, :12], pair.image)
    assert np.array_equal(crop.target[:10, :12], pair.target)
    crop.target[:10, :12] = IGNORED
    assert (crop.target == IGNORED).all()
    assert np.array_equal(crop.image[10:20, :12], pair.image[::-1])


def test_parts_of_a_recipe_do_not_move_one_another():
    pair = numbered(40, 40)
    plain = random_crop(pair, Recipe(crop=(16, 16), mirror=False), generator("test", 3))
    turned = random_crop(pair, Recipe(crop=(16, 16), mirror=False, rotate=1e-9), generator("test", 3))
    mirrors = [random_crop(pair, Recipe(crop=(16, 16)), generator("test", seed)) for seed in range(8)]
    straight = [random_crop(pair, Recipe(crop=(16, 16), mirror=False), generator("test", seed)) for seed in range(8)]
    assert np.abs(plain.image.astype(int) - turned.image).max() <= 1  # turning rounds down
    assert np.array_equal(plain.target, turned.target)
    for mirror, same in zip(mirrors, straight, strict=True):
        assert np.array_equal(mirror.image, same.image) or np.array_equal(mirror.image[:, ::-1], same.image)


@pytest.mark.parametrize(("scale", "size"), [(0.5, (5, 8)), (1.0, (10, 15)), (2.0, (20, 30)), (0.01, (1, 1))])
def test_shrinking_keeps_at_least_a_pixel_and_a_plain_colour(scale, size):
    image = np.full((10, 15, 3), (10, 20, 30), np.uint8)
    small = shrunk(image, scale)
    assert small.shape == (*size, 3)
    assert (small == (10, 20, 30)).all()
