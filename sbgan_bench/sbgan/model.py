"""SB-GAN (Azadi et al.): from noise to a layout, from the layout to an image."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_bench.dataset import PairTable
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.losses import PerceptualLoss
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.networks.discriminators import MultiscaleDiscriminator
from sbgan_bench.networks.progressive import Head
from sbgan_bench.networks.spade import initialise
from sbgan_bench.noise import NoiseSource, generator
from sbgan_bench.presets import Preset
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.sampling import sample_in_batches, to_images, to_layouts
from sbgan_bench.sbgan.finetuning import COUPLINGS, RECIPES, FineTuning, SBGANSettings
from sbgan_bench.sbgan.image_stage import ImageStage, sample_painted
from sbgan_bench.sbgan.image_training import ImageLosses, ImageNetworks, cannot_paint, trained_against
from sbgan_bench.sbgan.layout_stage import LayoutStage, draw_for_sampling
from sbgan_bench.sbgan.layouts import enlarge_layouts
from sbgan_bench.sbgan.progressive_training import ProgressiveGAN
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import TrainingTask


@final
class SBGAN(AbstractModel):
    """The two stages joined, fine-tuned or not. Given real layouts it is its image stage alone."""

    name: ClassVar[str] = "sbgan"
    title: ClassVar[str] = "SB-GAN"
    Settings: ClassVar[type[SBGANSettings]] = SBGANSettings
    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.GENERATED, LayoutSource.REAL})
    recipes: ClassVar[Mapping[str, Recipe]] = RECIPES
    sampling_settings: ClassVar[frozenset[str]] = frozenset({"layout.draw"})
    presets: ClassVar[Mapping[Preset, Mapping[str, Any]]] = {
        Preset.PAPER: {"d2_weight": 1.0, "d2_decay_factor": 1.0},
        Preset.RELEASED: {"d2_weight": 0.1, "d2_decay_factor": 2.0},
    }

    def __init__(
        self,
        settings: SBGANSettings,
        spec: SceneSpec,
        layout: ProgressiveGAN,
        painter: ImageNetworks,
        d2: MultiscaleDiscriminator,
    ) -> None:
        self.settings: SBGANSettings = settings
        self.spec = spec
        self.layout = layout
        self.painter = painter
        self.d2 = d2

    @classmethod
    def build(cls, settings: SBGANSettings, spec: SceneSpec, seed: int) -> Self:
        """Build with initial weights from ``seed``; the stages' are those of the stages built alone."""
        reason = LayoutStage.unsupported(settings.layout, spec) or cannot_paint(settings.image, spec.resolution)
        if reason:
            raise UnsupportedError(f"{cls.title}: {reason}.")
        alone = settings.layout.model_copy(update={"ema_decay": 0.0})
        layout = ProgressiveGAN.build(alone, Head.MASK, spec.num_classes, alone.layout_resolution(spec), seed)
        d2 = MultiscaleDiscriminator(
            in_channels=3,
            base_width=settings.d2_width,
            variant=settings.image.discriminator_variant,
            scales=settings.image.discriminator_scales,
        )
        initialise(d2, int(generator("seed of D2", seed).integers(2**31)))
        return cls(settings, spec, layout, ImageNetworks.build(settings.image, spec, seed), d2)

    @classmethod
    def unsupported(cls, settings: SBGANSettings, spec: SceneSpec) -> str:
        """Return why one of the stages cannot be built or trained here; "" if both can."""
        return LayoutStage.unsupported(settings.layout, spec) or ImageStage.unsupported(settings.image, spec)

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Take over the trained stages, then fine-tune as the recipe says (not at all for "none").

        The layout generator starts from its moving average where the layout stage keeps one.
        """
        layout_stage, image_stage = starts["layout"], starts["image"]
        assert isinstance(layout_stage, LayoutStage)
        assert isinstance(image_stage, ImageStage)
        self.layout.generator.load_state_dict(layout_stage.gan.sampled.state_dict())
        self.layout.discriminator.load_state_dict(layout_stage.gan.discriminator.state_dict())
        self.painter.generator.load_state_dict(image_stage.painter.generator.state_dict())
        self.painter.discriminator.load_state_dict(image_stage.painter.discriminator.state_dict())
        if recipe in COUPLINGS:
            train(self.task(recipe, image_stage.perceptual_loss(run.device)), data, run)

    def task(self, recipe: str, perceptual: PerceptualLoss | None) -> TrainingTask:
        """Return what the training loop is given.

        Args:
            recipe: One that trains, a key of ``COUPLINGS``.
            perceptual: The image stage's perceptual loss, or None.
        """
        tuning = FineTuning(
            self.settings,
            self.spec.resolution,
            self.spec.num_classes,
            COUPLINGS[recipe],
            self.layout,
            ImageLosses(self.painter, self.settings.image, perceptual),
            self.d2,
        )
        optimizers = tuning.optimizers()
        return TrainingTask(
            modules=tuning.modules(),
            optimizers=optimizers,
            phases=tuning.phases(),
            updates=tuning.updates(),
            sample=self._generate,
            begin_phase=tuning.begin_phase,
            begin_step=lambda position: tuning.begin_step(position, optimizers),
            save_snapshot=self.save,
        )

    def networks(self) -> Mapping[str, nn.Module]:
        """Both stages' generators and discriminators, and D2."""
        return {
            "layout_generator": self.layout.generator,
            "layout_discriminator": self.layout.discriminator,
            "image_generator": self.painter.generator,
            "image_discriminator": self.painter.discriminator,
            "d2": self.d2,
        }

    def sampler(self) -> Mapping[str, str]:
        """How layouts are drawn, whether the layout generator began as a moving average, and the perceptual loss."""
        decay = self.settings.layout.ema_decay
        return {
            "ema": f"layout stage {decay:g}" if decay else "",
            "layout_draw": self.settings.layout.draw.value,
            "perceptual": trained_against(self.settings.image, self.provenance.origin),
        }

    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        """Generate layouts and images, or paint the layouts given (the seeds then play no part)."""
        if layouts is not None:
            return sample_painted(self.title, self.painter.generator, self.spec, seeds, layouts)
        networks = nn.ModuleList([self.layout.generator, self.painter.generator])
        return sample_in_batches(networks, lambda noise, _: self._generate(noise), seeds)

    def _generate(self, noise: NoiseSource) -> SampleBatch:
        drawn = draw_for_sampling(self.layout.generate(noise), noise, self.settings.layout.draw)
        images: Tensor = self.painter.generator(enlarge_layouts(drawn, self.spec.resolution))
        return SampleBatch(to_images(images), to_layouts(drawn))
