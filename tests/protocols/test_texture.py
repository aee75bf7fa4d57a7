"""Laws of the random convolutions behind the texture protocol."""

import math

import numpy as np
import pytest
import torch

from sbgan_bench.errors import DataError
from sbgan_bench.protocol import Opening
from sbgan_bench.protocols.texture import RandomPyramid, TextureProtocol
from sbgan_bench.samples import SampleBatch

CPU = torch.device("cpu")
RNG = np.random.default_rng(0)


def test_a_flat_image_has_no_deviation_at_any_scale() -> None:
    flat = np.tile(np.array([200, 90, 30], np.uint8)[None, :, None, None], (1, 1, 32, 64))
    features = TextureProtocol.open(Opening(device=CPU)).features(SampleBatch(flat))[0]
    assert np.isclose(features, math.log(0.05), atol=1e-3).sum() >= len(features) // 2


def test_only_colour_filters_see_a_change_of_brightness() -> None:
    network = RandomPyramid()
    dim = network.dim // 3
    images = torch.from_numpy(RNG.random((2, 3, 32, 64), np.float32))
    change = (network(images + 0.2) - network(images)).abs()[:, :dim]
    assert change[:, :24].max() < 1e-4  # detail: means and deviations of 12 maps
    assert change[:, 24:28].max() > 0.01  # colour: means of 4 maps
    assert change[:, 32:].max() < 1e-4  # second layer


def test_repeating_an_image_sideways_hardly_moves_its_features() -> None:
    """Pooled statistics say what an image is made of, not how large it is: only its seams and borders change."""
    images = RNG.integers(0, 256, (4, 3, 64, 64), np.uint8)
    protocol = TextureProtocol.open(Opening(device=CPU))
    once, twice = (protocol.features(SampleBatch(each)) for each in (images, np.concatenate([images, images], axis=3)))
    assert np.abs(once - twice).mean() < 0.02


def test_images_too_small_for_the_coarsest_scale_are_refused() -> None:
    with pytest.raises(DataError, match=r"16x64 are too small: texture needs 32x32"):
        TextureProtocol.open(Opening(device=CPU)).features(SampleBatch(np.zeros((1, 3, 16, 64), np.uint8)))
