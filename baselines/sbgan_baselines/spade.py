"""SPADE (Park et al. 2019): images from real layouts. It is SB-GAN's image stage before any fine-tuning."""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray
from torch import nn

from sbgan_bench.config import Settings
from sbgan_bench.dataset import PairTable
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.model import AbstractModel, Recipe, SceneSpec
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.sbgan.image_stage import ImageStage, sample_painted
from sbgan_bench.sbgan.image_training import ImageNetworks, ImageStageSettings, cannot_paint, trained_against
from sbgan_bench.training.run import TrainingRun


class SPADESettings(Settings):
    """Settings of SPADE."""

    image: ImageStageSettings = ImageStageSettings()  #: of the image stage that it is


@final
class SPADE(AbstractModel):
    """The trained image stage under its own name, so that it is trained once and compared fairly."""

    name: ClassVar[str] = "spade"
    title: ClassVar[str] = "SPADE"
    Settings: ClassVar[type[SPADESettings]] = SPADESettings
    layout_sources: ClassVar[frozenset[LayoutSource]] = frozenset({LayoutSource.REAL})
    recipes: ClassVar[Mapping[str, Recipe]] = {
        "default": Recipe(summary="the image stage as it was trained", starts_from={"image": "image-stage"})
    }

    def __init__(self, settings: SPADESettings, spec: SceneSpec, painter: ImageNetworks) -> None:
        self.settings: SPADESettings = settings
        self.spec = spec
        self.painter = painter

    @classmethod
    def build(cls, settings: SPADESettings, spec: SceneSpec, seed: int) -> Self:
        """Build with initial weights from ``seed``."""
        reason = cannot_paint(settings.image, spec.resolution)
        if reason:
            raise UnsupportedError(f"{cls.title}: {reason}.")
        return cls(settings, spec, ImageNetworks.build(settings.image, spec, seed))

    @classmethod
    def unsupported(cls, settings: SPADESettings, spec: SceneSpec) -> str:
        """Return why images of this size cannot be painted, or not be trained for here; "" if they can."""
        return ImageStage.unsupported(settings.image, spec)

    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, AbstractModel]) -> None:
        """Take over the trained image stage; nothing else is learnt."""
        del recipe, data, run
        stage = starts["image"].networks()
        for name, network in self.networks().items():
            network.load_state_dict(stage[name].state_dict())

    def networks(self) -> Mapping[str, nn.Module]:
        """Generator and discriminator."""
        return {"generator": self.painter.generator, "discriminator": self.painter.discriminator}

    def sampler(self) -> Mapping[str, str]:
        """Nothing is averaged and nothing is drawn; the perceptual loss that the image stage had."""
        against = trained_against(self.settings.image, self.provenance.origin)
        return {"ema": "", "layout_draw": "", "perceptual": against}

    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        """Paint the layouts; the seeds play no part."""
        return sample_painted(self.title, self.painter.generator, self.spec, seeds, layouts)
