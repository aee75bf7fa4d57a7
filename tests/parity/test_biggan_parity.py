"""BigGAN computes what BigGAN-PyTorch does, in training and in evaluation, with and without classes."""

import pytest
import torch
from parity_cases import Case, normal

from sbgan_baselines.biggan_networks import OFFICIAL, BigGANDiscriminator, BigGANGenerator, Conditioning


@pytest.mark.parametrize("name", ["biggan_sagan64", "biggan_biggan128"])
def test_outputs_are_the_released_ones(name):
    case = Case(name)
    config, stride = case.facts["config"], case.facts["output_stride"]
    generator = BigGANGenerator(
        architecture=OFFICIAL[config["resolution"]],
        base_width=config["G_ch"],
        latent_dim=config["dim_z"],
        conditioning=Conditioning(
            config["n_classes"], config["shared_dim"] if config["G_shared"] else None, config["hier"]
        ),
        epsilon=config["SN_eps"],
    )
    discriminator = BigGANDiscriminator(
        architecture=OFFICIAL[config["resolution"]],
        base_width=config["D_ch"],
        num_classes=config["n_classes"],
        epsilon=config["SN_eps"],
    )
    case.prepare(generator, "generator_keys")
    case.prepare(discriminator, "discriminator_keys")
    assert generator.latent_dim == case.facts["effective_dim_z"]
    z, classes = normal(1, 3, generator.latent_dim), torch.tensor(case.facts["y"])
    with torch.no_grad():
        image = generator(z, classes)
        case.check("g_train", image[..., ::stride, ::stride])
        case.check("d_train", discriminator(image, classes))
        generator.eval()
        discriminator.eval()
        case.check("g_eval", generator(z, classes)[..., ::stride, ::stride])
        case.check("d_eval", discriminator(image, classes))
