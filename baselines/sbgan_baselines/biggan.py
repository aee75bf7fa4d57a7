"""BigGAN (Brock et al. 2019) without classes: every image has the one class there is, and nothing sees a layout."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self, cast, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_baselines.biggan_networks import (
    BOTTOM,
    OFFICIAL,
    Architecture,
    BigGANDiscriminator,
    BigGANGenerator,
    Conditioning,
    initialise,
)
from sbgan_bench.config import Settings
from sbgan_bench.dataset import PairTable
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.losses import generator_loss, hinge_discriminator_loss
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.networks.ema import ExponentialAverage
from sbgan_bench.noise import NoiseSource
from sbgan_bench.quantities import Betas, Count, Decay, Positive, Rate
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.sampling import refuse_layouts, sample_in_batches, to_images
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import Losses, Phase, Position, TrainingBatch, TrainingTask, Update

#: Fewest channels that attention can divide by 8.
ATTENTION_WIDTH = 8


class BigGANSettings(Settings):
    """Settings of BigGAN; the defaults are its recipe, with the batch and length of the SB-GAN paper's comparison."""

    base_width: Positive = 96
    generator_widths: tuple[Positive, ...] = ()  #: multiples of ``base_width`` from 4 pixels up; empty: official
    discriminator_widths: tuple[Positive, ...] = ()  #: multiples of ``base_width``, block by block; empty: official
    attention: tuple[Positive, ...] = (64,)  #: heights after which attention follows
    latent_dim: Positive = 120
    shared_dim: Positive = 128  #: of the embedding of the one class
    hierarchical: bool = True  #: every block sees its own part of z
    batch_size: Positive = 256
    images: Count = 12_800_000
    generator_rate: Rate = 1e-4  #: Adam
    discriminator_rate: Rate = 4e-4  #: Adam
    betas: Betas = (0.0, 0.999)
    adam_epsilon: Rate = 1e-6
    ema_decay: Decay = 0.9999  #: 0: the average equals the generator
    ema_start: Count = 20_000  #: first step that is averaged

    def architecture(self, height: int) -> Architecture | None:
        """The widths for images of ``height`` pixels; None if there are none."""
        official = OFFICIAL.get(height)
        if self.generator_widths and self.discriminator_widths:
            return Architecture(self.generator_widths, self.discriminator_widths, self.attention)
        if official is None:
            return None
        return Architecture(
            self.generator_widths or official.generator,
            self.discriminator_widths or official.discriminator,
            self.attention,
        )


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
            conditioning=Conditioning(shared_dim=settings.shared_dim, hierarchical=settings.hierarchical),
            aspect=spec.resolution[1] // spec.resolution[0],
        )
        discriminator = BigGANDiscriminator(architecture=architecture, base_width=settings.base_width)
        initialise(generator, seed)
        initialise(discriminator, seed)
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
        if settings.attention and settings.base_width < ATTENTION_WIDTH:
            return f"attention needs at least {ATTENTION_WIDTH} channels; base_width is {settings.base_width}"
        return ""

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Train with the hinge loss."""
        del recipe, starts
        settings = self.settings
        task = TrainingTask(
            modules=self.networks(),
            optimizers={
                "generator": self._adam(self.generator, settings.generator_rate),
                "discriminator": self._adam(self.discriminator, settings.discriminator_rate),
            },
            phases=(Phase("train", settings.images, settings.batch_size, self.spec.resolution),),
            updates=(  # discriminator first, as in BigGAN-PyTorch
                Update("discriminator", ("discriminator",), self._discriminator_losses),
                Update("generator", ("generator",), self._generator_losses),
            ),
            sample=self._sample,
            end_step=self._average,
            save_snapshot=self.save,
        )
        train(task, data, run)

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
        return sample_in_batches(self.average.average, lambda noise, _: self._sample(noise), seeds)

    def _adam(self, network: nn.Module, rate: float) -> torch.optim.Adam:
        settings = self.settings
        return torch.optim.Adam(network.parameters(), lr=rate, betas=settings.betas, eps=settings.adam_epsilon)

    def _generate(self, generator: BigGANGenerator, noise: NoiseSource) -> Tensor:
        return cast("Tensor", generator(noise.normal("z", generator.latent_dim)))

    def _sample(self, noise: NoiseSource) -> SampleBatch:
        average = cast("BigGANGenerator", self.average.average)
        return SampleBatch(images=to_images(self._generate(average, noise)))

    def _discriminator_losses(self, batch: TrainingBatch) -> Losses:
        """Term "discriminator"; generated and real images are judged in one batch."""
        with torch.no_grad():
            generated = self._generate(self.generator, batch.noise.turn("discriminator"))
        scores: Tensor = self.discriminator(torch.cat([generated, batch.images]))
        count = len(generated)
        return {"discriminator": hinge_discriminator_loss(scores[count:], scores[:count])}

    def _generator_losses(self, batch: TrainingBatch) -> Losses:
        """Term "generator"."""
        generated = self._generate(self.generator, batch.noise.turn("generator"))
        return {"generator": generator_loss(self.discriminator(generated))}

    def _average(self, position: Position) -> None:
        self.average.update(self.generator, position.step)
