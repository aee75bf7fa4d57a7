"""The mean image of the training set, for every seed: what any generator should beat."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_bench.config import Settings
from sbgan_bench.dataset import PairTable
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.noise import NoiseSource
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.sampling import refuse_layouts, sample_in_batches, to_images
from sbgan_bench.training.run import Progress, TrainingRun

#: Images added up at a time.
_CHUNK = 256


class ConstantSettings(Settings):
    """There is nothing to set."""


class _Picture(nn.Module):
    """One image ``(3, H, W)`` in [-1, 1]; mid-grey until it is computed."""

    image: Tensor

    def __init__(self, resolution: tuple[int, int]) -> None:
        super().__init__()
        self.register_buffer("image", torch.zeros(3, *resolution))


@final
class ConstantImage(AbstractModel):
    """The mean of the training images and their mirror images."""

    name: ClassVar[str] = "constant"
    title: ClassVar[str] = "Constant image"
    Settings: ClassVar[type[ConstantSettings]] = ConstantSettings
    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.NONE})
    recipes: ClassVar[Mapping[str, Recipe]] = {"default": Recipe(summary="mean of the training images")}

    def __init__(self, settings: ConstantSettings, spec: SceneSpec) -> None:
        self.settings: ConstantSettings = settings
        self.spec = spec
        self.picture = _Picture(spec.resolution)

    @classmethod
    def build(cls, settings: ConstantSettings, spec: SceneSpec, seed: int) -> Self:
        """Build a grey picture, whatever the seed."""
        del seed
        return cls(settings, spec)

    @classmethod
    def unsupported(cls, settings: ConstantSettings, spec: SceneSpec) -> str:
        """Return "": every size is possible."""
        del settings, spec
        return ""

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Average."""
        del recipe, starts
        total = np.zeros(data.images.shape[1:], np.int64)
        for first in range(0, len(data), _CHUNK):
            chunk = data.images[first : first + _CHUNK]
            total += chunk.sum(axis=0, dtype=np.int64)
            run.report(Progress(first + len(chunk), len(data), "average", {}))
        mean = torch.from_numpy((total + total[..., ::-1]) / (2 * len(data))).float()
        self.picture.image.copy_(mean / 127.5 - 1)

    def networks(self) -> Mapping[str, nn.Module]:
        """The picture, which has no parameters."""
        return {"picture": self.picture}

    def sampler(self) -> Mapping[str, str]:
        """Nothing is averaged over training and nothing is drawn."""
        return {"ema": "", "layout_draw": ""}

    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        """Repeat the picture once per seed."""
        refuse_layouts(self.title, layouts)
        return sample_in_batches(self.picture, self._generate, seeds)

    def _generate(self, noise: NoiseSource, layouts: Tensor | None) -> SampleBatch:
        del layouts
        return SampleBatch(images=to_images(self.picture.image.expand(len(noise), -1, -1, -1)))
