"""Details of the released codes that no recorded case shows: initialisation, VGG19, D2, labels, the entry gradient."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models import vgg

from sbgan_bench.losses import PerceptualLoss, multiscale_hinge_discriminator_loss
from sbgan_bench.networks.discriminators import DiscriminatorVariant, MultiscaleDiscriminator
from sbgan_bench.networks.initialisation import fans, init_xavier
from sbgan_bench.networks.labels import instance_edges, one_hot_layouts
from sbgan_bench.networks.progressive import (
    Head,
    PixelNorm,
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    initialise,
    official_widths,
)
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling
from sbgan_bench.networks.spade import initialise as start_painting
from sbgan_bench.networks.vgg import VGG19_WEIGHTS, VGG19Features
from sbgan_bench.sbgan.finetuning import SBGANSettings
from sbgan_bench.sbgan.image_training import ImageStageSettings
from sbgan_bench.sbgan.optimisation import adam
from sbgan_bench.sbgan.progressive_training import ProgressiveSettings


def draw(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def painter(upsampling, resolution, gradient, width=1):
    network = SPADEGenerator(
        label_channels=3,
        base_width=width,
        resolution=resolution,
        upsampling=upsampling,
        hidden=4,
        label_gradient=gradient,
    )
    start_painting(network, 0)
    return network.eval()


@pytest.mark.parametrize(
    ("upsampling", "resolution", "factor"),
    [
        (Upsampling.NORMAL, (64, 128), 32),
        (Upsampling.NORMAL, (96, 96), 32),
        (Upsampling.MORE, (64, 128), 64),
        (Upsampling.MOST, (128, 256), 128),
    ],
)
def test_entry_gradients_reach_one_pixel_of_every_cell_of_the_starting_grid(upsampling, resolution, factor):
    labels = draw(1, 3, *resolution).softmax(dim=1).requires_grad_()
    (gradient,) = torch.autograd.grad(
        painter(upsampling, resolution, LabelGradient.ENTRY, 2)(labels).square().sum(), labels
    )
    reached = torch.zeros(resolution, dtype=torch.bool)
    reached[::factor, ::factor] = True
    assert torch.equal(gradient.abs().sum(dim=(0, 1)) > 0, reached)
    assert reached.sum() == resolution[0] * resolution[1] // factor**2


def label_gradient(mode, labels, entry=None):
    """The gradient into the labels; with a constant in the place of fc's output, what goes around fc."""
    network, leaf = painter(Upsampling.NORMAL, (64, 128), mode, 2).double(), labels.clone().requires_grad_()
    if entry is not None:
        network.fc.register_forward_hook(lambda *_: entry)
    (gradient,) = torch.autograd.grad(network(leaf).square().sum(), leaf)
    return gradient


def test_the_entry_gradient_is_that_part_of_the_full_one_which_passes_fc():
    labels = draw(1, 3, 64, 128).softmax(dim=1).double()
    with torch.no_grad():
        entry = painter(Upsampling.NORMAL, (64, 128), LabelGradient.FULL, 2).double().fc(labels[..., ::32, ::32])
    around = label_gradient(LabelGradient.FULL, labels, entry)
    whole = label_gradient(LabelGradient.FULL, labels)
    torch.testing.assert_close(label_gradient(LabelGradient.ENTRY, labels), whole - around)
    assert around.abs().max() > 0


@pytest.mark.parametrize(
    "network",
    [
        painter(Upsampling.NORMAL, (32, 64), LabelGradient.FULL, 8),
        MultiscaleDiscriminator(in_channels=6, base_width=32, variant=DiscriminatorVariant.NVLABS),
    ],
    ids=["generator", "discriminator"],
)
def test_spade_starts_from_xavier_normal_weights_of_gain_002_spectral_layers_included(network):
    init_xavier(network, generator=torch.Generator().manual_seed(1))
    checked = 0
    for key, tensor in network.state_dict().items():
        if tensor.ndim == 4 and tensor.numel() > 4000:
            expected = 0.02 * math.sqrt(2 / sum(fans(tensor)))
            assert tensor.std().item() == pytest.approx(expected, rel=0.06), key
            checked += 1
        elif key.endswith("bias"):
            assert not tensor.any(), key
        elif key.endswith(("weight_u", "weight_v")):
            assert tensor.norm().item() == pytest.approx(1), key
    assert checked > 4


