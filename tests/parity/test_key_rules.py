"""Networks of any size have the official keys and shapes, and make outputs of the official shapes."""

import json
from pathlib import Path

import official_keys
import pytest
import torch

from sbgan_baselines.biggan_networks import OFFICIAL, Architecture, BigGANDiscriminator, BigGANGenerator, Conditioning
from sbgan_bench.networks.discriminators import DiscriminatorVariant, MultiscaleDiscriminator
from sbgan_bench.networks.drn import DRNArch, DRNSegmenter
from sbgan_bench.networks.progressive import (
    Head,
    PixelNorm,
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    official_widths,
)
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling

CASES = Path(__file__).parent / "cases"


@pytest.fixture(autouse=True)
def shapes_only():
    """Nothing is computed on this device: networks of any size are built and run in no time."""
    with torch.device("meta"):
        yield


def keys(network):
    return {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}


def recorded(name, field):
    facts = json.loads((CASES / f"{name}.json").read_text())
    return {key: tuple(shape) for key, shape in facts[field].items()}


def test_the_rules_give_the_recorded_keys():
    layout = official_keys.progressive(5, 7, 2, "mask")
    rgb = official_keys.progressive(5, 3, 1, "rgb")
    for name, pair in (("progan_layout_k7_ar2_max64", layout), ("progan_rgb_ar1_max64", rgb)):
        assert (recorded(name, "generator_keys"), recorded(name, "discriminator_keys")) == pair
    for name, layers in (("spade_nv_128x128_more_k19_ngf16", 4), ("spade_fork_128x128_more_k19_ngf16", 3)):
        assert recorded(name, "generator_keys") == official_keys.spade_generator(21, 16, "more")
        assert recorded(name, "discriminator_keys") == official_keys.spade_discriminator(24, 16, layers, 2)
    for arch in ("drn_d_22", "drn_d_38", "drn_d_54"):
        assert recorded(arch, "keys") == official_keys.drn(arch, 19)
    sagan, biggan = "biggan_sagan64", "biggan_biggan128"
    assert recorded(sagan, "generator_keys") == official_keys.biggan_generator(64, 16, 32, 1, None, (32,), hier=False)
    assert recorded(sagan, "discriminator_keys") == official_keys.biggan_discriminator(64, 16, 1, (32,))
    assert recorded(biggan, "generator_keys") == official_keys.biggan_generator(128, 32, 120, 3, 128, (64,), hier=True)
    assert recorded(biggan, "discriminator_keys") == official_keys.biggan_discriminator(128, 32, 3, (64,))


@pytest.mark.parametrize(
    ("head", "channels", "aspect"), [(Head.MASK, 20, 2), (Head.MASK, 35, 2), (Head.MASK, 95, 1), (Head.RGB, 3, 2)]
)
@pytest.mark.parametrize("levels", [1, 2, 5, 7])
def test_progressive(levels, head, channels, aspect):
    widths = official_widths(levels)
    generator = ProgressiveGenerator(
        head=head, out_channels=channels, widths=widths, aspect=aspect, pixel_norm=PixelNorm.SBGAN
    )
    discriminator = ProgressiveDiscriminator(head=head, in_channels=channels, widths=widths, aspect=aspect)
    assert (keys(generator), keys(discriminator)) == official_keys.progressive(levels, channels, aspect, head.value)
    for level in range(levels):
        made = generator(torch.empty(2, 512), level)
        height = 4 * 2**level
        assert made.shape == (2, channels, height, height * aspect)
        assert discriminator(made, level).shape == (2, 1)


