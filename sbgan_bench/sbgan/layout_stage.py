"""The layout stage: from noise to label maps (SB-GAN, section 3.1)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_bench.dataset import PairTable, Resolution
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.networks.gumbel import draw_layout, gumbel_straight_through
from sbgan_bench.networks.progressive import Head
from sbgan_bench.noise import NoiseSource
from sbgan_bench.presets import Preset
from sbgan_bench.quantities import Rate
from sbgan_bench.samples import LayoutDraw, LayoutSource, SampleBatch
from sbgan_bench.sampling import refuse_layouts, sample_in_batches, to_layouts
from sbgan_bench.sbgan.layouts import enlarge_layouts, real_layouts
from sbgan_bench.sbgan.progressive_training import Growth, ProgressiveGAN, ProgressiveSettings, cannot_grow
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import TrainingTask


class LayoutStageSettings(ProgressiveSettings):
    """Settings of the layout stage."""

    resolution: Resolution | None = None  #: (h, w) of the layouts; None: that of the images
    temperature: Rate = 1.0  #: of the straight-through sample in training
    draw: LayoutDraw = LayoutDraw.GUMBEL  #: how layouts are drawn for sampling

    def layout_resolution(self, spec: SceneSpec) -> Resolution:
        """(h, w) of the layouts."""
        return self.resolution or spec.resolution


@final
class LayoutStage(AbstractModel):
    """A progressively grown GAN of label maps: class probabilities, Gumbel straight-through samples, WGAN-GP."""

    name: ClassVar[str] = "layout-stage"
    title: ClassVar[str] = "Layout stage"
    Settings: ClassVar[type[LayoutStageSettings]] = LayoutStageSettings
    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.GENERATED})
    draws_images: ClassVar[bool] = False
    sampling_settings: ClassVar[frozenset[str]] = frozenset({"draw"})
    presets: ClassVar[Mapping[Preset, Mapping[str, Any]]] = {
        Preset.PAPER: {"pixel_norm": "progan", "fade": "linear", "draw": "gumbel"},
        Preset.RELEASED: {"pixel_norm": "sbgan", "fade": "released", "draw": "argmax"},
    }
    recipes: ClassVar[Mapping[str, Recipe]] = {"default": Recipe(summary="grown from 4 pixels of height upwards")}

    def __init__(self, settings: LayoutStageSettings, spec: SceneSpec, gan: ProgressiveGAN) -> None:
        self.settings: LayoutStageSettings = settings
        self.spec = spec
        self.gan = gan

    @classmethod
    def build(cls, settings: LayoutStageSettings, spec: SceneSpec, seed: int) -> Self:
        """Build with initial weights from ``seed``."""
        reason = cls.unsupported(settings, spec)
        if reason:
            raise UnsupportedError(f"{cls.title}: {reason}.")
        resolution = settings.layout_resolution(spec)
        return cls(settings, spec, ProgressiveGAN.build(settings, Head.MASK, spec.num_classes, resolution, seed))

    @classmethod
    def unsupported(cls, settings: LayoutStageSettings, spec: SceneSpec) -> str:
        """Return why layouts of this size cannot be grown; "" if they can."""
        height, width = settings.layout_resolution(spec)
        factor = spec.resolution[0] // height
        if (height * factor, width * factor) != spec.resolution:
            return (
                f"layouts of {height}x{width} are not enlarged to images of {spec.resolution[0]}x{spec.resolution[1]} "
                "by a whole factor"
            )
        return cannot_grow((height, width))

    def task(self) -> TrainingTask:
        """Return what the training loop is given."""
        classes, temperature = self.spec.num_classes, self.settings.temperature
        return self.gan.task(
            # Real layouts are hard at every level, also while one is blended in: so are the generated ones.
            real=lambda batch, resolution, _: real_layouts(batch.layouts, classes, resolution),
            draw=lambda probabilities, noise: gumbel_straight_through(
                probabilities, noise.exponential("gumbel", *probabilities.shape[1:]), temperature
            ),
            sample=self._generate,
            save_snapshot=self.save,
        )

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Grow level by level."""
        del recipe, starts
        train(self.task(), data, run)

    def networks(self) -> Mapping[str, nn.Module]:
        """Generator, discriminator and, where there is one, the generator's moving average."""
        return self.gan.networks()

    def sampler(self) -> Mapping[str, str]:
        """The average's decay and how layouts are drawn."""
        return {"ema": self.gan.ema, "layout_draw": self.settings.draw.value}

    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        """Generate layouts; there are no images."""
        refuse_layouts(self.title, layouts)
        return sample_in_batches(self.gan.sampled, lambda noise, _: self._generate(noise), seeds)

    def _generate(self, noise: NoiseSource, growth: Growth | None = None) -> SampleBatch:
        drawn = draw_for_sampling(self.gan.generate(noise, growth), noise, self.settings.draw)
        return SampleBatch(layouts=to_layouts(enlarge_layouts(drawn, self.gan.resolution)))


def draw_for_sampling(probabilities: Tensor, noise: NoiseSource, draw: LayoutDraw) -> Tensor:
    """Draw layouts ``(N, K, h, w)`` from class probabilities with each sample's own numbers."""
    exponential = noise.exponential("gumbel", *probabilities.shape[1:]) if draw is LayoutDraw.GUMBEL else None
    return draw_layout(probabilities, exponential, draw)
