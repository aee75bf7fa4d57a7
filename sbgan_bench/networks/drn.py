"""The segmentation network of dilated residual networks, DRN-D (Yu et al. 2017, "Dilated Residual Networks").

State-dict keys and shapes are those of github.com/fyu/drn: ``base.0`` to ``base.8``, ``seg`` and ``up``. The image is
halved three times; later layers widen what they see by dilation instead, and scores are enlarged eightfold.
"""

import enum
import math
from dataclasses import dataclass
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench.networks.batch_norm import BatchNorm2d
from sbgan_bench.networks.initialisation import fill_normal, weight_generator

INPUT_MEAN = (0.2901, 0.3281, 0.2870)  #: subtracted from images in [0, 1], by colour, where Cityscapes is segmented
INPUT_STD = (0.1830, 0.1866, 0.1845)  #: and then divided by
STRIDE = 8  #: pixels of the image per score, along each side
BOTTLENECK_EXPANSION = 4  #: output channels of a bottleneck per plane


class DRNArch(enum.StrEnum):
    """Depths of the DRN-D family."""

    D_22 = "drn_d_22"
    D_38 = "drn_d_38"
    D_54 = "drn_d_54"
    D_105 = "drn_d_105"

    @property
    def bottleneck(self) -> bool:
        """Whether residual blocks have three convolutions rather than two."""
        return self in (DRNArch.D_54, DRNArch.D_105)

    @property
    def blocks(self) -> tuple[int, ...]:
        """Residual blocks of layers 3 to 6."""
        return _BLOCKS[self]


_BLOCKS = {
    DRNArch.D_22: (2, 2, 2, 2),
    DRNArch.D_38: (3, 4, 6, 3),
    DRNArch.D_54: (3, 4, 6, 3),
    DRNArch.D_105: (3, 4, 23, 3),
}


@dataclass(frozen=True, slots=True)
class _Layer:
    """A residual layer: its planes, the stride of its first block, the dilation of all its 3×3 convolutions."""

    planes: int
    stride: int
    dilation: int


_RESIDUAL = (_Layer(64, 2, 1), _Layer(128, 2, 1), _Layer(256, 1, 2), _Layer(512, 1, 4))


class _ResidualBlock(nn.Module):
    """Two 3×3 convolutions, or a 3×3 one between two 1×1 ones, beside a shortcut; ReLU after the sum."""

    def __init__(self, width_in: int, layer: _Layer, stride: int, *, bottleneck: bool) -> None:
        super().__init__()
        planes, dilation = layer.planes, layer.dilation
        width = planes * (BOTTLENECK_EXPANSION if bottleneck else 1)
        if bottleneck:
            convolutions = [
                _convolution(width_in, planes, 1),
                _convolution(planes, planes, 3, stride=stride, dilation=dilation),
                _convolution(planes, width, 1),
            ]
        else:
            convolutions = [
                _convolution(width_in, planes, 3, stride=stride, dilation=dilation),
                _convolution(planes, planes, 3, dilation=dilation),
            ]
        self.convolutions = len(convolutions)
        for i, convolution in enumerate(convolutions, start=1):
            self.add_module(f"conv{i}", convolution)
            self.add_module(f"bn{i}", BatchNorm2d(convolution.out_channels))
        self.downsample: nn.Module | None = None
        if stride != 1 or width_in != width:
            self.downsample = nn.Sequential(_convolution(width_in, width, 1, stride=stride), BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        y = x
        for i in range(1, self.convolutions + 1):
            y = self.get_submodule(f"bn{i}")(self.get_submodule(f"conv{i}")(y))
            if i < self.convolutions:
                y = F.relu(y)
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class DRNSegmenter(nn.Module):
    """Class scores of every pixel of an image.

    Args:
        arch: Depth.
        num_classes: Number K of classes.
    """

    def __init__(self, arch: DRNArch, num_classes: int) -> None:
        super().__init__()
        self.arch = arch
        self.num_classes = num_classes
        layers: list[nn.Module] = [_plain(3, 16, kernel=7), _plain(16, 16), _plain(16, 32, stride=2)]
        width = 32
        for layer, count in zip(_RESIDUAL, arch.blocks, strict=True):
            blocks = []
            for index in range(count):
                stride = layer.stride if index == 0 else 1
                blocks.append(_ResidualBlock(width, layer, stride, bottleneck=arch.bottleneck))
                width = layer.planes * (BOTTLENECK_EXPANSION if arch.bottleneck else 1)
            layers.append(nn.Sequential(*blocks))
        layers += [_plain(width, 512, dilation=2), _plain(512, 512)]
        self.base = nn.Sequential(*layers)
        self.seg = nn.Conv2d(512, num_classes, 1)
        self.up = nn.ConvTranspose2d(
            num_classes, num_classes, 2 * STRIDE, stride=STRIDE, padding=STRIDE // 2, groups=num_classes, bias=False
        )
        self.up.weight = nn.Parameter(_bilinear_kernel(num_classes), requires_grad=False)

    def scores(self, images: Tensor) -> Tensor:
        """Score classes on the coarse grid.

        Args:
            images: ``(N, 3, H, W)``, normalised by ``INPUT_MEAN`` and ``INPUT_STD``; H and W multiples of 8.

        Returns:
            ``(N, K, H/8, W/8)`` unbounded scores.
        """
        return cast("Tensor", self.seg(self.base(images)))

    def forward(self, images: Tensor) -> Tensor:
        """Return ``(N, K, H, W)`` log-probabilities of the classes; ``images`` as for ``scores``."""
        return cast("Tensor", self.up(self.scores(images)).log_softmax(dim=1))


def initialise(network: DRNSegmenter, seed: int) -> None:
    """Initialise as released: N(0, 2 / (k² · out)) convolutions, batch normalisation 1 and 0; ``up`` stays bilinear.

    The number under the fraction is the fan-out of a k×k convolution (He et al. 2015, equation 14).
    """
    generator = weight_generator(network, seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            fill_normal(module.weight, generator, math.sqrt(2 / (module.kernel_size[0] ** 2 * module.out_channels)))
            if module.bias is not None:
                nn.init.zeros_(module.bias)
        if isinstance(module, nn.BatchNorm2d):
            module.reset_running_stats()
            nn.init.ones_(module.weight)
            nn.init.zeros_(module.bias)
    with torch.no_grad():
        network.up.weight.copy_(_bilinear_kernel(network.num_classes))


def _convolution(width_in: int, width: int, kernel: int, *, stride: int = 1, dilation: int = 1) -> nn.Conv2d:
    padding = kernel // 2 * dilation
    return nn.Conv2d(width_in, width, kernel, stride=stride, padding=padding, dilation=dilation, bias=False)


def _plain(width_in: int, width: int, *, kernel: int = 3, stride: int = 1, dilation: int = 1) -> nn.Sequential:
    convolution = _convolution(width_in, width, kernel, stride=stride, dilation=dilation)
    return nn.Sequential(convolution, BatchNorm2d(width), nn.ReLU())


def _bilinear_kernel(channels: int) -> Tensor:
    """Return the fixed kernel of ``up``, ``(channels, 1, 16, 16)``: a tent of height 1 between its middle pixels."""
    side = 1 - (torch.arange(2 * STRIDE) - (STRIDE - 0.5)).abs() / STRIDE
    return torch.outer(side, side).repeat(channels, 1, 1, 1)
