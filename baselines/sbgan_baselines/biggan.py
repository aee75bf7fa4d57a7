"""BigGAN (Brock et al. 2019) without classes: every image has the one class there is, and nothing sees a layout."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self, cast, final

import numpy as np
from numpy.typing import NDArray
from torch import nn

from sbgan_baselines.biggan_networks import (
    BOTTOM,
    OFFICIAL,
    Architecture,
    BigGANDiscriminator,
    BigGANGenerator,
    initialise,
)
from sbgan_baselines.biggan_settings import BigGANSettings, Statistics
from sbgan_baselines.biggan_statistics import with_standing_statistics
from sbgan_baselines.biggan_training import BigGANTraining, generate
from sbgan_bench.dataset import PairTable
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.networks.ema import ExponentialAverage
from sbgan_bench.noise import NoiseSource
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.sampling import refuse_layouts, sample_in_batches, to_images
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import Position, TrainingTask

#: Fewest channels that attention can divide by 8.
ATTENTION_WIDTH = 8


@final
class BigGAN(AbstractModel):
    """One class, hinge loss, self-attention, spectral normalisation, sampled from the generator's moving average."""

    name: ClassVar[str] = "biggan"
    title: ClassVar[str] = "BigGAN"
    Settings: ClassVar[type[BigGANSettings]] = BigGANSettings
    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.NONE})
    recipes: ClassVar[Mapping[str, Recipe]] = {"default": Recipe(summary="one class, moving average sampled")}

    def __init__(
        self,
        settings: BigGANSettings,
        spec: SceneSpec,
        generator: BigGANGenerator,
        discriminator: BigGANDiscriminator,
    ) -> None:
        self.settings: BigGANSettings = settings
        self.spec = spec
        self.generator = generator
        self.discriminator = discriminator
        self.average = ExponentialAverage(generator, settings.ema_decay, settings.ema_start)

    @classmethod
    def build(cls, settings: BigGANSettings, spec: SceneSpec, seed: int) -> Self:
        """Build with initial weights from ``seed``."""
        architecture = settings.architecture(spec.resolution[0])
        reason = cls.unsupported(settings, spec)
        if reason or architecture is None:
            raise UnsupportedError(f"{cls.title}: {reason}.")
        generator = BigGANGenerator(
            architecture=architecture,
            base_width=settings.base_width,
            latent_dim=settings.latent_dim,
            conditioning=settings.conditioning(),
            aspect=spec.resolution[1] // spec.resolution[0],
            epsilon=settings.spectral_epsilon,
        )
        discriminator = BigGANDiscriminator(
            architecture=architecture,
            base_width=settings.base_width,
            num_classes=settings.labels,
            epsilon=settings.spectral_epsilon,
        )
        initialise(generator, seed, settings.initialisation)
        initialise(discriminator, seed, settings.initialisation)
        return cls(settings, spec, generator, discriminator)

    @classmethod
    def unsupported(cls, settings: BigGANSettings, spec: SceneSpec) -> str:
        """Return why there is no BigGAN of this size; "" if there is one."""
        height, width = spec.resolution
        architecture = settings.architecture(height)
        if architecture is None:
            known = ", ".join(str(size) for size in OFFICIAL)
            return (
                f"no official widths for images {height} pixels high (there are for {known}); "
                "set generator_widths and discriminator_widths"
            )
        if architecture.height != height or width % height:
            return (
                f"{len(architecture.generator)} generator widths double {BOTTOM} pixels to {architecture.height} and "
                f"images are a whole number of times as wide as high; {height}x{width} is not reached"
            )
        halvings = len(architecture.discriminator) - 1
        if height % 2**halvings:
            return f"{halvings + 1} discriminator widths halve {halvings} times, too often for {height} pixels"
        narrowest = _narrowest_attention(architecture) * settings.base_width
        if narrowest < ATTENTION_WIDTH:
            return f"attention needs at least {ATTENTION_WIDTH} channels and would be given {narrowest}"
        return ""

    def task(self) -> TrainingTask:
        """Return what the training loop is given."""
        training = BigGANTraining(self.settings, self.generator, self.discriminator)
        return TrainingTask(
            modules=self.networks(),
            optimizers=training.optimizers(),
            phases=(training.phase(self.spec.resolution),),
            updates=training.updates(),
            sample=lambda noise: _scenes(self._sampled(), noise),
            end_step=self._average,
            save_snapshot=self.save,
        )

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Train with the hinge loss.

        Raises:
            UnsupportedError: The network is an imported one of several classes, which no dataset here has.
        """
        del recipe, starts
        if self.settings.labels > 1:
            raise UnsupportedError(
                f"{self.title} of {self.settings.labels} classes cannot be trained: set labels = 1."
            )
        train(self.task(), data, run)

    def networks(self) -> Mapping[str, nn.Module]:
        """Generator, discriminator and the generator's moving average."""
        return {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "generator_ema": self.average.average,
        }

    def sampler(self) -> Mapping[str, str]:
        """The average's decay; no layouts."""
        return {"ema": f"{self.settings.ema_decay:g}", "layout_draw": ""}

    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        """Generate images."""
        refuse_layouts(self.title, layouts)
        generator = self._sampled()
        return sample_in_batches(generator, lambda noise, _: _scenes(generator, noise), seeds)

    def _sampled(self) -> BigGANGenerator:
        """The average, or a copy of it with statistics of its own."""
        average, settings = cast("BigGANGenerator", self.average.average), self.settings
        if settings.statistics is Statistics.RUNNING:
            return average
        return with_standing_statistics(average, settings.standing_batches, settings.standing_batch_size)

    def _average(self, position: Position) -> None:
        self.average.update(self.generator, position.step)


def _narrowest_attention(architecture: Architecture) -> float:
    """Return the least width, in units of the base width, that attention is given; infinity without attention."""
    drawing = [w for i, w in enumerate(architecture.generator) if i and BOTTOM * 2**i in architecture.attention]
    judging = [
        width
        for i, width in enumerate(architecture.discriminator[:-1])
        if architecture.height // 2 ** (i + 1) in architecture.judging_attention
    ]
    return min([*drawing, *judging], default=math.inf)


def _scenes(generator: BigGANGenerator, noise: NoiseSource) -> SampleBatch:
    return SampleBatch(images=to_images(generate(generator, noise)))
