"""Progressively grown generator and discriminator, for label maps and for images.

Karras et al. 2018, "Progressive Growing of GANs", as adapted to class probabilities by SB-GAN (section 3.1 of the
paper). State-dict keys and shapes are those of the released SB-GAN. Level ``l`` works at ``4·2^l`` pixels of height.

Both networks are stateless: the level and the weight of the newest level are arguments of ``forward``. All levels'
parameters exist from the start.
"""

import enum
import math
from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench.networks.equalized import HE_GAIN, EqualizedConv2d, EqualizedLinear
from sbgan_bench.networks.initialisation import fill_normal, weight_generator
from sbgan_bench.workers import gathered, whole_batch

BOTTOM = 4  #: height in pixels of level 0
SLOPE = 0.2  #: of every LeakyReLU
EPSILON = 1e-8  #: of PixelNorm and of the minibatch standard deviation
STDDEV_GROUP = 4  #: samples compared by the minibatch standard deviation


class PixelNorm(enum.StrEnum):
    """How a pixel's feature vector x is normalised; m is the mean of x² over channels."""

    PROGAN = "progan"  #: x / sqrt(m + 1e-8): Karras et al. 2018, section 4.2; the SB-GAN paper names this one
    SBGAN = "sbgan"  #: x / (m + 1e-8), without the root: what the released SB-GAN computes

    def __call__(self, x: Tensor) -> Tensor:
        """Normalise ``x`` of shape ``(N, C)`` or ``(N, C, H, W)`` over its channels."""
        power = x.square().mean(dim=1, keepdim=True) + EPSILON
        return x * power.rsqrt() if self is PixelNorm.PROGAN else x / power


class Head(enum.Enum):
    """What a network makes or judges: class probabilities or colours."""

    MASK = "mask"
    RGB = "rgb"


def official_widths(levels: int) -> tuple[int, ...]:
    """Return the released widths: level i has ``min(512, 2^(12-i))`` channels."""
    return tuple(min(512, 2 ** (12 - i)) for i in range(levels))


def initialise(network: nn.Module, seed: int) -> None:
    """Give every weight an N(0, 1) number and every bias zero, from ``seed`` (Karras et al. 2018, section 4.1)."""
    generator = weight_generator(network, seed)
    for parameter in network.parameters():
        if parameter.ndim > 1:
            fill_normal(parameter, generator)
        else:
            nn.init.zeros_(parameter)


