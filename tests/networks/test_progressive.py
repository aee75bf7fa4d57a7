import pytest
import torch
from torch.nn import functional as F

from sbgan_bench.networks.equalized import EqualizedConv2d, EqualizedLinear
from sbgan_bench.networks.initialisation import fill_normal
from sbgan_bench.networks.progressive import (
    Head,
    PixelNorm,
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    initialise,
    minibatch_stddev,
    official_widths,
)

WIDTHS = (16, 12, 8)


def noise(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def make_generator(head=Head.MASK, **options):
    network = ProgressiveGenerator(head=head, out_channels=5, widths=WIDTHS, latent_dim=10, aspect=2, **options)
    initialise(network, 0)
    return network


def make_discriminator(**options):
    network = ProgressiveDiscriminator(
        head=Head.MASK, in_channels=5, widths=WIDTHS, latent_dim=10, aspect=2, **options
    )
    initialise(network, 0)
    return network


@pytest.mark.parametrize("shape", [(3, 7), (2, 5, 4, 8)])
def test_pixel_norm_with_the_root_gives_unit_mean_square(shape):
    y = PixelNorm.PROGAN(noise(*shape) * 30)
    torch.testing.assert_close(y.square().mean(dim=1), torch.ones_like(y[:, 0]))


def test_pixel_norm_without_the_root_inverts_the_scale():
    x = noise(2, 5, 4, 8)
    torch.testing.assert_close(PixelNorm.SBGAN(10 * x), PixelNorm.SBGAN(x) / 10)


def test_official_widths():
    assert official_widths(7) == (512, 512, 512, 512, 256, 128, 64)


def test_equalized_layers_keep_unit_variance_up_to_the_gain():
    generator = torch.Generator().manual_seed(0)
    linear, conv = EqualizedLinear(400, 300, gain=1.5), EqualizedConv2d(64, 64, 3, padding=1, gain=1.5)
    fill_normal(linear.weight, generator)
    fill_normal(conv.weight, generator)
    assert linear(noise(200, 400, seed=1)).std().item() == pytest.approx(1.5, rel=0.02)
    assert conv(noise(4, 64, 16, 16, seed=1))[..., 1:-1, 1:-1].std().item() == pytest.approx(1.5, rel=0.02)


@pytest.mark.parametrize("level", range(len(WIDTHS)))
@pytest.mark.parametrize("head", Head)
def test_sizes_of_every_level(head, level):
    y = make_generator(head)(noise(2, 10), level)
    assert y.shape == (2, 5, 4 * 2**level, 8 * 2**level)
    if head is Head.MASK:
        torch.testing.assert_close(y.sum(dim=1), torch.ones_like(y[:, 0]))
        assert make_discriminator()(y, level).shape == (2, 1)


@pytest.mark.parametrize("head", Head)
def test_generator_fade_runs_from_the_enlarged_lower_level_to_the_plain_one(head):
    generator, z = make_generator(head), noise(2, 10)
    lower = F.interpolate(generator(z, 1), scale_factor=2.0, mode="nearest")
    plain = generator(z, 2)
    torch.testing.assert_close(generator(z, 2, 0.0), lower)
    assert torch.equal(generator(z, 2, 1.0), plain)
    torch.testing.assert_close(generator(z, 2, 0.25), 0.75 * lower + 0.25 * plain)


def test_discriminator_fade_runs_from_the_halved_input_to_the_plain_one():
    discriminator, x = make_discriminator(), noise(2, 5, 16, 32)
    torch.testing.assert_close(discriminator(x, 2, 0.0), discriminator(F.avg_pool2d(x, 2), 1))
    nearly = discriminator(x, 2, 1 - 1e-6)
    torch.testing.assert_close(nearly, discriminator(x, 2), rtol=1e-4, atol=1e-4)


def test_a_smaller_head_gain_starts_nearer_to_uniform():
    z = noise(8, 10)
    spread = [make_generator(head_gain=gain)(z, 2).std(dim=1).mean() for gain in (1.0, 0.1, 0.0)]
    assert spread[0] > spread[1] > spread[2] == 0


def test_samples_do_not_influence_each_other():
    generator, discriminator, z = make_generator(), make_discriminator(), noise(3, 10)
    together = generator(z, 2)
    torch.testing.assert_close(together[1:2], generator(z[1:2], 2))
    torch.testing.assert_close(discriminator(together, 2)[1:2], discriminator(together[1:2], 2))


def test_minibatch_stddev_is_that_of_each_strided_group():
    x = noise(8, 3, 4, 4)
    y = minibatch_stddev(x)
    expected = x[0::2].std(dim=0, correction=0).mean()
    assert torch.equal(y[:, :3], x)
    torch.testing.assert_close(y[0::2, 3], expected.expand(4, 4, 4))
    assert minibatch_stddev(x[:1])[:, 3].max() < 1e-3
    assert torch.isfinite(make_discriminator(minibatch_stddev=True)(noise(6, 5, 4, 8), 0)).all()


def test_weights_are_a_function_of_the_seed_alone():
    torch.manual_seed(1)
    a = make_generator().state_dict()
    torch.manual_seed(2)
    b = make_generator().state_dict()
    assert all(torch.equal(a[k], b[k]) for k in a)
    c = make_generator()
    initialise(c, 1)
    assert not torch.equal(a["blocks.0.fc1.weight"], c.state_dict()["blocks.0.fc1.weight"])
    assert a["blocks.0.fc1.weight"].std().item() == pytest.approx(1, rel=0.05)
    assert not a["blocks.0.fc1.bias"].any()


@pytest.mark.parametrize(("level", "alpha"), [(3, 1.0), (-1, 1.0), (0, 0.5)])
def test_impossible_levels_are_named(level, alpha):
    with pytest.raises(ValueError, match=f"{level}"):
        make_generator()(noise(1, 10), level, alpha)
    with pytest.raises(ValueError, match=f"{level}"):
        make_discriminator()(noise(1, 5, 4, 8), level, alpha)
