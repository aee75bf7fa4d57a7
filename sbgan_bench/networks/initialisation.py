"""Initial weights as a function of an explicit generator.

PyTorch's layers fill themselves from the global generator when they are built. No network here relies on that: each
family has an ``initialise(network, seed)`` that overwrites every parameter and every random buffer. Numbers are
drawn on the CPU in the order of the state dict, so the device does not matter.
"""

import math

import torch
from torch import Tensor, nn

from sbgan_bench import noise
from sbgan_bench.networks.spectral import SpectralConv2d


def weight_generator(network: nn.Module, seed: int) -> torch.Generator:
    """Return the generator of a network's initial weights: keyed by its class and ``seed`` (non-negative)."""
    key = noise.generator(f"weights of {type(network).__name__}", seed).integers(2**63)
    return torch.Generator().manual_seed(int(key))


@torch.no_grad()
def fill_normal(tensor: Tensor, generator: torch.Generator, std: float = 1.0) -> None:
    """Overwrite ``tensor`` with N(0, std²) numbers."""
    tensor.copy_(torch.randn(tensor.shape, generator=generator) * std)


@torch.no_grad()
def fill_uniform(tensor: Tensor, generator: torch.Generator, bound: float) -> None:
    """Overwrite ``tensor`` with numbers uniform in [-bound, bound)."""
    tensor.copy_((torch.rand(tensor.shape, generator=generator) * 2 - 1) * bound)


def fans(weight: Tensor) -> tuple[int, int]:
    """Return (fan in, fan out) of a convolution's or linear layer's weight ``(out, in, ...)``."""
    receptive = weight[0, 0].numel()
    return weight.shape[1] * receptive, weight.shape[0] * receptive


def init_xavier(network: nn.Module, *, generator: torch.Generator, gain: float = 0.02) -> None:
    """Initialise as SPADE does: Xavier-normal weights, zero biases, random singular vectors.

    Glorot and Bengio 2010 with ``gain``; the released code passes 0.02. Weights start tiny, so flush denormal
    numbers on CPUs. The vectors of spectral normalisation are unit vectors unrelated to the weights, as released.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            weight = module.weight_orig if isinstance(module, SpectralConv2d) else module.weight
            fill_normal(weight, generator, gain * math.sqrt(2 / sum(fans(weight))))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        if isinstance(module, SpectralConv2d):
            for vector in (module.weight_u, module.weight_v):
                fill_normal(vector, generator)
                vector.div_(vector.norm())
        if isinstance(module, nn.BatchNorm2d) and module.affine:
            fill_normal(module.weight, generator, 0.02)
            module.weight.data += 1
            nn.init.zeros_(module.bias)
