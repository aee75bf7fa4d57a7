"""The image stage: from label maps to images, SPADE (SB-GAN, section 3.2)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_bench.dataset import PairTable
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.losses import PerceptualLoss
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.networks.labels import one_hot_layouts
from sbgan_bench.networks.spade import SPADEGenerator
from sbgan_bench.noise import NoiseSource, generator
from sbgan_bench.presets import Preset
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.sampling import require_layouts, sample_in_batches, to_images
from sbgan_bench.sbgan.image_training import (
    ImageLosses,
    ImageNetworks,
    ImageStageSettings,
    cannot_paint,
    cannot_train,
    decaying_phases,
    trained_against,
)
from sbgan_bench.sbgan.optimisation import adam, set_rates
from sbgan_bench.sbgan.perceptual import Perceptual, prepare_segmenter, segmenter_loss, vgg19_file, vgg19_loss
from sbgan_bench.segmenter import Segmenter
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.schedule import Schedule
from sbgan_bench.training.task import Phase, TrainingTask, Update


@final
class ImageStage(AbstractModel):
    """SPADE on real layouts: hinge, feature matching and, if wanted, a perceptual loss."""

    name: ClassVar[str] = "image-stage"
    title: ClassVar[str] = "Image stage"
    Settings: ClassVar[type[ImageStageSettings]] = ImageStageSettings
    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.REAL})
    #: Given layouts have no gradient to pass on; only SB-GAN, whose layouts have, reads how one would flow.
    sampling_settings: ClassVar[frozenset[str]] = frozenset({"label_gradient"})
    presets: ClassVar[Mapping[Preset, Mapping[str, Any]]] = {
        Preset.PAPER: {"label_gradient": "full", "discriminator_variant": "nvlabs"},
        Preset.RELEASED: {"label_gradient": "entry", "discriminator_variant": "sbgan"},
    }
    recipes: ClassVar[Mapping[str, Recipe]] = {"default": Recipe(summary="SPADE on real layouts")}

    def __init__(
        self, settings: ImageStageSettings, spec: SceneSpec, painter: ImageNetworks, segmenter: Segmenter | None
    ) -> None:
        self.settings: ImageStageSettings = settings
        self.spec = spec
        self.painter = painter
        self.segmenter = segmenter

    @classmethod
    def build(cls, settings: ImageStageSettings, spec: SceneSpec, seed: int) -> Self:
        """Build with initial weights from ``seed``."""
        reason = cannot_paint(settings, spec.resolution)
        if reason:
            raise UnsupportedError(f"{cls.title}: {reason}.")
        segmenter = None
        if settings.perceptual is Perceptual.SEGMENTER:
            segmenter = Segmenter(spec.num_classes, settings.segmenter_width)
            segmenter.initialise(int(generator("perceptual segmenter weights", seed).integers(2**31)))
            segmenter.eval()
        return cls(settings, spec, ImageNetworks.build(settings, spec, seed), segmenter)

    @classmethod
    def unsupported(cls, settings: ImageStageSettings, spec: SceneSpec) -> str:
        """Return why images of this size cannot be painted, or not be trained for here; "" if they can."""
        return cannot_paint(settings, spec.resolution) or cannot_train(settings)

    def perceptual_loss(self, device: torch.device) -> PerceptualLoss | None:
        """The perceptual loss, with the network that this stage trained or was given; None if switched off."""
        weight = self.settings.perceptual_weight
        if self.segmenter is not None:
            return segmenter_loss(self.segmenter, weight)
        if self.settings.perceptual is Perceptual.VGG19:
            return vgg19_loss(vgg19_file(self.settings.vgg19_weights), weight, device)
        return None

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Train the perceptual network if it is ours, then SPADE."""
        del recipe, starts
        settings = self.settings
        if self.segmenter is not None:
            prepare_segmenter(
                self.segmenter,
                data,
                run,
                images=settings.segmenter_images,
                batch_size=settings.segmenter_batch_size,
                learning_rate=settings.segmenter_rate,
                total=Schedule(self.phases()).total_images,
            )
        shown = torch.from_numpy(preview_layouts(data)).to(run.device).long()
        train(self.task(self.perceptual_loss(run.device), shown), data, run)

    def phases(self) -> tuple[Phase, ...]:
        """The schedule."""
        settings = self.settings
        return decaying_phases(settings.images, settings.decay_images, settings.batch_size, self.spec.resolution)

    def task(self, perceptual: PerceptualLoss | None, shown: Tensor) -> TrainingTask:
        """Return what the training loop is given.

        Args:
            perceptual: The perceptual loss, or None.
            shown: ``(N, H, W)`` int64 layouts that previews paint.
        """
        settings = self.settings
        losses = ImageLosses(self.painter, settings, perceptual)
        rates = {"generator": settings.generator_rate, "discriminator": settings.discriminator_rate}
        optimizers = {
            "generator": adam(self.painter.generator, settings.generator_rate, settings.betas),
            "discriminator": adam(self.painter.discriminator, settings.discriminator_rate, settings.betas),
        }
        classes = self.spec.num_classes
        return TrainingTask(
            modules={"generator": self.painter.generator, "discriminator": self.painter.discriminator},
            optimizers=optimizers,
            phases=self.phases(),
            updates=(  # generator first, as released
                Update(
                    "generator",
                    ("generator",),
                    lambda batch: losses.of_generator(one_hot_layouts(batch.layouts, classes), batch.images),
                ),
                Update(
                    "discriminator",
                    ("discriminator",),
                    lambda batch: losses.of_discriminator(one_hot_layouts(batch.layouts, classes), batch.images),
                ),
            ),
            sample=lambda noise: paint(self.painter.generator, shown[: len(noise)], classes),
            begin_step=lambda position: set_rates(position, rates, optimizers, tuple(optimizers)),
            save_snapshot=self.save,
        )

    def networks(self) -> Mapping[str, nn.Module]:
        """Generator, discriminator and, where it is ours, the perceptual network."""
        networks: dict[str, nn.Module] = {
            "generator": self.painter.generator,
            "discriminator": self.painter.discriminator,
        }
        return networks if self.segmenter is None else {**networks, "perceptual": self.segmenter}

    def sampler(self) -> Mapping[str, str]:
        """Nothing is averaged and nothing is drawn; the perceptual loss that training had."""
        return {"ema": "", "layout_draw": "", "perceptual": trained_against(self.settings, self.provenance.origin)}

    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        """Paint the layouts; the seeds play no part."""
        return sample_painted(self.title, self.painter.generator, self.spec, seeds, layouts)


