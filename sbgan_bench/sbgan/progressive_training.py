"""Progressive growing with WGAN-GP, for layouts and for images: the schedule as data, the two updates.

Karras et al. 2018, "Progressive Growing of GANs"; Gulrajani et al. 2017 for the loss; SB-GAN section 3.1 for layouts.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

import torch
from pydantic import Field
from torch import Tensor, nn

from sbgan_bench.config import Settings
from sbgan_bench.dataset import Resolution
from sbgan_bench.losses import critic_loss, generator_loss, gradient_penalty
from sbgan_bench.networks.ema import ExponentialAverage
from sbgan_bench.networks.progressive import (
    BOTTOM,
    Head,
    PixelNorm,
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    initialise,
    official_widths,
)
from sbgan_bench.noise import NoiseSource
from sbgan_bench.quantities import Betas, Count, Decay, Positive, Rate, Weight
from sbgan_bench.samples import SampleBatch
from sbgan_bench.sbgan.optimisation import DECAY, adam, set_rates
from sbgan_bench.training.task import Losses, Phase, Position, TrainingBatch, TrainingTask, Update

Value = TypeVar("Value")


class Fade(enum.StrEnum):
    """What happens while a level is new."""

    LINEAR = "linear"  #: its weight grows from 0 to 1 (Karras et al. 2018; the paper)
    RELEASED = "released"  #: it has weight 1 from the start: the released code never blends in training


class ProgressiveSettings(Settings):
    """Settings of a progressively grown GAN; the defaults are the paper's for Cityscapes-5K.

    Tuples go by level, from 4 pixels of height; their last value serves all further levels.
    """

    widths: tuple[Positive, ...] = ()  #: channels by level; empty: the official min(512, 2^(12 - level))
    latent_dim: Positive = 512
    pixel_norm: PixelNorm = PixelNorm.PROGAN
    head_gain: Rate = 1.0  #: equalised gain of the output layers
    minibatch_stddev: bool = False  #: Karras et al.'s extra channel of the discriminator; SB-GAN has none
    fade: Fade = Fade.LINEAR
    fade_images: tuple[Count, ...] = Field((446_250,), min_length=1)  #: while a level is new; level 0 never is
    stabilise_images: tuple[Count, ...] = Field((446_250,), min_length=1)  #: once a level is there
    decay_images: Count = 0  #: at the end, while learning rates fall linearly to zero; officially they never do
    batch_size: tuple[Positive, ...] = Field((16,), min_length=1)
    generator_rate: Rate = 1e-3  #: Adam
    discriminator_rate: Rate = 1e-3  #: Adam
    rate_factors: tuple[Rate, ...] = Field((1.0,), min_length=1)  #: by level, times both rates; SB-GAN's are all 1
    betas: Betas = (0.0, 0.99)  #: Adam
    penalty_weight: Rate = 10.0
    penalty_every: Positive = 1  #: at the highest level, the penalty is taken every so many steps, times as many
    drift: Weight = 0.0  #: weight of mean D(real)², 1e-3 in Karras et al.; SB-GAN has none
    ema_decay: Decay = 0.0  #: of a moving average of the generator; 0: none, as SB-GAN

    def levels(self, resolution: Resolution) -> int:
        """Number of levels up to ``resolution``."""
        return (resolution[0] // BOTTOM).bit_length()

    def level_widths(self, resolution: Resolution) -> tuple[int, ...]:
        """Channels of every level."""
        levels = self.levels(resolution)
        return by_level(self.widths, levels) if self.widths else official_widths(levels)

    def phases(self, resolution: Resolution) -> tuple[Phase, ...]:
        """The schedule: level 0 is stabilised, every other one is faded in first; a decay where it is wanted."""
        levels = self.levels(resolution)
        fades, rests = by_level(self.fade_images, levels), by_level(self.stabilise_images, levels)
        sizes = by_level(self.batch_size, levels)
        phases = []
        for level in range(levels):
            size = BOTTOM * 2**level
            at = size, size * resolution[1] // resolution[0]
            if level > 0:
                phases.append(Phase(f"fade {at[0]}x{at[1]}", fades[level], sizes[level], at, fading=True))
            phases.append(Phase(f"stabilise {at[0]}x{at[1]}", rests[level], sizes[level], at))
        if self.decay_images:
            phases.append(Phase(DECAY, self.decay_images, sizes[-1], resolution))
        return tuple(phases)


def by_level(values: tuple[Value, ...], levels: int) -> tuple[Value, ...]:
    """Return one value per level, repeating the last."""
    return (*values, *values[-1:] * levels)[:levels]


def cannot_grow(resolution: Resolution) -> str:
    """Return why no progressive network has this output size; "" if one has."""
    height, width = resolution
    if height < BOTTOM or height & (height - 1) or width % height:
        return (
            f"a progressive GAN grows from {BOTTOM} pixels of height by doubling and is a whole number of times as "
            f"wide as high; {height}x{width} is not reached (try 32x64, 64x128, 128x256 or 256x256)"
        )
    return ""


@dataclass(slots=True)
class Growth:
    """How far a network has grown in training; a task keeps it up to date."""

    level: int = 0  #: the highest that is trained
    alpha: float = 1.0  #: weight of that level


@dataclass(frozen=True, slots=True)
class ProgressiveGAN:
    """The two networks, the moving average where there is one, and how they are trained at any level."""

    settings: ProgressiveSettings
    resolution: Resolution  #: of the highest level
    generator: ProgressiveGenerator
    discriminator: ProgressiveDiscriminator
    average: ExponentialAverage | None  #: of the generator

    @classmethod
    def build(
        cls, settings: ProgressiveSettings, head: Head, channels: int, resolution: Resolution, seed: int
    ) -> "ProgressiveGAN":
        """Build with initial weights from ``seed``."""
        widths = settings.level_widths(resolution)
        aspect = resolution[1] // resolution[0]
        generator = ProgressiveGenerator(
            head=head,
            out_channels=channels,
            widths=widths,
            latent_dim=settings.latent_dim,
            aspect=aspect,
            pixel_norm=settings.pixel_norm,
            head_gain=settings.head_gain,
        )
        discriminator = ProgressiveDiscriminator(
            head=head,
            in_channels=channels,
            widths=widths,
            latent_dim=settings.latent_dim,
            aspect=aspect,
            minibatch_stddev=settings.minibatch_stddev,
        )
        initialise(generator, seed)
        initialise(discriminator, seed)
        average = ExponentialAverage(generator, settings.ema_decay) if settings.ema_decay else None
        return cls(settings, resolution, generator, discriminator, average)

    def networks(self) -> dict[str, nn.Module]:
        """Every network by name; the average is "generator_ema"."""
        networks: dict[str, nn.Module] = {"generator": self.generator, "discriminator": self.discriminator}
        return networks if self.average is None else {**networks, "generator_ema": self.average.average}

    @property
    def sampled(self) -> ProgressiveGenerator:
        """The generator to sample from: the average, if there is one."""
        return self.generator if self.average is None else cast("ProgressiveGenerator", self.average.average)

    @property
    def ema(self) -> str:
        """The decay of the average for result rows; "" without."""
        return "" if self.average is None else f"{self.average.decay:g}"

    def generate(self, noise: NoiseSource, growth: Growth | None = None) -> Tensor:
        """Return what ``sampled`` makes of each sample's own z, as far as it has grown; fully, unless told."""
        generator = self.sampled
        level, alpha = (generator.levels - 1, 1.0) if growth is None else (growth.level, growth.alpha)
        return cast("Tensor", generator(noise.normal("z", generator.latent_dim), level, alpha))

    def stand(self, position: Position) -> tuple[int, float]:
        """Return the level that is trained at ``position``, and the weight of the newest one."""
        phase = position.phase
        level = (phase.resolution[0] // BOTTOM).bit_length() - 1
        blending = phase.fading and self.settings.fade is Fade.LINEAR
        return level, position.phase_progress if blending else 1.0

    def task(
        self,
        real: Callable[[TrainingBatch, Resolution, float], Tensor],
        draw: Callable[[Tensor, NoiseSource], Tensor],
        sample: Callable[[NoiseSource, Growth], SampleBatch],
        save_snapshot: Callable[[Path], None],
    ) -> TrainingTask:
        """Return what the training loop needs.

        Args:
            real: The real batch at a size, given the weight of the newest level.
            draw: From the generator's output to what the discriminator sees: a straight-through sample of layouts,
                or the image as it is.
            sample: For previews: full-size scenes of a generator that has grown so far.
            save_snapshot: For snapshots.
        """
        settings = self.settings
        losses = WassersteinLosses(self, real, draw)
        factors = by_level(settings.rate_factors, self.generator.levels)
        optimizers = {
            "generator": adam(self.generator, settings.generator_rate, settings.betas),
            "discriminator": adam(self.discriminator, settings.discriminator_rate, settings.betas),
        }
        growth = Growth()

        def begin_step(position: Position) -> None:
            growth.level, growth.alpha = self.stand(position)
            factor = factors[growth.level]
            rates = {
                "generator": settings.generator_rate * factor,
                "discriminator": settings.discriminator_rate * factor,
            }
            set_rates(position, rates, optimizers, tuple(rates))

        return TrainingTask(
            modules=self.networks(),
            optimizers=optimizers,
            phases=settings.phases(self.resolution),
            updates=(  # generator first, as released
                Update("generator", ("generator",), losses.of_generator),
                Update("discriminator", ("discriminator",), losses.of_discriminator),
            ),
            sample=lambda noise: sample(noise, growth),
            begin_step=begin_step,
            end_step=self._average,
            save_snapshot=save_snapshot,
        )

    def _average(self, position: Position) -> None:
        if self.average is not None:
            self.average.update(self.generator, position.step)


@dataclass(frozen=True, slots=True)
class WassersteinLosses:
    """The terms of WGAN-GP at whatever level the batch's phase is."""

    gan: ProgressiveGAN
    real: Callable[[TrainingBatch, Resolution, float], Tensor]
    draw: Callable[[Tensor, NoiseSource], Tensor]

    def of_generator(self, batch: TrainingBatch) -> Losses:
        """Term "generator": -mean D(generated)."""
        level, alpha = self.gan.stand(batch.position)
        generated = self._generate(batch.noise.turn("generator"), level, alpha)
        return {"generator": generator_loss(self.gan.discriminator(generated, level, alpha))}

    def of_discriminator(self, batch: TrainingBatch) -> Losses:
        """Terms "critic", "penalty" (where it is due) and "drift" (where it has a weight)."""
        critic, settings = self.gan.discriminator, self.gan.settings
        level, alpha = self.gan.stand(batch.position)
        with torch.no_grad():
            generated = self._generate(batch.noise.turn("discriminator"), level, alpha)
        real = self.real(batch, batch.position.phase.resolution, alpha)
        scores = critic(real, level, alpha)
        losses = {"critic": critic_loss(scores, critic(generated, level, alpha))}
        every = settings.penalty_every if level == critic.levels - 1 else 1
        if batch.position.step % every == 0:
            losses["penalty"] = gradient_penalty(
                lambda x: critic(x, level, alpha),
                real,
                generated,
                batch.noise.uniform("epsilon"),
                settings.penalty_weight * every,
            )
        if settings.drift:
            losses["drift"] = settings.drift * scores.square().mean()
        return losses

    def _generate(self, noise: NoiseSource, level: int, alpha: float) -> Tensor:
        generator = self.gan.generator
        return self.draw(generator(noise.normal("z", generator.latent_dim), level, alpha), noise)
