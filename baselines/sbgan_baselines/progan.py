"""ProGAN on images, without layouts: what SB-GAN's layout stage is when it grows pictures instead.

Karras et al. 2018, "Progressive Growing of GANs", as the paper's baseline uses it: the same blocks, schedule and loss
as the layout stage, three output channels without tanh. Karras et al.'s minibatch standard deviation, drift term and
moving average are settings.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_bench.dataset import PairTable, Resolution
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.networks.progressive import Head
from sbgan_bench.noise import NoiseSource
from sbgan_bench.presets import Preset
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.sampling import refuse_layouts, sample_in_batches, to_images
from sbgan_bench.sbgan.progressive_training import Growth, ProgressiveGAN, ProgressiveSettings, cannot_grow
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import TrainingBatch


@final
class ProGAN(AbstractModel):
    """A progressively grown GAN of images."""

    name: ClassVar[str] = "progan"
    title: ClassVar[str] = "ProGAN"
    Settings: ClassVar[type[ProgressiveSettings]] = ProgressiveSettings
    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.NONE})
    presets: ClassVar[Mapping[Preset, Mapping[str, Any]]] = {
        Preset.PAPER: {"pixel_norm": "progan", "fade": "linear"},
        Preset.RELEASED: {"pixel_norm": "sbgan", "fade": "released"},
    }
    recipes: ClassVar[Mapping[str, Recipe]] = {"default": Recipe(summary="grown from 4 pixels of height upwards")}

    def __init__(self, settings: ProgressiveSettings, spec: SceneSpec, gan: ProgressiveGAN) -> None:
        self.settings: ProgressiveSettings = settings
        self.spec = spec
        self.gan = gan

    @classmethod
    def build(cls, settings: ProgressiveSettings, spec: SceneSpec, seed: int) -> Self:
        """Build with initial weights from ``seed``."""
        reason = cls.unsupported(settings, spec)
        if reason:
            raise UnsupportedError(f"{cls.title}: {reason}.")
        return cls(settings, spec, ProgressiveGAN.build(settings, Head.RGB, 3, spec.resolution, seed))

    @classmethod
    def unsupported(cls, settings: ProgressiveSettings, spec: SceneSpec) -> str:
        """Return why images of this size cannot be grown; "" if they can."""
        del settings
        return cannot_grow(spec.resolution)

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Grow level by level."""
        del recipe, starts
        task = self.gan.task(
            real=_real_images, draw=lambda images, _: images, sample=self._generate, save_snapshot=self.save
        )
        train(task, data, run)

    def networks(self) -> Mapping[str, nn.Module]:
        """Generator, discriminator and, where there is one, the generator's moving average."""
        return self.gan.networks()

    def sampler(self) -> Mapping[str, str]:
        """The average's decay; no layouts."""
        return {"ema": self.gan.ema, "layout_draw": ""}

    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        """Generate images."""
        refuse_layouts(self.title, layouts)
        return sample_in_batches(self.gan.sampled, lambda noise, _: self._generate(noise), seeds)

    def _generate(self, noise: NoiseSource, growth: Growth | None = None) -> SampleBatch:
        images = F.interpolate(self.gan.generate(noise, growth), self.gan.resolution, mode="nearest")
        return SampleBatch(images=to_images(images))


def _real_images(batch: TrainingBatch, resolution: Resolution, alpha: float) -> Tensor:
    """Average images down to ``resolution``, blended as the generator's output is (Karras et al. 2018, code)."""
    images = F.avg_pool2d(batch.images, batch.images.shape[2] // resolution[0])
    if alpha == 1:
        return images
    coarse = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2.0, mode="nearest")
    return torch.lerp(coarse, images, alpha)
