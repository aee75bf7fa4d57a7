"""Initial weights of BigGAN and its orthogonal regularisation, after BigGAN-PyTorch."""

import enum
import math
from collections.abc import Callable, Collection
from typing import TypeAlias

import torch
from torch import Tensor, nn

from sbgan_baselines.biggan_layers import SpectralWeight
from sbgan_bench.networks.initialisation import fans, fill_normal, fill_uniform, weight_generator

_Fill: TypeAlias = Callable[[Tensor, torch.Generator], None]


class Initialisation(enum.StrEnum):
    """How weights start."""

    ORTHOGONAL = "orthogonal"  #: the BigGAN recipe, and compare_gan's
    XAVIER = "xavier"  #: the SAGAN recipe


def initialise(network: nn.Module, seed: int, initialisation: Initialisation = Initialisation.ORTHOGONAL) -> None:
    """Initialise a BigGAN generator or discriminator from ``seed``."""
    fill = init_ortho if initialisation is Initialisation.ORTHOGONAL else init_xavier
    fill(network, generator=weight_generator(network, seed))


def init_ortho(network: nn.Module, *, generator: torch.Generator) -> None:
    """Orthogonal weights (Saxe et al. 2014), the BigGAN recipe: rows or columns of each are orthonormal."""
    _initialise(network, generator, _fill_orthogonal)


def init_xavier(network: nn.Module, *, generator: torch.Generator) -> None:
    """Xavier-uniform weights (Glorot and Bengio 2010), the SAGAN recipe."""
    _initialise(network, generator, _fill_xavier)


def orthogonal_penalty(network: nn.Module, strength: float = 1e-4, excluded: Collection[str] = ("shared",)) -> Tensor:
    """Return a loss whose gradient is BigGAN's modified orthogonal regularisation.

    With W a weight flattened to (outputs, rest), the gradient is strength · 2 (W Wᵀ ∘ (1 - I)) W: only the
    angles between filters are regularised, not their lengths (Brock et al. 2019, equation 3; BigGAN-PyTorch).

    Args:
        network: Whose weights of two or more dimensions are regularised.
        strength: 1e-4 in the paper.
        excluded: Names of submodules left out; the shared class embedding officially.
    """
    penalties = []
    for name, parameter in network.named_parameters():
        if parameter.ndim < 2 or name.rpartition(".")[0] in excluded:
            continue
        matrix = parameter.flatten(1)
        products = matrix @ matrix.t()
        penalties.append((products - products.diagonal().diag()).square().sum())
    return torch.stack(penalties).sum() * (strength / 2)


def _initialise(
    network: nn.Module, generator: torch.Generator, fill: Callable[[Tensor, torch.Generator], None]
) -> None:
    """Fill weights; biases stay PyTorch's uniform in ±1/sqrt(fan in), and u0 is normal, as in BigGAN-PyTorch."""
    for module in network.modules():
        if isinstance(module, SpectralWeight | nn.Embedding):
            fill(module.weight, generator)
        if isinstance(module, SpectralWeight):
            if module.bias is not None:
                fill_uniform(module.bias, generator, 1 / math.sqrt(module.weight[0].numel()))
            fill_normal(module.u0, generator)
            nn.init.ones_(module.sv0)


def _fill_xavier(weight: Tensor, generator: torch.Generator) -> None:
    fill_uniform(weight, generator, math.sqrt(6 / sum(fans(weight))))


@torch.no_grad()
def _fill_orthogonal(weight: Tensor, generator: torch.Generator) -> None:
    flat = torch.randn(weight.shape[0], weight[0].numel(), generator=generator)
    tall = flat if flat.shape[0] >= flat.shape[1] else flat.t()
    q, r = torch.linalg.qr(tall)
    q = q * r.diagonal().sign()  # makes the distribution uniform over orthogonal matrices
    weight.copy_((q if tall is flat else q.t()).reshape(weight.shape))
