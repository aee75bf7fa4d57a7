"""ProGAN on images, without layouts, twice: as SB-GAN's release trains it, and as Karras et al. describe it.

Both are one implementation: the blocks, growth and WGAN-GP loss of SB-GAN's layout stage with three output channels
and no tanh. They differ in settings alone, those that the two classes of settings below name.

Karras et al.'s own code differs further from ``progan-reference``, in points that are the same for both models here:

- Adam's moments are forgotten whenever a level appears or is fully there; here they are kept.
- The discriminator's first layers (``from_rgb``) have gain √2 and its last layer gain 1; here, as released, 1 and √2.
- In the discriminator a convolution and the halving after it are one operation with LeakyReLU behind both; here, as
  released, LeakyReLU comes before the halving.
- The discriminator steps before the generator; here, as released, after it.
- The last level is trained until 12 million images in all; here as long as any other, unless a suite says otherwise.
- Batches change with the level and, in the 8-GPU preset, so do learning rates; the defaults are the 1-GPU preset's.
- Networks are square; here the lowest level is as much wider as the images are.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self, final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor, nn

from sbgan_bench.dataset import PairTable, Resolution
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.networks.progressive import Head, PixelNorm
from sbgan_bench.noise import NoiseSource
from sbgan_bench.quantities import Count, Decay, Positive, Weight
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.sampling import refuse_layouts, sample_in_batches, to_images
from sbgan_bench.sbgan.progressive_training import Fade, Growth, ProgressiveGAN, ProgressiveSettings, cannot_grow
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import TrainingBatch, TrainingTask


class ReleasedProGANSettings(ProgressiveSettings):
    """The baseline of SB-GAN's release, for Cityscapes-5K: 400 epochs of 2,975 images per phase of the lower levels.

    PixelNorm without the root, no blending, no minibatch deviation, no drift, no average. Phases are once as long up
    to 32 pixels, twice at 64 and 128, thrice at 256; batches halve above 64 pixels and again above 128.
    """

    pixel_norm: PixelNorm = PixelNorm.SBGAN
    fade: Fade = Fade.RELEASED
    batch_size: tuple[Positive, ...] = Field((32, 32, 32, 32, 32, 16, 8), min_length=1)
    fade_images: tuple[Count, ...] = Field(
        (1_190_000, 1_190_000, 1_190_000, 1_190_000, 2_380_000, 2_380_000, 3_570_000), min_length=1
    )
    stabilise_images: tuple[Count, ...] = Field(
        (1_190_000, 1_190_000, 1_190_000, 1_190_000, 2_380_000, 2_380_000, 3_570_000), min_length=1
    )


class ReferenceProGANSettings(ProgressiveSettings):
    """Karras et al. 2018, with the phases and batches that their code starts from (preset v2 for one GPU).

    PixelNorm with the root, blending, minibatch deviation, drift, a moving average that is sampled, 600,000 images
    while a level is new and 600,000 once it is there. Their 8-GPU preset, batches 512, 256, 128, 64, 32, 32, 32, has
    rates of 1.5e-3 at 128 pixels and 2e-3 at 256: ``rate_factors = [1, 1, 1, 1, 1, 1.5, 2]``.
    """

    pixel_norm: PixelNorm = PixelNorm.PROGAN
    fade: Fade = Fade.LINEAR
    minibatch_stddev: bool = True
    drift: Weight = 1e-3
    ema_decay: Decay = 0.999
    batch_size: tuple[Positive, ...] = Field((128, 128, 128, 64, 32, 16, 8), min_length=1)
    fade_images: tuple[Count, ...] = Field((600_000,), min_length=1)
    stabilise_images: tuple[Count, ...] = Field((600_000,), min_length=1)


class ProgressiveImages(AbstractModel):
    """What the two ProGANs share: everything but their names and the defaults of their settings."""

    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.NONE})
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

    def task(self) -> TrainingTask:
        """Return what the training loop is given."""
        return self.gan.task(
            real=_real_images, draw=lambda images, _: images, sample=self._generate, save_snapshot=self.save
        )

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Grow level by level."""
        del recipe, starts
        train(self.task(), data, run)

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


@final
class ReleasedProGAN(ProgressiveImages):
    """The ProGAN that SB-GAN was compared with: weaker than Karras et al.'s in every point that its settings name."""

    name: ClassVar[str] = "progan-sbgan"
    title: ClassVar[str] = "ProGAN (SB-GAN's release)"
    Settings: ClassVar[type[ProgressiveSettings]] = ReleasedProGANSettings


@final
class ReferenceProGAN(ProgressiveImages):
    """The ProGAN of Karras et al. 2018, "Progressive Growing of GANs"."""

    name: ClassVar[str] = "progan-reference"
    title: ClassVar[str] = "ProGAN (Karras et al.)"
    Settings: ClassVar[type[ProgressiveSettings]] = ReferenceProGANSettings


def _real_images(batch: TrainingBatch, resolution: Resolution, alpha: float) -> Tensor:
    """Average images down to ``resolution``, blended as the generator's output is (Karras et al. 2018, code)."""
    images = F.avg_pool2d(batch.images, batch.images.shape[2] // resolution[0])
    if alpha == 1:
        return images
    coarse = F.interpolate(F.avg_pool2d(images, 2), scale_factor=2.0, mode="nearest")
    return torch.lerp(coarse, images, alpha)
