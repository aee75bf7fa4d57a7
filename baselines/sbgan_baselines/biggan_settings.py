"""Settings of BigGAN, and the three published set-ups that they can start from."""

import enum
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationInfo, field_validator, model_validator

from sbgan_baselines.biggan_initialisation import Initialisation
from sbgan_baselines.biggan_networks import OFFICIAL, Architecture, Conditioning
from sbgan_bench.config import Settings
from sbgan_bench.quantities import Betas, Count, Decay, Positive, Rate, Weight


class Setup(enum.StrEnum):
    """A published recipe. It says what every setting is that is not written out."""

    COMPARE_GAN = "compare-gan"  #: compare_gan's biggan_imagenet128.gin, which the SB-GAN paper followed (default)
    BIGGAN = "biggan-pytorch"  #: BigGAN-PyTorch's launch_BigGAN_bs256x8.sh, by BigGAN's first author
    SAGAN = "sagan"  #: BigGAN-PyTorch's SAGAN (Zhang et al. 2019), 128x2 with a moving average


class Statistics(enum.StrEnum):
    """Where the means and variances of batch normalisation come from when samples are drawn."""

    STANDING = "standing"  #: gathered anew from the network that is sampled (compare_gan; BigGAN, appendix)
    RUNNING = "running"  #: the running averages of training


#: Settings of the set-ups other than the first, whose settings are the fields' own defaults.
SETUPS: Mapping[Setup, Mapping[str, Any]] = {
    Setup.COMPARE_GAN: {},
    Setup.BIGGAN: {
        "spectral_epsilon": 1e-6,
        "batch_size": 2048,
        "accumulations": 8,
        "discriminator_steps": 1,
        "images": 102_400_000,  # 50,000 steps of 2048
        "discriminator_rate": 4e-4,
        "adam_epsilon": 1e-6,
        "ema_start": 20_000,
        "statistics": "running",
    },
    Setup.SAGAN: {
        "base_width": 64,
        "latent_dim": 128,
        "shared_dim": 0,
        "hierarchical": False,
        "initialisation": "xavier",
        "spectral_epsilon": 1e-8,
        "batch_size": 256,
        "accumulations": 2,
        "discriminator_steps": 1,
        "images": 12_800_000,  # 50,000 steps of 256
        "discriminator_rate": 4e-4,
        "adam_epsilon": 1e-8,
        "ema_start": 2_000,
        "statistics": "running",
    },
}


class BigGANSettings(Settings):
    """Settings of BigGAN. The defaults are compare_gan's, with the length of the SB-GAN paper: 50,000 iterations.

    The paper varied batch size (128, 256, 512, 2048), learning rate and place of attention and does not say which it
    kept; 256 is this project's choice. Unlike compare_gan, gains are 1 + a function of the condition, as in BigGAN
    itself (compare_gan leaves out the 1, its issue 54), images are in [-1, 1], and the generator's step reads no real
    images of its own.
    """

    setup: Setup = Setup.COMPARE_GAN

    # Networks
    base_width: Positive = 96
    generator_widths: tuple[Positive, ...] = ()  #: multiples of ``base_width`` from 4 pixels up; empty: official
    discriminator_widths: tuple[Positive, ...] = ()  #: multiples of ``base_width``, block by block; empty: official
    attention: tuple[Positive, ...] = (64,)  #: heights after which attention follows; at 128 pixels, G's B4 and D's B1
    discriminator_attention: tuple[Positive, ...] | None = None  #: in the discriminator; left out: as in the generator
    latent_dim: Positive = 120
    shared_dim: Count = 128  #: of the embedding of the one class; 0: none, every normalisation has its own table
    labels: Positive = 1  #: classes of an imported network; one is drawn per image, and such a network is not trained
    hierarchical: bool = True  #: every block sees its own part of z
    initialisation: Initialisation = Initialisation.ORTHOGONAL
    spectral_epsilon: Rate = 1e-12

    # Training
    batch_size: Positive = 256  #: of every step, the pieces of ``accumulations`` taken together
    accumulations: Positive = 1  #: pieces of a batch, one backward pass each; each has batch statistics of its own
    discriminator_steps: Positive = 2  #: per step of the generator, each with real images of its own
    images: Count = 25_600_000  #: 50,000 iterations × 2 discriminator steps × 256
    generator_rate: Rate = 1e-4  #: Adam
    discriminator_rate: Rate = 5e-4  #: Adam
    betas: Betas = (0.0, 0.999)
    adam_epsilon: Rate = 1e-8
    orthogonal_penalty: Weight = 0.0  #: strength in the generator; 1e-4 in BigGAN, switched off in all three set-ups

    # Sampling
    ema_decay: Decay = 0.9999  #: 0: the average equals the generator
    ema_start: Count = 40_000  #: first iteration that is averaged
    statistics: Statistics = Statistics.STANDING
    standing_batches: Positive = 100
    standing_batch_size: Positive = 64

    @model_validator(mode="before")
    @classmethod
    def _start_from_setup(cls, values: Any) -> Any:
        if isinstance(values, Mapping) and values.get("setup") in SETUPS:
            return {**SETUPS[values["setup"]], **values}
        return values

    @field_validator("hierarchical")
    @classmethod
    def _parts_join_an_embedding(cls, value: bool, info: ValidationInfo) -> bool:
        if value and not info.data.get("shared_dim", True):
            message = "hierarchical latents join the shared embedding; set shared_dim, or hierarchical = false"
            raise ValueError(message)
        return value

    @field_validator("accumulations")
    @classmethod
    def _pieces_are_equal(cls, value: int, info: ValidationInfo) -> int:
        batch_size = info.data.get("batch_size", value)
        if batch_size % value:
            message = f"a batch of {batch_size} is not divided into {value} equal pieces"
            raise ValueError(message)
        return value

    def architecture(self, height: int) -> Architecture | None:
        """The widths for images of ``height`` pixels; None if there are none."""
        official = OFFICIAL.get(height)
        generator = self.generator_widths or (official and official.generator)
        discriminator = self.discriminator_widths or (official and official.discriminator)
        if not generator or not discriminator:
            return None
        return Architecture(generator, discriminator, self.attention, self.discriminator_attention)

    def conditioning(self) -> Conditioning:
        """What the batch normalisations depend on: the class, and parts of z where latents are hierarchical."""
        return Conditioning(self.labels, shared_dim=self.shared_dim or None, hierarchical=self.hierarchical)
