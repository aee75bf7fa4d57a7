"""The scene protocol: what a segmenter of the dataset's own scenes sees in an image: content and layout."""

from typing import ClassVar, Self, final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.errors import BenchError
from sbgan_bench.judge import Judge, judge_refusal, read_judge
from sbgan_bench.numerics import NUMERICS, batches, exactly, stacked
from sbgan_bench.protocol import AbstractProtocol, Opening, ProtocolInfo, Weights, images_of
from sbgan_bench.samples import SampleBatch
from sbgan_bench.segmenter import Segmenter, images_to_input

#: Encoder maps that are pooled: those at 1/4 and 1/8 of the size.
_MAPS = slice(2, 4)
#: Grids (rows, columns) for the class shares, finest first, and the most numbers they may take.
_GRIDS = ((2, 4), (2, 2), (1, 2), (1, 1))
_MOST_SHARES = 160


def share_grid(num_classes: int) -> tuple[int, int]:
    """Return the finest grid (rows, columns) whose class shares are few enough to estimate a covariance of."""
    return next((grid for grid in _GRIDS if num_classes * grid[0] * grid[1] <= _MOST_SHARES), _GRIDS[-1])


class SceneFeatures(nn.Module):
    """Means of the judge's coarse maps, and the share of each class in each cell of a grid over the image.

    The means say what is in the picture and whether it looks as it should, the shares say where it is: averages over
    the whole image alone would hardly notice a street pushed aside.
    """

    def __init__(self, judge: Segmenter) -> None:
        super().__init__()
        self.judge = judge
        self.grid = share_grid(judge.num_classes)

    @property
    def dim(self) -> int:
        """Length of a feature vector."""
        rows, columns = self.grid
        return sum(self.judge.feature_channels[_MAPS]) + rows * columns * self.judge.num_classes

    def forward(self, images: Tensor) -> Tensor:
        """Return ``(N, dim)`` features of images ``(N, 3, H, W)``, float in [-1, 1], at the judge's resolution."""
        maps = self.judge.features(images)
        shares = F.adaptive_avg_pool2d(self.judge.logits(maps).softmax(dim=1), self.grid)
        return torch.cat([*(level.mean(dim=(2, 3)) for level in maps[_MAPS]), shares.flatten(1)], dim=1)


@final
class SceneProtocol(AbstractProtocol):
    """Features of a judge: a segmenter trained on the dataset's train split (see ``sbgan_bench.judge``)."""

    name: ClassVar[str] = "scene"
    weights: ClassVar[Weights] = Weights.JUDGE

    def __init__(self, judge: Judge, device: torch.device) -> None:
        self._judge = judge
        self._device = device
        network = judge.network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._network = SceneFeatures(network).eval()

    @classmethod
    def open(cls, opening: Opening) -> Self:
        """Make ready to extract with the judge in the file of weights.

        Raises:
            BenchError: No file was given, or it is not a judge's.
            CorruptFileError: The file is damaged.
        """
        if opening.weights is None:
            raise BenchError(
                "The scene protocol needs a judge: give its file with --judge, or leave the protocol out."
            )
        return cls(read_judge(opening.weights), opening.device)

    @classmethod
    def unsupported(cls, resolution: Resolution) -> str:
        """Refuse sizes at which no judge can be trained."""
        return judge_refusal(cls.name, resolution)

    @property
    def info(self) -> ProtocolInfo:
        """Name, hash, dimension and preprocessing."""
        facts = self._judge.facts
        rows, columns = self._network.grid
        return ProtocolInfo(
            name=self.name,
            weights_hash=self._judge.weights_hash,
            dim=self._network.dim,
            input=f"resized to {resolution_text(facts.resolution)} (bilinear, antialiased) where it differs, [-1, 1]",
            layers=(
                f"{facts.dataset} segmenter of width {facts.settings.width}: encoder means at 1/4 and 1/8 size, "
                f"class shares on a grid of {rows}x{columns}"
            ),
            numerics=NUMERICS,
        )

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Turn images of any size into ``(N, dim)`` float32 features."""
        images = images_of(scenes, self.name)
        with exactly():
            rows = [self._network(self._fitted(images_to_input(batch))) for batch in batches(images, self._device)]
        return stacked(rows, self._network.dim)

    def _fitted(self, images: Tensor) -> Tensor:
        """Bring images to the judge's resolution."""
        size = self._judge.facts.resolution
        if tuple(images.shape[2:]) == size:
            return images
        return F.interpolate(images, size, mode="bilinear", antialias=True)
