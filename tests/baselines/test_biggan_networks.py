import pytest
import torch

from sbgan_baselines.biggan_layers import Attention, SpectralLinear
from sbgan_baselines.biggan_networks import (
    OFFICIAL,
    Architecture,
    BigGANDiscriminator,
    BigGANGenerator,
    Conditioning,
    init_ortho,
    init_xavier,
    initialise,
    orthogonal_penalty,
)

TINY = Architecture(generator=(4, 4, 2, 2), discriminator=(2, 2, 4, 4), attention=(16,))
HIERARCHICAL = Conditioning(num_classes=1, shared_dim=6, hierarchical=True)


def make(conditioning=HIERARCHICAL, aspect=2):
    generator = BigGANGenerator(
        architecture=TINY, base_width=4, latent_dim=18, conditioning=conditioning, aspect=aspect
    )
    discriminator = BigGANDiscriminator(architecture=TINY, base_width=4)
    initialise(generator, 0)
    initialise(discriminator, 0)
    return generator, discriminator


@pytest.mark.parametrize("aspect", [1, 2])
@pytest.mark.parametrize(
    "conditioning", [HIERARCHICAL, Conditioning(1, 6, hierarchical=False), Conditioning(1, None, hierarchical=False)]
)
def test_tiny_non_square_networks(conditioning, aspect):
    generator, discriminator = make(conditioning, aspect)
    images = generator(torch.randn(3, generator.latent_dim))
    assert images.shape == (3, 3, 32, 32 * aspect)
    assert images.abs().max() <= 1
    assert discriminator(images).shape == (3, 1)


def test_hierarchical_latents_are_rounded_to_equal_parts():
    generator, _ = make()
    assert (generator.latent_dim, generator.first_dim, generator.part_dim) == (16, 4, 4)


def test_hierarchical_latents_need_a_shared_embedding():
    with pytest.raises(ValueError, match="shared_dim"):
        Conditioning(shared_dim=None, hierarchical=True)


@pytest.mark.parametrize("height", OFFICIAL)
def test_official_heights(height):
    assert OFFICIAL[height].height == height


def test_evaluation_does_not_mix_samples_and_changes_no_buffer():
    networks = [network.eval() for network in make()]
    generator, discriminator = networks
    before = [{k: v.clone() for k, v in network.state_dict().items()} for network in networks]
    z = torch.randn(3, generator.latent_dim)
    images = generator(z)
    torch.testing.assert_close(images[1:2], generator(z[1:2]))
    torch.testing.assert_close(discriminator(images)[1:2], discriminator(images[1:2]))
    for network, old in zip(networks, before, strict=True):
        assert all(torch.equal(old[k], v) for k, v in network.state_dict().items())


def test_the_estimated_singular_value_converges():
    layer = SpectralLinear(7, 5, 1e-8)
    init_xavier(layer, generator=torch.Generator().manual_seed(0))
    for _ in range(200):
        layer(torch.randn(1, 7))
    torch.testing.assert_close(layer.sv0[0], torch.linalg.matrix_norm(layer.weight, 2), rtol=1e-4, atol=1e-5)
    assert torch.linalg.matrix_norm(layer.normalized(), 2).item() == pytest.approx(1, abs=1e-4)


def test_attention_starts_as_the_identity():
    attention = Attention(16, 1e-6)
    init_ortho(attention, generator=torch.Generator().manual_seed(0))
    x = torch.randn(2, 16, 4, 8)
    assert torch.equal(attention(x), x)


def test_attention_to_equal_values_adds_their_projection():
    attention = Attention(16, 1e-6)
    init_ortho(attention, generator=torch.Generator().manual_seed(0))
    torch.nn.init.constant_(attention.gamma, 0.5)
    x = torch.randn(1, 16, 1, 1).expand(1, 16, 4, 8)
    expected = x + 0.5 * attention.eval().o(attention.g(x))
    torch.testing.assert_close(attention(x), expected)


def test_orthogonal_initialisation_is_orthonormal_and_a_function_of_the_seed():
    torch.manual_seed(1)
    generator, _ = make()
    torch.manual_seed(2)
    again, _ = make()
    assert all(torch.equal(v, again.state_dict()[k]) for k, v in generator.state_dict().items())
    for name, parameter in generator.named_parameters():
        if parameter.ndim > 1:
            matrix = parameter.detach().flatten(1)
            matrix = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.t()
            torch.testing.assert_close(matrix @ matrix.t(), torch.eye(len(matrix)), rtol=0, atol=1e-5, msg=name)


def test_orthogonal_penalty_has_the_printed_gradient_and_spares_the_shared_embedding():
    generator, _ = make()
    init_xavier(generator, generator=torch.Generator().manual_seed(0))
    orthogonal_penalty(generator, strength=0.3).backward()
    weight = generator.linear.weight
    w = weight.detach()
    expected = 0.3 * 2 * ((w @ w.t()) * (1 - torch.eye(len(w)))) @ w
    torch.testing.assert_close(weight.grad, expected)
    assert generator.shared.weight.grad is None


def test_the_score_is_linear_in_the_number_of_equal_positions():
    discriminator = make()[1].eval()
    widths = (256, 384, 512)
    narrow, middle, wide = (discriminator(torch.zeros(1, 3, 64, width)) for width in widths)
    torch.testing.assert_close(wide - middle, middle - narrow, rtol=1e-3, atol=1e-4)
