"""The SPADE generator (Park et al. 2019, "Semantic Image Synthesis with Spatially-Adaptive Normalization").

State-dict keys and shapes are those of NVlabs/SPADE, without the optional image encoder.
"""

import enum
from dataclasses import dataclass
from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench.networks.batch_norm import BatchNorm2d
from sbgan_bench.networks.initialisation import init_xavier as init_xavier
from sbgan_bench.networks.initialisation import weight_generator
from sbgan_bench.networks.labels import instance_edges as instance_edges
from sbgan_bench.networks.labels import one_hot_layouts as one_hot_layouts
from sbgan_bench.networks.spectral import SpectralConv2d

SLOPE = 0.2  #: of every LeakyReLU
INITIAL_ITERATIONS = 15  #: power iterations at initialisation; PyTorch's newer spectral normalisation runs as many


class LabelGradient(enum.StrEnum):
    """How gradients reach the label map."""

    FULL = "full"  #: through every layer that sees it (the paper's text; NVlabs)
    ENTRY = "entry"  #: only through ``fc``, which sees it at the starting size (the SB-GAN release)


@dataclass(frozen=True, slots=True)
class _Stage:
    """A residual block: its name, its widths in units of ``base_width``, and whether it enlarges its input."""

    name: str
    width_in: float
    width_out: float
    enlarge: bool = True


_DECODER = (_Stage("up_0", 16, 8), _Stage("up_1", 8, 4), _Stage("up_2", 4, 2), _Stage("up_3", 2, 1))
_HEAD = (_Stage("head_0", 16, 16, enlarge=False), _Stage("G_middle_0", 16, 16))


class Upsampling(enum.StrEnum):
    """How many times the generator doubles its starting size."""

    NORMAL = "normal"  #: 5
    MORE = "more"  #: 6
    MOST = "most"  #: 7
    SMALL = "small"  #: 3, with fewer and narrower blocks, for tiny images; not part of the release

    @property
    def stages(self) -> tuple[_Stage, ...]:
        """The residual blocks in order."""
        if self is Upsampling.SMALL:
            head = _Stage("head_0", 4, 4, enlarge=False)
            return (head, _Stage("up_0", 4, 4), _Stage("up_1", 4, 2), _Stage("up_2", 2, 1))
        middle = _Stage("G_middle_1", 16, 16, enlarge=self is not Upsampling.NORMAL)
        tail = (_Stage("up_4", 1, 0.5),) if self is Upsampling.MOST else ()
        return (*_HEAD, middle, *_DECODER, *tail)


