"""SPADE's generator and both discriminators go through the recorded order of passes and agree at every point."""

from functools import partial

import numpy as np
import pytest
import torch
from parity_cases import Case, normal

from sbgan_bench.losses import (
    feature_matching,
    hinge_generated_loss,
    hinge_real_loss,
    multiscale_generator_loss,
    over_scales,
)
from sbgan_bench.networks.discriminators import DiscriminatorVariant, MultiscaleDiscriminator
from sbgan_bench.networks.labels import instance_edges, one_hot_layouts
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling

slow = partial(pytest.param, marks=pytest.mark.slow)
CASES = [
    "spade_nv_128x128_more_k19_ngf16",
    "spade_fork_128x128_more_k19_ngf16",
    slow("spade_nv_64x128_normal_k5_ngf64"),
    slow("spade_fork_64x128_normal_k5_ngf64"),
]


def labels_of(config, height, width) -> torch.Tensor:
    classes = config["label_nc"] + int(config["dontcare_channel"])
    coarse = np.random.RandomState(3).randint(0, classes, (2, height // 8, width // 8))
    ids = torch.from_numpy(coarse.repeat(8, 1).repeat(8, 2)).long()
    one_hot = one_hot_layouts(ids, config["label_nc"], dont_care=config["dontcare_channel"])
    if config["dontcare_channel"]:
        raw = torch.where(ids == config["label_nc"], 255, ids)
        one_hot = one_hot_layouts(raw, config["label_nc"], dont_care=True)
    if config["instance_edge_channel"]:
        one_hot = torch.cat([one_hot, instance_edges(ids * 3 + 1)], dim=1)
    return one_hot


def halves(stages):
    generated = [[y.chunk(2)[0] for y in scale] for scale in stages]
    real = [[y.chunk(2)[1] for y in scale] for scale in stages]
    return real, generated


def weight_u(network) -> torch.Tensor:
    return torch.cat([v for k, v in network.state_dict().items() if k.endswith("weight_u")])


@pytest.mark.parametrize("name", CASES)
def test_the_recorded_passes_are_the_released_ones(name):
    case = Case(name)
    config, fork = case.facts["config"], "fork" in name
    height, width = config["height"], config["crop_size"]
    labels = labels_of(config, height, width)
    image = torch.from_numpy(np.random.RandomState(4).uniform(-1, 1, (2, 3, height, width)).astype(np.float32))
    generator = SPADEGenerator(
        label_channels=labels.shape[1],
        base_width=config["ngf"],
        resolution=(height, width),
        upsampling=Upsampling(config["num_upsampling_layers"]),
        label_gradient=LabelGradient.ENTRY if fork else LabelGradient.FULL,
    )
    discriminator = MultiscaleDiscriminator(
        in_channels=labels.shape[1] + 3,
        base_width=config["ndf"],
        variant=DiscriminatorVariant.SBGAN if fork else DiscriminatorVariant.NVLABS,
        scales=config["num_D"],
    )
    case.prepare(generator, "generator_keys")
    case.prepare(discriminator, "discriminator_keys")

    def judge(fake):
        both = torch.cat([torch.cat([labels, fake], 1), torch.cat([labels, image], 1)])
        return halves(discriminator(both))

    with torch.no_grad():
        fake = generator(labels)
        case.check("g_train", fake)
        real_stages, fake_stages = judge(fake)
        case.check("loss_g_GAN", multiscale_generator_loss(fake_stages))
        case.check("loss_g_GAN_Feat", feature_matching(real_stages, fake_stages, config["lambda_feat"]))
        real_stages, fake_stages = judge(generator(labels))
        case.check("loss_d_D_Fake", over_scales(hinge_generated_loss, fake_stages))
        case.check("loss_d_D_real", over_scales(hinge_real_loss, real_stages))
        generator.eval()
        discriminator.eval()
        case.check("g_eval", generator(labels))
        for i, scale in enumerate(discriminator(torch.cat([labels, image], 1))):
            for j, stage in enumerate(scale):
                case.check(f"d_eval_{i}_{j}_meanabs", stage.abs().mean(), tolerance=1e-5)
            case.check(f"d_eval_{i}_score", scale[-1], tolerance=1e-5)
    case.check("g_weight_u_after", weight_u(generator))
    case.check("d_weight_u_after", weight_u(discriminator), tolerance=1e-5)

    # In float64, because the gradient jumps where a rectifier's input crosses zero: in float32 the rounding of this
    # or that convolution kernel decides on which side it lands, and moves the gradient by up to 0.5 %.
    generator.double().requires_grad_(False)
    leaf = labels.double().requires_grad_()
    (gradient,) = torch.autograd.grad((generator(leaf) * normal(7, 2, 3, height, width)).sum(), leaf)
    if not fork:
        stride = case.facts["grad_stride"]
        case.check("grad_label_map_full", gradient[..., ::stride, ::stride])
        return
    rows, columns = case.arrays["grad_label_map_entry_positions"].T
    case.check("grad_label_map_entry_values", gradient[:, :, rows, columns])
    gradient[:, :, rows, columns] = 0
    assert not gradient.any()
