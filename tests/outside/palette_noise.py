"""A model from an outside package: one learned colour per scene, plus noise. It exists to be plugged in."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from sbgan_bench.config import Settings
from sbgan_bench.dataset import PairTable
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.noise import NoiseSource, generator
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import Phase, TrainingBatch, TrainingTask, Update


class PaletteNoiseSettings(Settings):
    images: int = 64
    batch_size: int = 8
    learning_rate: float = 0.05
    grain: float = 0.2  #: spread of every pixel
    tint: float = 0.0  #: spread of the colour of a whole scene


class PaletteNoise(AbstractModel):
    """A mean colour per pixel plus noise."""

    name: ClassVar[str] = "palette-noise"
    title: ClassVar[str] = "Palette noise"
    Settings: ClassVar[type[Settings]] = PaletteNoiseSettings
    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.NONE})
    recipes: ClassVar[Mapping[str, Recipe]] = {"default": Recipe(summary="fit the mean image by gradient descent")}
    sampling_settings: ClassVar[frozenset[str]] = frozenset({"grain", "tint"})

    def __init__(self, settings: PaletteNoiseSettings, spec: SceneSpec, seed: int) -> None:
        self.settings = settings
        self.spec = spec
        self._network = nn.Module()
        start = generator("palette", seed).uniform(-0.1, 0.1, (3, *spec.resolution))
        self._network.mean = nn.Parameter(torch.from_numpy(start).float())

    @classmethod
    def build(cls, settings: Any, spec: SceneSpec, seed: int) -> Self:
        return cls(settings, spec, seed)

    @classmethod
    def unsupported(cls, settings: Any, spec: SceneSpec) -> str:
        del settings
        return "it paints at most 256 classes" if spec.num_classes > 256 else ""

    def networks(self) -> Mapping[str, nn.Module]:
        return {"painter": self._network}

    def sampler(self) -> Mapping[str, str]:
        return {"ema": "", "layout_draw": ""}

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        del recipe, starts
        optimizer = torch.optim.Adam(self._network.parameters(), self.settings.learning_rate)

        def losses(batch: TrainingBatch) -> Mapping[str, torch.Tensor]:
            return {"distance": (batch.images - self._network.mean).square().mean()}

        def snapshot(folder: Path) -> None:
            self.save(folder)

        task = TrainingTask(
            modules=self.networks(),
            optimizers={"painter": optimizer},
            phases=(Phase("paint", self.settings.images, self.settings.batch_size, self.spec.resolution),),
            updates=(Update("painter", ("painter",), losses),),
            sample=lambda noise: SampleBatch(self._draw(noise)),
            save_snapshot=snapshot,
        )
        train(task, data, run)

    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        if layouts is not None:
            message = "palette-noise takes no layouts"
            raise UnsupportedError(message)
        device = next(self._network.parameters()).device
        for start in range(0, len(seeds), 16):
            yield SampleBatch(self._draw(NoiseSource.for_seeds(seeds[start : start + 16], device)))

    def _draw(self, noise: NoiseSource) -> NDArray[np.uint8]:
        grains = noise.normal("pixels", 3, *self.spec.resolution)
        tints = noise.normal("tint", 3, 1, 1)
        pixels = self._network.mean.detach() + self.settings.tint * tints + self.settings.grain * grains
        return ((pixels.clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).cpu().numpy()
