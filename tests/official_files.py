"""Files as the official codes write them, from networks of ours with random weights."""

from pathlib import Path
from typing import Any

import torch
from torch import nn

from sbgan_bench.networks import progressive, spade
from sbgan_bench.networks.discriminators import DiscriminatorVariant, MultiscaleDiscriminator
from sbgan_bench.networks.progressive import Head, PixelNorm, ProgressiveDiscriminator, ProgressiveGenerator
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling


def in_parallel(network: nn.Module) -> dict[str, torch.Tensor]:
    """The state dict that ``DataParallel`` around a network has."""
    return {f"module.{key}": tensor for key, tensor in network.state_dict().items()}


def progressive_pair(
    head: Head, channels: int, widths: tuple[int, ...], *, latent: int = 8, aspect: int = 2
) -> tuple[ProgressiveGenerator, ProgressiveDiscriminator]:
    """Networks of the release: PixelNorm without the root."""
    sizes: Any = {"head": head, "widths": widths, "latent_dim": latent, "aspect": aspect}
    generator = ProgressiveGenerator(out_channels=channels, pixel_norm=PixelNorm.SBGAN, **sizes)
    discriminator = ProgressiveDiscriminator(in_channels=channels, **sizes)
    progressive.initialise(generator, 3)
    progressive.initialise(discriminator, 4)
    return generator, discriminator


def progressive_content(
    generator: ProgressiveGenerator, discriminator: ProgressiveDiscriminator, *, parallel: bool = True, **facts: Any
) -> dict[str, Any]:
    """A checkpoint of the release, with optimisers that have stepped."""
    optimisers = []
    for network in (generator, discriminator):
        optimiser = torch.optim.Adam(network.parameters(), lr=1e-3, betas=(0.0, 0.99))
        for parameter in network.parameters():
            parameter.grad = torch.ones_like(parameter)
        optimiser.step()
        optimisers.append(optimiser.state_dict())
    states = [in_parallel(network) if parallel else network.state_dict() for network in (generator, discriminator)]
    return {
        "iter": 298900,
        "phase": "stabilize",
        **facts,
        "G_state_dict": states[0],
        "D_state_dict": states[1],
        "opt_g_state_dict": optimisers[0],
        "opt_d_state_dict": optimisers[1],
    }


def spade_generator(
    classes: int, size: tuple[int, int], upsampling: Upsampling = Upsampling.NORMAL, *, width: int = 2, hidden: int = 4
) -> SPADEGenerator:
    """A generator whose normalisations have seen images, so that evaluation means something."""
    generator = SPADEGenerator(
        label_channels=classes,
        base_width=width,
        resolution=size,
        upsampling=upsampling,
        hidden=hidden,
        label_gradient=LabelGradient.FULL,
    )
    spade.initialise(generator, 5)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in generator.parameters():
            parameter.add_(0.2 * torch.randn_like(parameter))
        generator(torch.randn(2, classes, *size).softmax(1))
    return generator.eval()


def patch_discriminator(channels: int, variant: DiscriminatorVariant, *, width: int = 4, scales: int = 2) -> nn.Module:
    """SPADE's discriminator, or with three channels D2."""
    network = MultiscaleDiscriminator(in_channels=channels, base_width=width, variant=variant, scales=scales)
    spade.initialise(network, 6)
    return network


def write(folder: Path, contents: dict[str, Any], *, zipped: bool = True) -> list[Path]:
    """Write files with ``torch.save``, in today's format or that of before PyTorch 1.6."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        torch.save(content, folder / name, _use_new_zipfile_serialization=zipped)
    return [folder / name for name in contents]