class SPADENorm(nn.Module):
    """Batch normalisation whose scale and shift are computed from the label map, per pixel.

    Args:
        channels: Channels of the normalised features.
        label_channels: Channels of the label map.
        hidden: Channels between the label map and the two modulation maps.
    """

    def __init__(self, channels: int, label_channels: int, hidden: int) -> None:
        super().__init__()
        self.param_free_norm = BatchNorm2d(channels, affine=False)
        self.mlp_shared = nn.Sequential(nn.Conv2d(label_channels, hidden, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(hidden, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(hidden, channels, 3, padding=1)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        """Modulate ``x`` ``(N, channels, H, W)`` by ``labels`` ``(N, label_channels, H, W)``."""
        hidden = self.mlp_shared(labels)
        return cast("Tensor", self.param_free_norm(x) * (1 + self.mlp_gamma(hidden)) + self.mlp_beta(hidden))


class SPADEBlock(nn.Module):
    """Residual block of two normalised, spectrally normalised convolutions; a third one where the width changes."""

    def __init__(self, width_in: int, width_out: int, label_channels: int, hidden: int) -> None:
        super().__init__()
        middle = min(width_in, width_out)
        self.learned_shortcut = width_in != width_out
        self.conv_0 = SpectralConv2d(width_in, middle, 3, padding=1)
        self.conv_1 = SpectralConv2d(middle, width_out, 3, padding=1)
        if self.learned_shortcut:
            self.conv_s = SpectralConv2d(width_in, width_out, 1, bias=False)
        self.norm_0 = SPADENorm(width_in, label_channels, hidden)
        self.norm_1 = SPADENorm(middle, label_channels, hidden)
        if self.learned_shortcut:
            self.norm_s = SPADENorm(width_in, label_channels, hidden)

    def forward(self, x: Tensor, labels: Tensor) -> Tensor:
        """Map ``x`` ``(N, width_in, h, w)`` to ``(N, width_out, h, w)``; ``labels`` may have any size."""
        labels = _resize(labels, (x.shape[2], x.shape[3]))
        shortcut = self.conv_s(self.norm_s(x, labels)) if self.learned_shortcut else x
        y = self.conv_0(F.leaky_relu(self.norm_0(x, labels), SLOPE))
        y = self.conv_1(F.leaky_relu(self.norm_1(y, labels), SLOPE))
        return cast("Tensor", shortcut + y)


class SPADEGenerator(nn.Module):
    """From a label map to an image.

    The map is brought to the starting size (resolution halved once per upsampling) and convolved by ``fc``; residual
    blocks and nearest-neighbour enlargements lead from there to the full size.

    Args:
        label_channels: Classes, plus one for "don't care" and one for instance edges where used.
        base_width: The width unit (``ngf``).
        resolution: (H, W) of the image; W divisible by 2 to the number of upsamplings, and H in proportion.
        upsampling: How many enlargements, and which blocks.
        hidden: Channels between label map and modulation, 128 as released.
        label_gradient: Whether gradients reach the label map everywhere or through the entry only.

    Raises:
        ValueError: The resolution cannot be reached by doubling.
    """

    def __init__(
        self,
        *,
        label_channels: int,
        base_width: int,
        resolution: tuple[int, int],
        upsampling: Upsampling,
        hidden: int = 128,
        label_gradient: LabelGradient,
    ) -> None:
        super().__init__()
        self.label_gradient = label_gradient
        self._stages = upsampling.stages
        self.start = _starting_size(resolution, sum(stage.enlarge for stage in self._stages))
        widths = [(int(s.width_in * base_width), int(s.width_out * base_width)) for s in self._stages]
        self.fc = nn.Conv2d(label_channels, widths[0][0], 3, padding=1)
        for stage, (width_in, width_out) in zip(self._stages, widths, strict=True):
            self.add_module(stage.name, SPADEBlock(width_in, width_out, label_channels, hidden))
        self.conv_img = nn.Conv2d(widths[-1][1], 3, 3, padding=1)

    def forward(self, labels: Tensor) -> Tensor:
        """Paint a label map.

        Args:
            labels: ``(N, label_channels, H, W)`` float, one-hot or soft.

        Returns:
            ``(N, 3, H, W)`` in [-1, 1].
        """
        x: Tensor = self.fc(_resize(labels, self.start))
        if self.label_gradient is LabelGradient.ENTRY:
            labels = labels.detach()
        for stage in self._stages:
            if stage.enlarge:
                x = F.interpolate(x, scale_factor=2.0, mode="nearest")
            x = self.get_submodule(stage.name)(x, labels)
        return cast("Tensor", self.conv_img(F.leaky_relu(x, SLOPE)).tanh())


def initialise(network: nn.Module, seed: int) -> None:
    """Initialise a SPADE generator or a multi-scale discriminator from ``seed``.

    Xavier with gain 0.02 as released (``init_xavier``), then a few power iterations, so that an untrained network
    too can be evaluated. The release leaves random vectors, which training puts right within some steps.
    """
    init_xavier(network, generator=weight_generator(network, seed))
    for module in network.modules():
        if isinstance(module, SpectralConv2d):
            module.power_iteration(INITIAL_ITERATIONS)


def _resize(labels: Tensor, size: tuple[int, int]) -> Tensor:
    return labels if labels.shape[2:] == size else F.interpolate(labels, size=size, mode="nearest")


def _starting_size(resolution: tuple[int, int], doublings: int) -> tuple[int, int]:
    factor = 2**doublings
    height, width = (side // factor for side in resolution)
    if (height * factor, width * factor) != resolution or not height:
        raise ValueError(
            f"A resolution of {resolution[0]}×{resolution[1]} is not reached by {doublings} doublings: "
            f"both sides must be multiples of {factor}; choose another resolution or another upsampling."
        )
    return height, width