def test_affine_batch_normalisation_starts_near_one():
    norm = nn.BatchNorm2d(5000)
    init_xavier(nn.Sequential(norm), generator=torch.Generator().manual_seed(0))
    assert norm.weight.mean().item() == pytest.approx(1, abs=2e-3)
    assert norm.weight.std().item() == pytest.approx(0.02, rel=0.1)
    assert not norm.bias.any()


def test_progressive_networks_start_from_unit_normal_weights_and_zero_biases():
    for network in (
        ProgressiveGenerator(head=Head.MASK, out_channels=20, widths=(64, 32), latent_dim=64, aspect=2),
        ProgressiveDiscriminator(head=Head.MASK, in_channels=20, widths=(64, 32), latent_dim=64, aspect=2),
    ):
        initialise(network, 0)
        for key, tensor in network.state_dict().items():
            if key.endswith("bias"):
                assert not tensor.any()
            elif tensor.numel() > 2000:
                assert tensor.std().item() == pytest.approx(1, rel=0.08)


def test_the_textbook_and_the_released_pixel_norm_differ_by_the_root():
    x = draw(2, 16, 4, 8) * 3
    power = x.square().mean(dim=1, keepdim=True)
    torch.testing.assert_close(PixelNorm.PROGAN(x), PixelNorm.SBGAN(x) * power.sqrt(), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(PixelNorm.PROGAN(x), PixelNorm.SBGAN(x))


@torch.no_grad()
@pytest.mark.parametrize("aspect", [1, 2])
@pytest.mark.parametrize(("head", "channels"), [(Head.MASK, 35), (Head.RGB, 3)])
def test_fading_at_official_widths_mixes_both_paths(head, channels, aspect):
    sizes = {"head": head, "widths": official_widths(2), "aspect": aspect}
    generator = ProgressiveGenerator(out_channels=channels, pixel_norm=PixelNorm.SBGAN, **sizes)
    discriminator = ProgressiveDiscriminator(in_channels=channels, **sizes)
    initialise(generator, 0)
    initialise(discriminator, 0)
    z, seen = draw(1, 512), draw(1, channels, 8, 8 * aspect)
    lower, plain = nn.functional.interpolate(generator(z, 0), scale_factor=2.0), generator(z, 1)
    torch.testing.assert_close(generator(z, 1, 0.3), 0.7 * lower + 0.3 * plain)
    assert torch.equal(generator(z, 1, 1.0), plain)
    assert torch.equal(discriminator(seen, 1, 1.0), discriminator(seen, 1))


def test_vgg19_is_cut_after_the_first_rectifier_of_each_block_and_sees_the_image_as_it_is():
    torch.manual_seed(0)
    theirs = vgg.make_layers(vgg.cfgs["E"])
    ours = VGG19Features()
    ours.features.load_state_dict({k: v for k, v in theirs.state_dict().items() if k in ours.features.state_dict()})
    image = draw(1, 3, 32, 32).tanh()
    with torch.no_grad():
        maps = ours(image)
        for found, last in zip(maps, (1, 6, 11, 20, 29), strict=True):
            assert torch.equal(found, theirs[: last + 1](image))
            assert isinstance(theirs[last], nn.ReLU)
    assert len(ours.features) == 30


def test_the_perceptual_loss_weighs_the_five_maps_by_halves_and_ten():
    assert VGG19_WEIGHTS == (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1)

    class Ones(nn.Module):
        def forward(self, x):
            return [x * scale for scale in (1.0, 2.0, 3.0, 4.0, 5.0)]

    loss = PerceptualLoss(Ones())(torch.ones(1, 3, 4, 4), torch.zeros(1, 3, 4, 4))
    assert loss.item() == pytest.approx(10 * (1 / 32 + 2 / 16 + 3 / 8 + 4 / 4 + 5))


@pytest.mark.parametrize(("label_nc", "size"), [(34, (6, 8)), (19, (3, 5)), (182, (4, 4))])
def test_raw_label_255_becomes_the_channel_after_the_last_class(label_nc, size):
    ids = torch.from_numpy(np.random.RandomState(0).randint(0, label_nc, (2, *size)))
    ids[0, 1, 2] = ids[1, 0, 0] = 255
    channels = one_hot_layouts(ids, label_nc, dont_care=True)
    assert channels.shape[1] == label_nc + 1
    assert torch.equal(channels.argmax(dim=1) == label_nc, ids == 255)
    already = ids.masked_fill(ids == 255, label_nc)
    assert torch.equal(one_hot_layouts(already, label_nc, dont_care=True), channels)


@pytest.mark.parametrize("seed", range(4))
def test_an_edge_is_where_a_neighbour_is_of_another_instance(seed):
    ids = np.random.RandomState(seed).randint(0, 3, (2, 6, 9))
    found = instance_edges(torch.from_numpy(ids))[:, 0]
    padded = np.pad(ids, ((0, 0), (1, 1), (1, 1)), mode="edge")
    neighbours = [padded[:, 1:-1, :-2], padded[:, 1:-1, 2:], padded[:, :-2, 1:-1], padded[:, 2:, 1:-1]]
    expected = np.any([side != ids for side in neighbours], axis=0)
    assert torch.equal(found, torch.from_numpy(expected).float())


def test_d2_judges_images_without_labels_in_the_forks_shape():
    d2 = MultiscaleDiscriminator(in_channels=3, base_width=64, variant=DiscriminatorVariant.SBGAN)
    init_xavier(d2, gain=1.0, generator=torch.Generator().manual_seed(0))
    state = d2.state_dict()
    assert state["discriminator_0.model0.0.weight"].shape == (64, 3, 4, 4)
    assert {key.split(".")[1] for key in state} == {"model0", "model1", "model2", "model3"}
    strides = [m.stride for m in d2.get_submodule("discriminator_1").modules() if isinstance(m, nn.Conv2d)]
    assert strides == [(2, 2), (2, 2), (2, 2), (1, 1)]
    real, made = draw(2, 3, 32, 64), draw(2, 3, 32, 64, seed=1)
    with torch.no_grad():
        d2.eval()
        loss = multiscale_hinge_discriminator_loss(d2(real), d2(made))
        scores = [(d2(real)[k][-1], d2(made)[k][-1]) for k in (0, 1)]
    expected = sum((1 - r).clamp(min=0).mean() + (1 + g).clamp(min=0).mean() for r, g in scores) / 2
    torch.testing.assert_close(loss, expected)


def test_two_time_scales_and_betas_are_the_released_ones_and_floats():
    image, joint, layout = ImageStageSettings(), SBGANSettings(), ProgressiveSettings()
    base = 2e-4
    assert (image.generator_rate, image.discriminator_rate) == (base / 2, base * 2)
    assert (joint.generator_rate, joint.discriminator_rate, joint.d2_rate) == (base / 2, base * 2, base)
    assert image.betas == joint.betas == (0.0, 0.9)
    assert joint.d2_betas == joint.layout_betas == layout.betas == (0.0, 0.99)
    group = adam(nn.Linear(1, 1), joint.d2_rate, joint.d2_betas).param_groups[0]
    assert all(isinstance(beta, float) for beta in group["betas"])
    assert (group["eps"], group["weight_decay"], group["amsgrad"]) == (1e-8, 0, False)
