"""The texture protocol: seeded random convolutions, which see appearance and hardly any layout."""

import math
from typing import ClassVar, Self, final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_bench import noise
from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.hashing import hash_arrays
from sbgan_bench.numerics import NUMERICS, batch_size, batches, exactly, stacked
from sbgan_bench.protocol import AbstractProtocol, Opening, ProtocolInfo, Weights, images_of
from sbgan_bench.samples import SampleBatch
from sbgan_bench.segmenter import images_to_input

_SEED = 0
_SCALES = 3
_DETAIL, _COLOUR, _SECOND = 12, 4, 16
_LEAST_SIDE = 32
#: What detail is multiplied with, which brings it to about the range of the colours.
_GAIN = 8.0
#: Added to a deviation before its logarithm, so that maps of empty images stay finite.
_LEAST_DEVIATION = 0.05


class RandomPyramid(nn.Module):
    """Random convolutions on each scale of an image pyramid; every map is pooled to its mean and log deviation.

    Filters of the first kind see an image's detail at a scale (what a slight blur would take away), those of the
    second its colours; a second layer looks at the arrangement of detail. Keeping detail apart matters: natural images
    are so strong in coarse structure that filters on them would notice neither blur nor noise. The logarithm makes
    contrast count by ratios, so that an image without any is far from all that have some.
    """

    smooth: Tensor
    detail: Tensor
    colour: Tensor
    second: Tensor

    def __init__(self) -> None:
        super().__init__()
        binomial = torch.tensor([0.25, 0.5, 0.25])
        self.register_buffer("smooth", torch.outer(binomial, binomial).expand(3, 1, 3, 3).clone())
        self.register_buffer("detail", _filters("detail", (_DETAIL, 3, 3, 3)))
        self.register_buffer("colour", _filters("colour", (_COLOUR, 3, 3, 3)))
        self.register_buffer("second", _filters("second", (_SECOND, _DETAIL, 3, 3)))

    @property
    def dim(self) -> int:
        """Length of a feature vector."""
        return _SCALES * 2 * (_DETAIL + _COLOUR + _SECOND)

    def forward(self, images: Tensor) -> Tensor:
        """Return ``(N, dim)`` features of images ``(N, 3, H, W)``, float in [-1, 1]."""
        pooled = []
        for scale in range(_SCALES):
            level = F.avg_pool2d(images, 2**scale).contiguous(memory_format=torch.channels_last)
            smoothed = F.conv2d(F.pad(level, (1, 1, 1, 1), mode="reflect"), self.smooth, groups=3)
            detail = F.relu(F.conv2d(_GAIN * (level - smoothed), self.detail))
            colour = F.relu(F.conv2d(level, self.colour))
            for maps in (detail, colour, F.relu(F.conv2d(detail, self.second))):
                deviation = maps.std(dim=(2, 3), correction=0)
                pooled += [maps.mean(dim=(2, 3)), torch.log(deviation + _LEAST_DEVIATION)]
        return torch.cat(pooled, dim=1)


def _filters(purpose: str, shape: tuple[int, int, int, int]) -> Tensor:
    """Draw filters with He et al.'s (2015) variance."""
    values = noise.generator(f"texture {purpose}", _SEED).standard_normal(shape, np.float32)
    return torch.from_numpy(values) * math.sqrt(2 / math.prod(shape[1:]))


@final
class TextureProtocol(AbstractProtocol):
    """Means and log deviations of random convolutions at three scales: sharpness, noise, colour, contrast."""

    name: ClassVar[str] = "texture"
    weights: ClassVar[Weights] = Weights.SEEDED

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._network = RandomPyramid().to(device)
        self._hash = hash_arrays((name, tensor.cpu().numpy()) for name, tensor in self._network.state_dict().items())

    @classmethod
    def open(cls, opening: Opening) -> Self:
        """Make ready to extract; takes no file.

        Raises:
            BenchError: A file was given.
        """
        if opening.weights is not None:
            raise BenchError(
                f"The texture protocol draws its own weights and takes no file; leave out {opening.weights}."
            )
        return cls(opening.device)

    @classmethod
    def unsupported(cls, resolution: Resolution) -> str:
        """Refuse images that are too small for the coarsest scale."""
        if min(resolution) >= _LEAST_SIDE:
            return ""
        least = resolution_text((_LEAST_SIDE, _LEAST_SIDE))
        return f"images of {resolution_text(resolution)} are too small: texture needs {least} or more"

    @property
    def info(self) -> ProtocolInfo:
        """Name, hash, dimension and preprocessing."""
        return ProtocolInfo(
            name=self.name,
            weights_hash=self._hash,
            dim=self._network.dim,
            input="native size, uint8 scaled to [-1, 1], no resize",
            layers="random 3x3 convolutions of detail (two layers) and colour (one) at 1/1, 1/2 and 1/4 size; "
            "mean and log deviation of each map",
            numerics=NUMERICS,
        )

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Turn images, H and W at least 32, into ``(N, dim)`` float32 features.

        Raises:
            DataError: The images are too small for the coarsest scale.
        """
        images = images_of(scenes, self.name)
        refusal = self.unsupported((images.shape[2], images.shape[3]))
        if refusal:
            raise DataError(f"Protocol 'texture': {refusal}.")
        with exactly():
            parts = batches(images, self._device, batch_size(self._device))
            rows = [self._network(images_to_input(batch)) for batch in parts]
        return stacked(rows, self._network.dim)
