import pytest
import torch
from torch.nn import functional as F

from sbgan_bench.networks.discriminators import DiscriminatorVariant, MultiscaleDiscriminator
from sbgan_bench.networks.spade import initialise


def make(variant, in_channels=3, scales=2):
    network = MultiscaleDiscriminator(in_channels=in_channels, base_width=4, variant=variant, scales=scales)
    initialise(network, 0)
    return network


@pytest.mark.parametrize("in_channels", [3, 15])
@pytest.mark.parametrize(("variant", "stages"), [(DiscriminatorVariant.NVLABS, 5), (DiscriminatorVariant.SBGAN, 4)])
def test_stages_and_scales_on_tiny_images(variant, stages, in_channels):
    x = torch.randn(2, in_channels, 32, 64)
    outputs = make(variant, in_channels)(x)
    assert [len(scale) for scale in outputs] == [stages, stages]
    assert all(scale[-1].shape[1] == 1 for scale in outputs)
    assert [scale[0].shape[2:] for scale in outputs] == [(17, 33), (9, 17)]


@pytest.mark.parametrize("variant", DiscriminatorVariant)
def test_a_scale_is_its_copy_on_the_pooled_image(variant):
    network, x = make(variant).eval(), torch.randn(2, 3, 32, 64)
    pooled = F.avg_pool2d(x, 3, 2, 1, count_include_pad=False)
    score = network.get_submodule("discriminator_1")(pooled)[-1]
    assert torch.equal(network(x)[1][-1], score)


@pytest.mark.parametrize("variant", DiscriminatorVariant)
def test_samples_do_not_influence_each_other(variant):
    network, x = make(variant).eval(), torch.randn(3, 3, 32, 64)
    torch.testing.assert_close(network(x)[0][-1][1:2], network(x[1:2])[0][-1])


def test_pooling_does_not_darken_the_border():
    network = make(DiscriminatorVariant.SBGAN).eval()
    full, pooled = network(torch.ones(1, 3, 64, 64))[1], make(DiscriminatorVariant.SBGAN).eval()
    expected = pooled.get_submodule("discriminator_1")(torch.ones(1, 3, 32, 32))
    torch.testing.assert_close(full, expected)