def minibatch_stddev(x: Tensor) -> Tensor:
    """Append one constant channel: the standard deviation over groups of samples, averaged over features.

    Karras et al. 2018, section 3. Groups hold 4 samples, or gcd(N, 4) where N is no multiple of 4.
    ``(N, C, H, W)`` to ``(N, C + 1, H, W)``.
    """
    whole = gathered(x)  # groups are cut from the whole batch, also where several processes share it
    n, channels, height, width = whole.shape
    group = math.gcd(n, STDDEV_GROUP)
    groups = whole.reshape(group, n // group, channels, height, width)
    spread = (groups.var(dim=0, correction=0) + EPSILON).sqrt().mean(dim=(1, 2, 3))
    workers = whole_batch()
    ours = spread.repeat(group)[workers.rank :: workers.world]
    channel = ours.view(-1, 1, 1, 1).expand(-1, 1, height, width)
    return torch.cat([x, channel], dim=1)


class _GeneratorBlock(nn.Module):
    """One level: (fc1 | upsample and conv1), then conv2, each followed by LeakyReLU and PixelNorm."""

    def __init__(self, level: int, width_in: int, width: int, aspect: int, pixel_norm: PixelNorm) -> None:
        super().__init__()
        self.pixel_norm = pixel_norm
        self.bottom = (width, BOTTOM, BOTTOM * aspect)
        if level == 0:
            self.fc1 = EqualizedLinear(width_in, math.prod(self.bottom), gain=HE_GAIN / 4)
        else:
            self.conv1 = EqualizedConv2d(width_in, width, 3, padding=1)
        self.first = level == 0
        self.conv2 = EqualizedConv2d(width, width, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        if self.first:
            x = self.fc1(self.pixel_norm(x)).view(-1, *self.bottom)
        else:
            x = self.conv1(F.interpolate(x, scale_factor=2.0, mode="nearest"))
        x = self.pixel_norm(F.leaky_relu(x, SLOPE))
        return self.pixel_norm(F.leaky_relu(self.conv2(x), SLOPE))


class ProgressiveGenerator(nn.Module):
    """From a latent vector to class probabilities (``Head.MASK``) or colours (``Head.RGB``, no tanh).

    Args:
        head: What the output means.
        out_channels: Classes, or 3.
        widths: Channels of level 0, 1, ...; their number is the number of levels.
        latent_dim: Dimensions of z.
        aspect: Width over height of the output.
        pixel_norm: The normalisation of z and of every layer.
        head_gain: Equalised gain of the output layers; 1 officially. A smaller one starts nearer to uniform.
    """

    def __init__(
        self,
        *,
        head: Head,
        out_channels: int,
        widths: Sequence[int],
        latent_dim: int = 512,
        aspect: int = 1,
        pixel_norm: PixelNorm = PixelNorm.PROGAN,
        head_gain: float = 1.0,
    ) -> None:
        super().__init__()
        self.head = head
        self.latent_dim = latent_dim
        self.aspect = aspect
        self.levels = len(widths)
        self.blocks = nn.ModuleList()
        for level, (width_in, width) in enumerate(zip((latent_dim, *widths), widths, strict=False)):
            block = _GeneratorBlock(level, width_in, width, aspect, pixel_norm)
            block.add_module(f"to_{head.value}", EqualizedConv2d(width, out_channels, 1, gain=head_gain))
            self.blocks.append(block)

    def forward(self, z: Tensor, level: int, alpha: float = 1.0) -> Tensor:
        """Generate a batch at ``level``.

        Args:
            z: ``(N, latent_dim)`` standard normal numbers.
            level: 0 for 4 pixels of height, each further one doubles it.
            alpha: Weight of this level's output; the rest goes to the level below, enlarged to the same size.

        Returns:
            ``(N, out_channels, 4·2^level, 4·2^level·aspect)``: probabilities for masks, unbounded for colours.

        Raises:
            ValueError: No such level, or ``alpha`` below 1 at level 0.
        """
        _check_level(level, self.levels, alpha)
        x = below = z
        for block in self.blocks[: level + 1]:
            below, x = x, block(x)
        if alpha >= 1:
            return self._output(x, level)
        # The output layer and the softmax act on single pixels, so they may come before the enlargement.
        coarse = F.interpolate(self._output(below, level - 1), scale_factor=2.0, mode="nearest")
        return torch.lerp(coarse, self._output(x, level), alpha)

    def _output(self, x: Tensor, level: int) -> Tensor:
        y = cast("Tensor", self.blocks[level].get_submodule(f"to_{self.head.value}")(x))
        return y.softmax(dim=1) if self.head is Head.MASK else y


class _DiscriminatorBlock(nn.Module):
    """One level: two convolutions with LeakyReLU, then halving; the last one ends in a score."""

    def __init__(self, width: int, width_out: int, aspect: int, *, last: bool, extra_channels: int) -> None:
        super().__init__()
        self.last = last
        stride = (1, aspect) if last else (1, 1)
        self.conv1 = EqualizedConv2d(width + extra_channels, width, 3, stride=stride, padding=1)
        self.conv2 = EqualizedConv2d(width, width_out, BOTTOM if last else 3, padding=0 if last else 1)
        if last:
            self.fc3 = EqualizedLinear(width_out, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.leaky_relu(self.conv2(F.leaky_relu(self.conv1(x), SLOPE)), SLOPE)
        if self.last:
            return cast("Tensor", self.fc3(x.flatten(1)))
        return F.avg_pool2d(x, 2)


class ProgressiveDiscriminator(nn.Module):
    """From one-hot layouts or images to a score, the mirror image of the generator.

    The block of level i maps ``widths[i]`` channels to ``widths[i - 1]``; that of level 0 maps ``widths[0]`` to
    ``latent_dim``, just as the generator's first block maps ``latent_dim`` to ``widths[0]``. With the official widths
    and 512 latent dimensions this is the released network. ``blocks.0`` is the highest level, as released.

    Args:
        head: What is judged.
        in_channels: Classes, or 3.
        widths: Channels of level 0, 1, ..., as for the generator.
        latent_dim: Channels of the last hidden layer.
        aspect: Width over height of the input.
        minibatch_stddev: Whether level 0 also sees how much the samples of a batch differ (Karras et al. 2018,
            section 3). The released SB-GAN does without.
    """

    def __init__(
        self,
        *,
        head: Head,
        in_channels: int,
        widths: Sequence[int],
        latent_dim: int = 512,
        aspect: int = 1,
        minibatch_stddev: bool = False,
    ) -> None:
        super().__init__()
        self.head = head
        self.levels = len(widths)
        self.minibatch_stddev = minibatch_stddev
        self.blocks = nn.ModuleList()
        for level in reversed(range(self.levels)):
            width, width_out = widths[level], (latent_dim, *widths)[level]
            extra = int(minibatch_stddev and level == 0)
            block = _DiscriminatorBlock(width, width_out, aspect, last=level == 0, extra_channels=extra)
            block.add_module(f"from_{head.value}", EqualizedConv2d(in_channels, width, 1, gain=1.0))
            self.blocks.append(block)

    def forward(self, x: Tensor, level: int, alpha: float = 1.0) -> Tensor:
        """Score a batch at ``level``.

        Args:
            x: ``(N, in_channels, 4·2^level, 4·2^level·aspect)``.
            level: The level whose size ``x`` has.
            alpha: Weight of this level's features; the rest goes to those of the halved input, one level below.

        Returns:
            ``(N, 1)`` unbounded scores.

        Raises:
            ValueError: No such level, or ``alpha`` below 1 at level 0.
        """
        _check_level(level, self.levels, alpha)
        features = self._block(self._entry(x, level), level)
        if alpha < 1:
            features = torch.lerp(self._entry(F.avg_pool2d(x, 2), level - 1), features, alpha)
        for lower in reversed(range(level)):
            features = self._block(features, lower)
        return features

    def _entry(self, x: Tensor, level: int) -> Tensor:
        layer = self.blocks[self.levels - 1 - level].get_submodule(f"from_{self.head.value}")
        return F.leaky_relu(layer(x), SLOPE)

    def _block(self, x: Tensor, level: int) -> Tensor:
        if self.minibatch_stddev and level == 0:
            x = minibatch_stddev(x)
        return cast("Tensor", self.blocks[self.levels - 1 - level](x))


def _check_level(level: int, levels: int, alpha: float) -> None:
    if not 0 <= level < levels:
        raise ValueError(f"Level {level} does not exist: this network has levels 0 to {levels - 1}.")
    if level == 0 and alpha < 1:
        raise ValueError(f"Level 0 has nothing below it to blend with, but alpha is {alpha}; use 1.")
