"""The multi-scale patch discriminator of pix2pixHD and SPADE, also used without labels as SB-GAN's D2."""

import enum
from itertools import pairwise
from typing import cast

import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench.networks.spectral import SpectralConv2d

SLOPE = 0.2  #: of every LeakyReLU
MAX_WIDTH = 512


class DiscriminatorVariant(enum.StrEnum):
    """Two shapes that cannot share weights; both papers describe the first."""

    NVLABS = "nvlabs"  #: 4 layers, the last normalised one with stride 1 (NVlabs/SPADE)
    SBGAN = "sbgan"  #: 3 layers, every normalised one with stride 2 (SB-GAN's fork)

    @property
    def strides(self) -> tuple[int, ...]:
        """Strides of the convolutions before the one that scores."""
        return self.strides_of(4 if self is DiscriminatorVariant.NVLABS else 3)

    def strides_of(self, layers: int) -> tuple[int, ...]:
        """Strides with another number of layers ("n_layers_D") than the variant's own."""
        last = 1 if self is DiscriminatorVariant.NVLABS and layers > 1 else 2
        return (*(2,) * (layers - 1), last)


class PatchDiscriminator(nn.Module):
    """One scale: convolutions ``model0`` ... with LeakyReLU, all but the first normalised; the last one scores."""

    def __init__(self, in_channels: int, base_width: int, strides: tuple[int, ...]) -> None:
        super().__init__()
        widths = [min(MAX_WIDTH, base_width * 2**i) for i in range(len(strides))]
        first = nn.Conv2d(in_channels, widths[0], 4, stride=strides[0], padding=2)
        self.add_module("model0", nn.Sequential(first, nn.LeakyReLU(SLOPE)))
        for i, (width_in, width) in enumerate(pairwise(widths), start=1):
            conv = SpectralConv2d(width_in, width, 4, stride=strides[i], padding=2, bias=False)
            self.add_module(
                f"model{i}", nn.Sequential(nn.Sequential(conv, nn.InstanceNorm2d(width)), nn.LeakyReLU(SLOPE))
            )
        self.add_module(f"model{len(strides)}", nn.Sequential(nn.Conv2d(widths[-1], 1, 4, padding=2)))

    def forward(self, x: Tensor) -> list[Tensor]:
        """Return every stage's output, the score last."""
        stages = []
        for stage in self.children():
            x = stage(x)
            stages.append(x)
        return stages


class MultiscaleDiscriminator(nn.Module):
    """Copies of a patch discriminator on ever smaller versions of the input (Wang et al. 2018; Park et al. 2019).

    Args:
        in_channels: Label channels plus 3, or 3 for a discriminator without labels.
        base_width: Channels after the first convolution (``ndf``); doubled by each further one, up to 512.
        variant: NVlabs' or the SB-GAN release's shape.
        scales: Number of copies; copy k sees the input after k halvings.
        layers: Convolutions before the one that scores ("n_layers_D"); the variant's own number if None.
    """

    def __init__(
        self,
        *,
        in_channels: int,
        base_width: int,
        variant: DiscriminatorVariant,
        scales: int = 2,
        layers: int | None = None,
    ) -> None:
        super().__init__()
        strides = variant.strides if layers is None else variant.strides_of(layers)
        for k in range(scales):
            self.add_module(f"discriminator_{k}", PatchDiscriminator(in_channels, base_width, strides))

    def forward(self, x: Tensor) -> list[list[Tensor]]:
        """Judge a batch, generated and real together as SPADE does or one kind alone.

        Args:
            x: ``(N, in_channels, H, W)``: label channels first, then the image in [-1, 1].

        Returns:
            For every scale the outputs of all stages, the last being the score ``(N, 1, h, w)``.
        """
        results = []
        for k, discriminator in enumerate(self.children()):
            if k > 0:
                x = F.avg_pool2d(x, 3, stride=2, padding=1, count_include_pad=False)
            results.append(cast("list[Tensor]", discriminator(x)))
        return results
