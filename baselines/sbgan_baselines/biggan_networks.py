"""Generator and discriminator of BigGAN (Brock et al. 2019), with the state-dict keys of BigGAN-PyTorch.

General in the resolution (each block doubles or halves), in the width of every block, and in the aspect ratio: a
non-square network starts from a bottom of 4 by ``4·aspect`` pixels.
"""

from dataclasses import dataclass
from itertools import pairwise
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_baselines.biggan_initialisation import init_ortho as init_ortho
from sbgan_baselines.biggan_initialisation import init_xavier as init_xavier
from sbgan_baselines.biggan_initialisation import initialise as initialise
from sbgan_baselines.biggan_initialisation import orthogonal_penalty as orthogonal_penalty
from sbgan_baselines.biggan_layers import (
    Attention,
    BatchNorm,
    ConditionalBatchNorm,
    SpectralConv2d,
    SpectralEmbedding,
    SpectralLinear,
)

BOTTOM = 4  #: height in pixels where the generator starts


@dataclass(frozen=True, slots=True)
class Architecture:
    """Widths of both networks in units of their base width ("ch"), and where attention goes.

    A generator with n + 1 widths has n blocks and makes images ``4·2^n`` pixels high: block i maps width i to width
    i + 1. Block i of the discriminator maps width i - 1 (the image's 3 channels for i = 0) to width i; all its blocks
    halve, except the last. Attention follows the block whose output has the named height.
    """

    generator: tuple[int, ...]
    discriminator: tuple[int, ...]
    attention: tuple[int, ...] = ()
    discriminator_attention: tuple[int, ...] | None = None  #: None: as in the generator

    @property
    def judging_attention(self) -> tuple[int, ...]:
        """Heights after which attention follows in the discriminator."""
        return self.attention if self.discriminator_attention is None else self.discriminator_attention

    @property
    def height(self) -> int:
        """Height of the generated image in pixels."""
        return int(BOTTOM * 2 ** (len(self.generator) - 1))


#: By height: 64 with the attention of the SAGAN recipe, 128 and 256 with that of the BigGAN recipe.
OFFICIAL = {
    64: Architecture((16, 16, 8, 4, 2), (1, 2, 4, 8, 16), (32,)),
    128: Architecture((16, 16, 8, 4, 2, 1), (1, 2, 4, 8, 16, 16), (64,)),
    256: Architecture((16, 16, 8, 8, 4, 2, 1), (1, 2, 4, 8, 8, 16, 16), (64,)),
}


@dataclass(frozen=True, slots=True)
class Conditioning:
    """What the batch normalisations of a generator depend on.

    Attributes:
        num_classes: 1 for unconditional generation: all images have class 0.
        shared_dim: Dimensions of the class embedding shared by all blocks; None gives every normalisation its own
            table of gains and biases per class (with one class: ordinary batch normalisation).
        hierarchical: Whether each block also sees its own part of z; needs a shared embedding.
    """

    num_classes: int = 1
    shared_dim: int | None = 128
    hierarchical: bool = True

    def __post_init__(self) -> None:
        if self.hierarchical and self.shared_dim is None:
            raise ValueError("Hierarchical latents need a shared class embedding; set shared_dim, 128 say.")

    def normalization(self, width: int, part: int, epsilon: float) -> ConditionalBatchNorm:
        """Build the normalisation of ``width`` channels where each block sees ``part`` dimensions of z."""
        if self.shared_dim is None:
            return ConditionalBatchNorm(
                width, nn.Embedding(self.num_classes, width), nn.Embedding(self.num_classes, width)
            )
        size = self.shared_dim + part
        return ConditionalBatchNorm(
            width,
            SpectralLinear(size, width, epsilon, bias=False),
            SpectralLinear(size, width, epsilon, bias=False),
        )


class GeneratorBlock(nn.Module):
    """Doubles the size: normalise, enlarge, convolve, normalise, convolve; plus a 1×1 shortcut."""

    def __init__(self, width_in: int, width: int, conditioning: Conditioning, part: int, epsilon: float) -> None:
        super().__init__()
        self.conv1 = SpectralConv2d(width_in, width, 3, epsilon)
        self.conv2 = SpectralConv2d(width, width, 3, epsilon)
        self.conv_sc = SpectralConv2d(width_in, width, 1, epsilon)
        self.bn1 = conditioning.normalization(width_in, part, epsilon)
        self.bn2 = conditioning.normalization(width, part, epsilon)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """Map ``(N, width_in, h, w)`` to ``(N, width, 2h, 2w)``."""
        y = self.conv1(_double(F.relu(self.bn1(x, condition))))
        y = self.conv2(F.relu(self.bn2(y, condition)))
        # A 1×1 convolution and a nearest-neighbour enlargement commute; this order costs a quarter.
        return cast("Tensor", y + _double(self.conv_sc(x)))