def sample_painted(
    title: str, painter: SPADEGenerator, spec: SceneSpec, seeds: Sequence[int], layouts: NDArray[np.uint8] | None
) -> Iterator[SampleBatch]:
    """Paint given layouts ``(N, H, W)``; SPADE is deterministic, so the seeds only count the scenes.

    Raises:
        UnsupportedError: There are no layouts, or their shape does not fit.
    """
    given = require_layouts(title, layouts, seeds, spec.resolution)

    def generate(noise: NoiseSource, chosen: Tensor | None) -> SampleBatch:
        del noise
        assert chosen is not None
        return paint(painter, chosen, spec.num_classes)

    return sample_in_batches(painter, generate, seeds, given)


def paint(painter: SPADEGenerator, layouts: Tensor, num_classes: int) -> SampleBatch:
    """Return images for ``(N, H, W)`` int64 layouts, and the layouts."""
    images = painter(one_hot_layouts(layouts, num_classes))
    return SampleBatch(to_images(images), np.ascontiguousarray(layouts.to(torch.uint8).cpu().numpy()))


def preview_layouts(data: PairTable, count: int = 64) -> NDArray[np.uint8]:
    """Return layouts of the training pairs for previews, spread evenly over them."""
    chosen = np.linspace(0, len(data) - 1, count).round().astype(np.intp)
    return np.array(data.layouts[chosen])
