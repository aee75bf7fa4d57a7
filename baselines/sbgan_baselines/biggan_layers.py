"""Layers of BigGAN (Brock et al. 2019) with the state-dict keys of BigGAN-PyTorch (github.com/ajbrock/BigGAN-PyTorch).

Spectral normalisation there differs from PyTorch's hook: the weight stays ``weight``, the buffers are ``u0`` and
``sv0``, and each use of a layer, in evaluation too, divides by an estimate renewed by one power iteration.
"""

from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench.networks.batch_norm import batch_norm

BN_EPSILON = 1e-5
BN_MOMENTUM = 0.1


class SpectralWeight(nn.Module):
    """A weight, an optional bias, and the weight divided by its estimated largest singular value.

    Args:
        shape: Of the weight, output features first.
        epsilon: Smallest length a singular vector is divided by ("SN eps").
        bias: Whether there is a bias.
    """

    u0: Tensor
    sv0: Tensor

    def __init__(self, shape: tuple[int, ...], epsilon: float, *, bias: bool = True) -> None:
        super().__init__()
        self.epsilon = epsilon
        self.weight = nn.Parameter(torch.zeros(shape))
        self.bias = nn.Parameter(torch.zeros(shape[0])) if bias else None
        self.register_buffer("u0", torch.ones(1, shape[0]))
        self.register_buffer("sv0", torch.ones(1))

    def normalized(self) -> Tensor:
        """Return weight / sigma; training mode keeps the renewed singular vector and value."""
        matrix = self.weight.flatten(1)
        with torch.no_grad():
            v = F.normalize(self.u0 @ matrix, eps=self.epsilon)
            u = F.normalize(v @ matrix.t(), eps=self.epsilon)
        sigma = (v @ matrix.t() @ u.t()).squeeze()
        if self.training:
            with torch.no_grad():
                self.u0.copy_(u)
                self.sv0.copy_(sigma)
        return self.weight / sigma


class SpectralConv2d(SpectralWeight):
    """A spectrally normalised convolution that keeps the size (odd square kernels)."""

    def __init__(self, width_in: int, width_out: int, kernel: int, epsilon: float, *, bias: bool = True) -> None:
        super().__init__((width_out, width_in, kernel, kernel), epsilon, bias=bias)
        self.padding = kernel // 2

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, width_in, H, W)`` to ``(N, width_out, H, W)``."""
        return F.conv2d(x, self.normalized(), self.bias, padding=self.padding)


class SpectralLinear(SpectralWeight):
    """A spectrally normalised linear layer."""

    def __init__(self, width_in: int, width_out: int, epsilon: float, *, bias: bool = True) -> None:
        super().__init__((width_out, width_in), epsilon, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, width_in)`` to ``(N, width_out)``."""
        return F.linear(x, self.normalized(), self.bias)


class SpectralEmbedding(SpectralWeight):
    """A table of one vector per class, normalised as a whole."""

    def __init__(self, num_classes: int, width: int, epsilon: float) -> None:
        super().__init__((num_classes, width), epsilon, bias=False)

    def forward(self, classes: Tensor) -> Tensor:
        """Map ``(N,)`` class ids to ``(N, width)``."""
        return F.embedding(classes, self.normalized())


class BatchNorm(nn.Module):
    """Batch normalisation with its own gain and bias, before the output layer."""

    stored_mean: Tensor
    stored_var: Tensor

    def __init__(self, width: int) -> None:
        super().__init__()
        self.gain = nn.Parameter(torch.ones(width))
        self.bias = nn.Parameter(torch.zeros(width))
        self.momentum = BN_MOMENTUM  #: weight of a training batch in the stored statistics
        self.register_buffer("stored_mean", torch.zeros(width))
        self.register_buffer("stored_var", torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``x`` of shape ``(N, width, H, W)``."""
        return batch_norm(
            x, self.stored_mean, self.stored_var, self.gain, self.bias, self.training, self.momentum, BN_EPSILON
        )


class ConditionalBatchNorm(nn.Module):
    """Batch normalisation whose gain (about 1) and bias are functions of a condition.

    Args:
        width: Channels of the features.
        gain: From the condition to ``(N, width)``: a linear layer without bias, or a table per class.
        bias: Likewise.
    """

    stored_mean: Tensor
    stored_var: Tensor

    def __init__(self, width: int, gain: nn.Module, bias: nn.Module) -> None:
        super().__init__()
        self.gain = gain
        self.bias = bias
        self.momentum = BN_MOMENTUM  #: weight of a training batch in the stored statistics
        self.register_buffer("stored_mean", torch.zeros(width))
        self.register_buffer("stored_var", torch.ones(width))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Normalise ``x`` of shape ``(N, width, H, W)``."""
        normalized = batch_norm(
            x, self.stored_mean, self.stored_var, None, None, self.training, self.momentum, BN_EPSILON
        )
        gain = (1 + self.gain(condition))[..., None, None]
        return torch.addcmul(self.bias(condition)[..., None, None], normalized, gain)


class Attention(nn.Module):
    """Self-attention over positions (Zhang et al. 2019), without scaling; ``gamma`` starts at 0: the identity.

    Keys and values are max-pooled by 2, so that H and W must be even.
    """

    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        if width < 8:
            raise ValueError(f"Attention needs at least 8 channels, not {width}; widen the network or remove it.")
        self.theta = SpectralConv2d(width, width // 8, 1, epsilon, bias=False)
        self.phi = SpectralConv2d(width, width // 8, 1, epsilon, bias=False)
        self.g = SpectralConv2d(width, width // 2, 1, epsilon, bias=False)
        self.o = SpectralConv2d(width // 2, width, 1, epsilon, bias=False)
        self.gamma = nn.Parameter(torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, width, H, W)`` to the same shape."""
        queries = self.theta(x).flatten(2)
        keys = F.max_pool2d(self.phi(x), 2).flatten(2)
        values = F.max_pool2d(self.g(x), 2).flatten(2)
        attention = (queries.transpose(1, 2) @ keys).softmax(dim=-1)
        mixed = (values @ attention.transpose(1, 2)).unflatten(2, x.shape[2:])
        return cast("Tensor", x + self.gamma * self.o(mixed))