@pytest.mark.parametrize(("aspect", "labels", "width"), [(1, 95, 64), (2, 35, 64), (2, 20, 16)])
@pytest.mark.parametrize("upsampling", ["normal", "more", "most"])
def test_spade_generator(upsampling, width, aspect, labels):
    height, size = 256, (256, 256 * aspect)
    generator = SPADEGenerator(
        label_channels=labels,
        base_width=width,
        resolution=size,
        upsampling=Upsampling(upsampling),
        label_gradient=LabelGradient.ENTRY,
    )
    assert keys(generator) == official_keys.spade_generator(labels, width, upsampling)
    assert generator(torch.empty(2, labels, *size)).shape == (2, 3, *size)
    start = height // {"normal": 32, "more": 64, "most": 128}[upsampling]
    assert generator.start == (start, start * aspect)


@pytest.mark.parametrize(("channels", "scales", "width"), [(3, 2, 64), (39, 2, 16), (98, 3, 64)])
@pytest.mark.parametrize("layers", [None, 2, 5])
@pytest.mark.parametrize("variant", DiscriminatorVariant)
def test_multiscale_discriminator(variant, layers, scales, width, channels):
    network = MultiscaleDiscriminator(
        in_channels=channels, base_width=width, variant=variant, scales=scales, layers=layers
    )
    depth = layers or {DiscriminatorVariant.NVLABS: 4, DiscriminatorVariant.SBGAN: 3}[variant]
    assert keys(network) == official_keys.spade_discriminator(channels, width, depth, scales)
    stages = network(torch.empty(1, channels, 128, 256))
    assert [len(scale) for scale in stages] == [depth + 1] * scales
    halvings = depth - (1 if variant is DiscriminatorVariant.NVLABS else 0)
    side = 128
    for _ in range(halvings):
        side = side // 2 + 1
    extra = 1 if variant is DiscriminatorVariant.NVLABS else 0
    assert stages[0][-1].shape[2] == side + extra + 1


@pytest.mark.parametrize("classes", [11, 35])
@pytest.mark.parametrize("arch", DRNArch)
def test_drn(arch, classes):
    network = DRNSegmenter(arch, classes)
    assert keys(network) == official_keys.drn(arch.value, classes)
    assert network.scores(torch.empty(1, 3, 64, 128)).shape == (1, classes, 8, 16)
    assert network(torch.empty(1, 3, 64, 128)).shape == (1, classes, 64, 128)


@pytest.mark.parametrize("attended", [(), (32,), (16, 64), (4, 8)])
@pytest.mark.parametrize(
    ("resolution", "ch", "classes", "shared", "hier"),
    [(64, 16, 1, None, False), (64, 64, 7, None, False), (128, 32, 5, 96, False), (256, 96, 1, 128, True)],
)
def test_biggan(resolution, ch, attended, classes, shared, hier):
    official = OFFICIAL[resolution]
    architecture = Architecture(official.generator, official.discriminator, attended)
    generator = BigGANGenerator(
        architecture=architecture,
        base_width=ch,
        latent_dim=120,
        conditioning=Conditioning(classes, shared, hier),
    )
    discriminator = BigGANDiscriminator(architecture=architecture, base_width=ch, num_classes=classes)
    rule = official_keys.biggan_generator(resolution, ch, 120, classes, shared, attended, hier=hier)
    assert keys(generator) == rule
    assert keys(discriminator) == official_keys.biggan_discriminator(resolution, ch, classes, attended)
    image = generator(torch.empty(2, generator.latent_dim), torch.zeros(2, dtype=torch.long))
    assert image.shape == (2, 3, resolution, resolution)
    assert discriminator(image, torch.zeros(2, dtype=torch.long)).shape == (2, 1)


@pytest.mark.parametrize("aspect", [1, 2])
@pytest.mark.parametrize("resolution", [64, 128, 256])
def test_biggan_of_two_by_one(resolution, aspect):
    generator = BigGANGenerator(architecture=OFFICIAL[resolution], base_width=16, aspect=aspect)
    discriminator = BigGANDiscriminator(architecture=OFFICIAL[resolution], base_width=16)
    image = generator(torch.empty(2, generator.latent_dim))
    assert image.shape == (2, 3, resolution, resolution * aspect)
    assert discriminator(image).shape == (2, 1)