class BigGANGenerator(nn.Module):
    """From a latent vector (and a class) to an image.

    Args:
        architecture: Widths and attention.
        base_width: The width unit ("G_ch").
        latent_dim: Dimensions of z; rounded down to equal parts, one per block and one for the bottom, where the
            latents are hierarchical. ``latent_dim`` of the network is what remains.
        conditioning: Classes, shared embedding, hierarchical latents.
        aspect: Width over height of the image.
        epsilon: Of spectral normalisation: 1e-6 in the BigGAN recipe, 1e-8 in SAGAN's.
    """

    def __init__(
        self,
        *,
        architecture: Architecture,
        base_width: int,
        latent_dim: int = 120,
        conditioning: Conditioning = Conditioning(),
        aspect: int = 1,
        epsilon: float = 1e-6,
    ) -> None:
        super().__init__()
        widths = [base_width * multiple for multiple in architecture.generator]
        blocks = len(widths) - 1
        self.conditioning = conditioning
        self.bottom = (widths[0], BOTTOM, BOTTOM * aspect)
        part = latent_dim // (blocks + 1)
        self.latent_dim = part * (blocks + 1) if conditioning.hierarchical else latent_dim
        self.first_dim, self.part_dim = (part, part) if conditioning.hierarchical else (latent_dim, 0)
        if conditioning.shared_dim is not None:
            self.shared = nn.Embedding(conditioning.num_classes, conditioning.shared_dim)
        self.linear = SpectralLinear(self.first_dim, widths[0] * BOTTOM * BOTTOM * aspect, epsilon)
        self.blocks = nn.ModuleList()
        for i, (width_in, width) in enumerate(pairwise(widths)):
            block: list[nn.Module] = [GeneratorBlock(width_in, width, conditioning, self.part_dim, epsilon)]
            if BOTTOM * 2 ** (i + 1) in architecture.attention:
                block.append(Attention(width, epsilon))
            self.blocks.append(nn.ModuleList(block))
        output: list[nn.Module] = [BatchNorm(widths[-1]), nn.ReLU(), SpectralConv2d(widths[-1], 3, 3, epsilon)]
        self.output_layer = nn.Sequential(*output)

    def forward(self, z: Tensor, classes: Tensor | None = None) -> Tensor:
        """Generate a batch.

        Args:
            z: ``(N, latent_dim)`` standard normal numbers.
            classes: ``(N,)`` int64 class ids; all 0 if None.

        Returns:
            ``(N, 3, H, W)`` in [-1, 1].
        """
        classes = z.new_zeros(z.shape[0], dtype=torch.long) if classes is None else classes
        condition = classes if self.conditioning.shared_dim is None else self.shared(classes)
        parts = torch.split(z[:, self.first_dim :], self.part_dim, dim=1) if self.part_dim else ()
        x: Tensor = self.linear(z[:, : self.first_dim]).view(-1, *self.bottom)
        for i, block in enumerate(self.blocks):
            first, *attention = cast("nn.ModuleList", block)
            x = first(x, torch.cat([condition, parts[i]], dim=1) if parts else condition)
            for layer in attention:
                x = layer(x)
        return cast("Tensor", self.output_layer(x).tanh())


class DiscriminatorBlock(nn.Module):
    """Two convolutions plus a shortcut, halved except in the last block; the first block starts without ReLU."""

    def __init__(self, width_in: int, width: int, epsilon: float, *, first: bool, halve: bool) -> None:
        super().__init__()
        self.first, self.halve = first, halve
        self.conv1 = SpectralConv2d(width_in, width, 3, epsilon)
        self.conv2 = SpectralConv2d(width, width, 3, epsilon)
        if width_in != width or halve:
            self.conv_sc = SpectralConv2d(width_in, width, 1, epsilon)
        self.learned_shortcut = width_in != width or halve

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(N, width_in, h, w)`` to ``(N, width, h', w')``."""
        y = self.conv2(F.relu(self.conv1(x if self.first else F.relu(x))))
        if not self.halve:
            return cast("Tensor", y + (self.conv_sc(x) if self.learned_shortcut else x))
        # A 1×1 convolution and average pooling commute; officially all blocks but the first pool afterwards.
        return cast("Tensor", F.avg_pool2d(y, 2) + self.conv_sc(F.avg_pool2d(x, 2)))


class BigGANDiscriminator(nn.Module):
    """From an image (and a class) to a score, by projection (Miyato and Koyama 2018).

    The last features are summed over positions, whatever their number: a twice as wide image doubles the sum.

    Args:
        architecture: Widths and attention.
        base_width: The width unit ("D_ch").
        num_classes: 1 for unconditional use: the projection is then one more learned direction.
        epsilon: Of spectral normalisation.
    """

    def __init__(
        self, *, architecture: Architecture, base_width: int, num_classes: int = 1, epsilon: float = 1e-6
    ) -> None:
        super().__init__()
        widths = [3, *(base_width * multiple for multiple in architecture.discriminator)]
        last = len(widths) - 2
        self.blocks = nn.ModuleList()
        for i, (width_in, width) in enumerate(pairwise(widths)):
            block: list[nn.Module] = [DiscriminatorBlock(width_in, width, epsilon, first=i == 0, halve=i < last)]
            if architecture.height // 2 ** min(i + 1, last) in architecture.judging_attention:
                block.append(Attention(width, epsilon))
            self.blocks.append(nn.Sequential(*block))
        self.linear = SpectralLinear(widths[-1], 1, epsilon)
        self.embed = SpectralEmbedding(num_classes, widths[-1], epsilon)

    def forward(self, images: Tensor, classes: Tensor | None = None) -> Tensor:
        """Score ``(N, 3, H, W)`` images in [-1, 1] of ``(N,)`` classes (all 0 if None); ``(N, 1)``."""
        if classes is None:
            classes = torch.zeros(images.shape[0], dtype=torch.long, device=images.device)
        x = images
        for block in self.blocks:
            x = block(x)
        features = F.relu(x).sum(dim=(2, 3))
        score: Tensor = self.linear(features)
        return cast("Tensor", score + (self.embed(classes) * features).sum(dim=1, keepdim=True))


def _double(x: Tensor) -> Tensor:
    return F.interpolate(x, scale_factor=2.0, mode="nearest")
