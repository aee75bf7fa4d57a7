import numpy as np
import PIL.Image
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sbgan_bench.dataset import Pair
from sbgan_bench.datasets.transforms import fit_to, flip_pairs, of_one_shape, to_larger
from sbgan_bench.errors import DataError


@pytest.mark.parametrize("native", [(64, 128), (96, 192), (48, 96)])
def test_shrinking_is_that_of_pillow(native):
    """What loaders do that resize with Pillow; up to the last bit of the weights."""
    rng = np.random.default_rng(0)
    image, layout = rng.integers(0, 256, (*native, 3), np.uint8), rng.integers(0, 35, native, np.uint8)
    fitted = fit_to(Pair(image, layout), (16, 32))
    by_pillow = PIL.Image.fromarray(image).resize((32, 16), PIL.Image.Resampling.BILINEAR)
    assert np.abs(fitted.image.astype(int) - np.asarray(by_pillow)).max() <= 1
    nearest = PIL.Image.fromarray(layout).resize((32, 16), PIL.Image.Resampling.NEAREST)
    assert np.array_equal(fitted.layout, np.asarray(nearest))


def grey(layout):
    """A pair whose image shows its layout."""
    return Pair(layout[..., None].repeat(3, axis=2), layout)


def random_pair(height, width, seed=0):
    rng = np.random.default_rng(seed)
    return Pair(rng.integers(0, 256, (height, width, 3), np.uint8), rng.integers(0, 12, (height, width), np.uint8))


sizes = st.integers(1, 40)


@settings(max_examples=50, deadline=None)
@given(sizes, sizes, sizes, sizes)
def test_any_size_becomes_the_size_asked_for_without_new_ids(height, width, wanted_height, wanted_width):
    pair = random_pair(height, width)
    fitted = fit_to(pair, (wanted_height, wanted_width))
    assert fitted.image.shape == (wanted_height, wanted_width, 3)
    assert fitted.layout.shape == (wanted_height, wanted_width)
    assert fitted.image.dtype == fitted.layout.dtype == np.uint8
    assert set(np.unique(fitted.layout)) <= set(np.unique(pair.layout))


def test_a_pair_of_the_right_size_is_untouched_and_fitting_twice_is_fitting_once():
    pair = random_pair(30, 50)
    once = fit_to(pair, (8, 16))
    twice = fit_to(once, (8, 16))
    assert np.array_equal(once.image, twice.image)
    assert np.array_equal(once.layout, twice.layout)


def test_the_crop_is_the_centre_and_keeps_the_aspect_ratio():
    tall = random_pair(20, 16)  # the largest 1:2 crop is the middle 8 rows, at full width
    fitted = fit_to(tall, (8, 16))
    assert np.array_equal(fitted.image, tall.image[6:14])
    assert np.array_equal(fitted.layout, tall.layout[6:14])
    wide = random_pair(8, 40)
    assert np.array_equal(fit_to(wide, (8, 16)).layout, wide.layout[:, 12:28])


def test_a_constant_image_stays_constant():
    fitted = fit_to(Pair(np.full((33, 57, 3), 117, np.uint8), np.full((33, 57), 5, np.uint8)), (8, 16))
    assert (fitted.image == 117).all()
    assert (fitted.layout == 5).all()


@pytest.mark.parametrize("factor", [2, 3, 4, 5])
def test_image_and_layout_stay_aligned(factor):
    """Blocks of constant colour shrink to their own colour in both, so edges fall on the same pixels."""
    small = np.random.default_rng(factor).integers(0, 12, (6, 12), np.uint8)
    fitted = fit_to(grey(small.repeat(factor, axis=0).repeat(factor, axis=1)), (6, 12))
    assert np.array_equal(fitted.layout, small)
    # antialiasing blurs the image, but its edges lie where those of the layout lie: mirrored input, mirrored output
    mirrored = fit_to(grey(small[:, ::-1].repeat(factor, axis=0).repeat(factor, axis=1)), (6, 12))
    assert np.array_equal(mirrored.layout, fitted.layout[:, ::-1])
    assert np.abs(mirrored.image.astype(int) - fitted.image[:, ::-1]).max() <= 1


def test_fine_stripes_average_out_in_the_image():
    """Without antialiasing, one-pixel stripes shrunk fourfold would give black or white."""
    stripes = np.tile(np.array([0, 255], np.uint8), 32)[None].repeat(32, axis=0)
    image = fit_to(Pair(stripes[..., None].repeat(3, axis=2), np.zeros((32, 64), np.uint8)), (8, 16)).image
    assert np.abs(image.astype(int) - 127).max() <= 25


def test_image_and_layout_of_different_sizes_are_refused():
    with pytest.raises(DataError, match="4x6 but its label map is 4x5"):
        fit_to(Pair(np.zeros((4, 6, 3), np.uint8), np.zeros((4, 5), np.uint8)), (2, 4))


def test_flips_mirror_exactly_the_chosen_pairs_and_undo_themselves():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand((5, 3, 4, 8), generator=generator)
    layouts = torch.randint(0, 12, (5, 4, 8), generator=generator)
    flips = torch.tensor([True, False, True, False, False])
    flipped_images, flipped_layouts = flip_pairs(images, layouts, flips)
    for i, flip in enumerate(flips):
        assert torch.equal(flipped_images[i], images[i].flip(-1) if flip else images[i])
        assert torch.equal(flipped_layouts[i], layouts[i].flip(-1) if flip else layouts[i])
    back_images, back_layouts = flip_pairs(flipped_images, flipped_layouts, flips)
    assert torch.equal(back_images, images)
    assert torch.equal(back_layouts, layouts)
    assert flipped_layouts.dtype == layouts.dtype


@given(st.integers(2, 300), st.integers(2, 300), st.floats(0.1, 1))
def test_a_picture_made_smaller_keeps_its_shape(height, width, scale):
    smaller = (max(1, round(height * scale)), max(1, round(width * scale)))
    assert of_one_shape((height, width), smaller)
    assert of_one_shape(smaller, (height, width))


def test_turned_and_stretched_pictures_have_another_shape():
    assert not of_one_shape((256, 512), (512, 256))
    assert not of_one_shape((18, 24), (18, 26))


def test_the_smaller_of_image_and_labels_is_brought_to_the_larger():
    pair = random_pair(12, 20)
    small = Pair(pair.image, pair.layout[::2, ::2])
    grown = to_larger(small)
    assert np.array_equal(grown.image, pair.image)
    assert np.array_equal(grown.layout, small.layout.repeat(2, axis=0).repeat(2, axis=1))
    fitted = to_larger(Pair(np.full((6, 10, 3), 77, np.uint8), pair.layout))
    assert np.array_equal(fitted.layout, pair.layout)
    assert np.array_equal(fitted.image, np.full((12, 20, 3), 77, np.uint8))
