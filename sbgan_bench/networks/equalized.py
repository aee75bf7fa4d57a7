"""Layers with an equalised learning rate (Karras et al. 2018, "Progressive Growing of GANs", section 4.1).

A layer keeps weights of unit variance and multiplies them by ``gain / sqrt(fan_in)`` whenever it is used, so that
Adam moves every layer at the same relative speed. The bias is not scaled. The factor is no part of the state dict.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

#: He's gain for layers followed by a rectifier.
HE_GAIN = math.sqrt(2)


class EqualizedLinear(nn.Module):
    """A linear layer, ``(N, in_features)`` to ``(N, out_features)``. Weights are zero until initialised."""

    def __init__(self, in_features: int, out_features: int, gain: float = HE_GAIN) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out_features, in_features))
        self.bias = nn.Parameter(torch.zeros(out_features))
        self.factor = gain / math.sqrt(in_features)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer to ``x``."""
        return F.linear(x, self.weight * self.factor, self.bias)


class EqualizedConv2d(nn.Module):
    """A square convolution, ``(N, in_channels, H, W)`` to ``(N, out_channels, ., .)``; zero until initialised."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        *,
        stride: tuple[int, int] = (1, 1),
        padding: int = 0,
        gain: float = HE_GAIN,
    ) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(out_channels, in_channels, kernel, kernel))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        self.stride = stride
        self.padding = padding
        self.factor = gain / math.sqrt(in_channels * kernel * kernel)

    def forward(self, x: Tensor) -> Tensor:
        """Apply the layer to ``x``."""
        return F.conv2d(x, self.weight * self.factor, self.bias, self.stride, self.padding)
