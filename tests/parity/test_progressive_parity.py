"""The progressive networks compute what the released ones do, at every recorded level, plain and faded."""

import pytest
import torch
from parity_cases import Case, normal

from sbgan_bench.losses import critic_loss, gradient_penalty
from sbgan_bench.networks.progressive import (
    Head,
    PixelNorm,
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    official_widths,
)

CASES = ["progan_layout_k7_ar2_max64", "progan_rgb_ar1_max64"]
SIZES = [4, 8, *(pytest.param(size, marks=pytest.mark.slow) for size in (32, 64))]


@pytest.fixture(scope="module", params=CASES)
def networks(request):
    case = Case(request.param)
    config = case.facts["config"]
    head = Head.RGB if config["rgb"] else Head.MASK
    common = {"head": head, "widths": official_widths(5), "aspect": config["aspect_ratio"]}
    generator = ProgressiveGenerator(out_channels=config["num_semantics"], pixel_norm=PixelNorm.SBGAN, **common)
    discriminator = ProgressiveDiscriminator(in_channels=config["num_semantics"], **common)
    case.prepare(generator, "generator_keys")
    case.prepare(discriminator, "discriminator_keys")
    return case, generator, discriminator


@pytest.mark.parametrize("size", SIZES)
def test_outputs_are_the_released_ones(networks, size):
    case, generator, discriminator = networks
    stride, alpha = case.facts["cases"][str(size)]["output_stride"], case.facts["cases"][str(size)]["alpha"]
    level, z = {4: 0, 8: 1, 32: 3, 64: 4}[size], normal(1, 2, 512)
    with torch.no_grad():
        fake = generator(z, level)
        case.check(f"g_{size}", fake[..., ::stride, ::stride])
        case.check(f"d_{size}", discriminator(fake, level))
        if level > 0:
            case.check(f"g_fade_{size}", generator(z, level, alpha)[..., ::stride, ::stride])
            case.check(f"d_fade_{size}", discriminator(fake, level, alpha))


@pytest.mark.parametrize("size", SIZES)
def test_the_critic_loss_with_penalty_is_the_released_one(networks, size):
    case, generator, discriminator = networks
    level = {4: 0, 8: 1, 32: 3, 64: 4}[size]
    with torch.no_grad():
        fake, real = generator(normal(1, 2, 512), level), generator(normal(2, 2, 512), level)
        loss = critic_loss(discriminator(real, level), discriminator(fake, level))
    penalty = gradient_penalty(lambda x: discriminator(x, level), real, fake, case.tensor(f"gp_eps_{size}"))
    case.check(f"wgan_gp_d_loss_{size}", loss + penalty)
