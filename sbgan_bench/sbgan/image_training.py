"""Training SPADE: its settings, its loss terms and its learning rates (Park et al. 2019; SB-GAN section 3.2)."""

from dataclasses import dataclass
from typing import cast

import torch
from pydantic import ValidationInfo, field_validator
from torch import Tensor

from sbgan_bench.config import Settings
from sbgan_bench.dataset import Resolution
from sbgan_bench.errors import CorruptFileError
from sbgan_bench.losses import (
    MultiscaleStages,
    PerceptualLoss,
    feature_matching,
    multiscale_generator_loss,
    multiscale_hinge_discriminator_loss,
)
from sbgan_bench.model import SceneSpec
from sbgan_bench.networks.discriminators import DiscriminatorVariant, MultiscaleDiscriminator
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling, initialise
from sbgan_bench.quantities import Betas, Count, Positive, Rate, Weight
from sbgan_bench.results import Origin
from sbgan_bench.sbgan.optimisation import DECAY
from sbgan_bench.sbgan.perceptual import Perceptual, perceptual_words, settled, without_vgg19
from sbgan_bench.segmenter import Segmenter
from sbgan_bench.training.task import Losses, Phase


class ImageStageSettings(Settings):
    """Settings of the image stage; the defaults are the paper's for Cityscapes-5K, but for the perceptual network."""

    base_width: Positive = 64
    hidden: Positive = 128  #: channels between label map and modulation
    upsampling: Upsampling = Upsampling.MORE
    label_gradient: LabelGradient = LabelGradient.FULL  #: matters in end-to-end training only
    discriminator_variant: DiscriminatorVariant = DiscriminatorVariant.NVLABS
    discriminator_width: Positive = 64
    discriminator_scales: Positive = 2
    batch_size: Positive = 24
    images: Count = 297_500  #: at full learning rate
    decay_images: Count = 297_500  #: while learning rates fall linearly to zero
    generator_rate: Rate = 1e-4  #: Adam; half of 2e-4 and twice that, the two-time-scale rule
    discriminator_rate: Rate = 4e-4
    betas: Betas = (0.0, 0.9)
    feature_weight: Weight = 10.0  #: of feature matching
    vgg19_weights: str = ""  #: torchvision's file; "" for where ``weights fetch vgg19`` puts it
    perceptual: Perceptual = Perceptual.SEGMENTER  #: "vgg19-if-present" is settled when settings are read
    perceptual_weight: Weight = 10.0
    segmenter_width: Positive = 12
    segmenter_images: Positive = 100_000
    segmenter_batch_size: Positive = 16
    segmenter_rate: Rate = 3e-3

    @field_validator("perceptual")
    @classmethod
    def _settle(cls, choice: Perceptual, info: ValidationInfo) -> Perceptual:
        """Decide here, so that jobs, saved models and rows know what was trained with."""
        try:
            return settled(choice, info.data.get("vgg19_weights", ""))
        except CorruptFileError as error:
            raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True)
class ImageNetworks:
    """SPADE's generator and discriminator."""

    generator: SPADEGenerator
    discriminator: MultiscaleDiscriminator

    @classmethod
    def build(cls, settings: ImageStageSettings, spec: SceneSpec, seed: int) -> "ImageNetworks":
        """Build with initial weights from ``seed``."""
        generator = SPADEGenerator(
            label_channels=spec.num_classes,
            base_width=settings.base_width,
            resolution=spec.resolution,
            upsampling=settings.upsampling,
            hidden=settings.hidden,
            label_gradient=settings.label_gradient,
        )
        discriminator = MultiscaleDiscriminator(
            in_channels=spec.num_classes + 3,
            base_width=settings.discriminator_width,
            variant=settings.discriminator_variant,
            scales=settings.discriminator_scales,
        )
        initialise(generator, seed)
        initialise(discriminator, seed)
        return cls(generator, discriminator)


def cannot_paint(settings: ImageStageSettings, resolution: Resolution) -> str:
    """Return why SPADE cannot make images of this size; "" if it can."""
    height, width = resolution
    factor = 2 ** sum(stage.enlarge for stage in settings.upsampling.stages)
    if height % factor or width % factor:
        return (
            f"SPADE with upsampling {settings.upsampling.value!r} makes images whose sides are multiples of {factor}, "
            f"not {height}x{width}; choose another resolution or upsampling"
        )
    if settings.perceptual is Perceptual.SEGMENTER and (height % Segmenter.STRIDE or width % Segmenter.STRIDE):
        return f"the perceptual segmenter needs sides that are multiples of {Segmenter.STRIDE}, not {height}x{width}"
    return ""


def trained_against(settings: ImageStageSettings, origin: Origin | None) -> str:
    """Return the perceptual loss behind weights of this origin, as it stands in rows."""
    return perceptual_words(settings.perceptual, settings.perceptual_weight, origin)


def cannot_train(settings: ImageStageSettings) -> str:
    """Return why SPADE cannot be trained here, though it may be loaded and sampled; "" if it can."""
    return without_vgg19(settings.vgg19_weights) if settings.perceptual is Perceptual.VGG19 else ""


@dataclass(frozen=True, slots=True)
class ImageLosses:
    """SPADE's terms on real pairs."""

    networks: ImageNetworks
    settings: ImageStageSettings
    perceptual: PerceptualLoss | None

    def of_generator(self, layouts: Tensor, images: Tensor) -> Losses:
        """Terms "image generator" (hinge), "feature matching" and "perceptual".

        Args:
            layouts: ``(N, K, H, W)`` one-hot.
            images: ``(N, 3, H, W)`` in [-1, 1], the real ones of these layouts.
        """
        painted = self.networks.generator(layouts)
        generated, real = self._judge(layouts, painted, images)
        losses = {"image generator": multiscale_generator_loss(generated)}
        if self.settings.feature_weight:
            losses["feature matching"] = feature_matching(real, generated, self.settings.feature_weight)
        if self.perceptual is not None:
            losses["perceptual"] = self.perceptual(painted, images)
        return losses

    def of_discriminator(self, layouts: Tensor, images: Tensor) -> Losses:
        """Term "image discriminator" (hinge)."""
        with torch.no_grad():
            painted = self.networks.generator(layouts)
        generated, real = self._judge(layouts, painted, images)
        return {"image discriminator": multiscale_hinge_discriminator_loss(real, generated)}

    def _judge(self, layouts: Tensor, painted: Tensor, images: Tensor) -> tuple[MultiscaleStages, MultiscaleStages]:
        """Judge generated and real pairs in one batch, generated first, as released."""
        pairs = torch.cat([torch.cat([layouts, painted], dim=1), torch.cat([layouts, images], dim=1)])
        count = len(layouts)
        stages = cast("list[list[Tensor]]", self.networks.discriminator(pairs))
        generated = [[stage[:count] for stage in scale] for scale in stages]
        real = [[stage[count:] for stage in scale] for scale in stages]
        return generated, real


def decaying_phases(images: int, decay_images: int, batch_size: int, resolution: Resolution) -> tuple[Phase, ...]:
    """Return a constant phase and one in which learning rates fall."""
    return Phase("train", images, batch_size, resolution), Phase(DECAY, decay_images, batch_size, resolution)
