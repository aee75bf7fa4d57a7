"""End-to-end fine-tuning of the two stages (SB-GAN, section 3.3), and its two controls."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from sbgan_bench.config import Settings
from sbgan_bench.dataset import Resolution
from sbgan_bench.losses import (
    critic_loss,
    generator_loss,
    gradient_penalty,
    multiscale_generator_loss,
    multiscale_hinge_discriminator_loss,
)
from sbgan_bench.model import Recipe
from sbgan_bench.networks.discriminators import MultiscaleDiscriminator
from sbgan_bench.networks.gumbel import draw_layout, gumbel_straight_through
from sbgan_bench.networks.labels import one_hot_layouts
from sbgan_bench.noise import NoiseSource
from sbgan_bench.quantities import Betas, Count, Positive, Rate, Weight
from sbgan_bench.samples import LayoutDraw
from sbgan_bench.sbgan.image_training import ImageLosses, ImageStageSettings, decaying_phases
from sbgan_bench.sbgan.layout_stage import LayoutStageSettings
from sbgan_bench.sbgan.layouts import enlarge_layouts, real_layouts
from sbgan_bench.sbgan.optimisation import DECAY, adam, set_rates
from sbgan_bench.sbgan.progressive_training import ProgressiveGAN
from sbgan_bench.training.task import Losses, Phase, Position, TrainingBatch, Update

#: The phase in which D2 learns alone, both generators at rest.
D2_PHASE = "D2 alone"


class SBGANSettings(Settings):
    """Settings of SB-GAN; the defaults are the paper's for Cityscapes-5K."""

    layout: LayoutStageSettings = LayoutStageSettings()  #: of the layout stage it starts from
    image: ImageStageSettings = ImageStageSettings()  #: of the image stage it starts from
    batch_size: Positive = 8
    images: Count = 148_750  #: at full learning rate
    decay_images: Count = 148_750  #: while the rates of the image networks and of D2 fall linearly to zero
    d2_images: Count = 2_975  #: D2 alone first, on the most probable layouts; 0: not at all
    layout_rate: Rate = 1e-5  #: Adam, generator and discriminator, constant
    layout_betas: Betas = (0.0, 0.99)
    generator_rate: Rate = 1e-4  #: Adam, of SPADE
    discriminator_rate: Rate = 4e-4  #: Adam, of SPADE's discriminator
    betas: Betas = (0.0, 0.9)
    d2_rate: Rate = 2e-4  #: Adam
    d2_decay_factor: Rate = 1.0  #: D2's rate times this while it falls: 2 in the release, whose rule then doubles it
    d2_betas: Betas = (0.0, 0.99)
    d2_width: Positive = 64
    layout_weight: Weight = 10.0  #: λ of equation 3, on all terms of the layout stage
    d2_weight: Weight = 1.0  #: of D2's terms: 1 in the paper, 0.1 in the release
    penalty_every: Positive = 1  #: the gradient penalty is taken every so many steps, times as many


@dataclass(frozen=True, slots=True)
class Coupling:
    """Which stage learns, and whether the two are joined by D2."""

    layout: bool  #: the layout generator and its discriminator learn
    image: bool  #: SPADE and its discriminator learn
    joined: bool  #: whichever generator learns also has to please D2, which then always learns


#: The trained recipes. As released, "layout" alone could not run, and D2 would not have learnt in it.
COUPLINGS: Mapping[str, Coupling] = {
    "layout": Coupling(layout=True, image=False, joined=True),
    "image": Coupling(layout=False, image=True, joined=True),
    "both": Coupling(layout=True, image=True, joined=True),
    "control-layout": Coupling(layout=True, image=False, joined=False),
    "control-image": Coupling(layout=False, image=True, joined=False),
}

_STARTS = {"layout": "layout-stage", "image": "image-stage"}
#: All recipes (Table 4 of the paper, and two controls).
RECIPES: Mapping[str, Recipe] = {
    "none": Recipe(summary="the two stages put together, no fine-tuning", starts_from=_STARTS),
    "layout": Recipe(summary="fine-tuned end to end, the layout stage learns", starts_from=_STARTS),
    "image": Recipe(summary="fine-tuned end to end, the image stage learns", starts_from=_STARTS),
    "both": Recipe(summary="fine-tuned end to end, both stages learn", starts_from=_STARTS),
    "control-layout": Recipe(summary="the layout stage trained on, alone, as long as 'layout'", starts_from=_STARTS),
    "control-image": Recipe(summary="the image stage trained on, alone, as long as 'image'", starts_from=_STARTS),
}


@dataclass(frozen=True, slots=True)
class FineTuning:
    """One way of fine-tuning: its optimisers, phases and updates.

    Optimisers are fresh in every recipe, controls included, so a control differs from its recipe by D2 alone.
    """

    settings: SBGANSettings
    resolution: Resolution  #: of the images
    num_classes: int
    coupling: Coupling
    layout: ProgressiveGAN
    painting: ImageLosses
    d2: MultiscaleDiscriminator

    def modules(self) -> dict[str, nn.Module]:
        """Every network, learning or not."""
        return {
            "layout_generator": self.layout.generator,
            "layout_discriminator": self.layout.discriminator,
            "image_generator": self.painting.networks.generator,
            "image_discriminator": self.painting.networks.discriminator,
            "d2": self.d2,
        }

    def rates(self) -> dict[str, float]:
        """Learning rates of the networks that learn, by name."""
        settings, coupling, rates = self.settings, self.coupling, dict[str, float]()
        if coupling.layout:
            rates |= {"layout_generator": settings.layout_rate, "layout_discriminator": settings.layout_rate}
        if coupling.image:
            rates |= {
                "image_generator": settings.generator_rate,
                "image_discriminator": settings.discriminator_rate,
            }
        if coupling.joined:
            rates["d2"] = settings.d2_rate
        return rates

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Fresh Adam for every network that learns."""
        settings = self.settings
        betas = {"layout": settings.layout_betas, "image": settings.betas, "d2": settings.d2_betas}
        modules = self.modules()
        return {name: adam(modules[name], rate, betas[name.split("_")[0]]) for name, rate in self.rates().items()}

    def phases(self) -> tuple[Phase, ...]:
        """D2 alone where it has a part, then a constant phase and a decay."""
        settings = self.settings
        alone = Phase(
            D2_PHASE, settings.d2_images if self.coupling.joined else 0, settings.batch_size, self.resolution
        )
        rest = decaying_phases(settings.images, settings.decay_images, settings.batch_size, self.resolution)
        return (alone, *rest)

    def updates(self) -> tuple[Update, ...]:
        """Generators first, as released; each side in one backward pass."""
        names = tuple(self.rates())
        generators = tuple(name for name in names if name.endswith("_generator"))
        discriminators = tuple(name for name in names if not name.endswith("_generator"))
        return (
            Update("generators", generators, self.of_generators),
            Update("discriminators", discriminators, self.of_discriminators),
        )

    def begin_phase(self, phase: Phase) -> None:
        """Keep SPADE in evaluation mode wherever it must stay as it is: its statistics would drift otherwise."""
        learns = self.coupling.image and phase.name != D2_PHASE
        self.painting.networks.generator.train(learns)

    def begin_step(self, position: Position, optimizers: Mapping[str, torch.optim.Optimizer]) -> None:
        """Set learning rates; those of the layout networks never fall."""
        decaying = ("image_generator", "image_discriminator", "d2")
        rates = self.rates()
        if position.phase.name == DECAY and "d2" in rates:
            rates["d2"] *= self.settings.d2_decay_factor
        set_rates(position, rates, optimizers, decaying)

    def of_generators(self, batch: TrainingBatch) -> Losses:
        """The generators' side of equation 3: λ · layout terms + D2 term + SPADE's terms on real layouts."""
        losses: dict[str, Tensor] = {}
        if batch.position.phase.name == D2_PHASE:
            return losses
        settings, coupling = self.settings, self.coupling
        if coupling.layout or coupling.joined:
            layouts = self._draw(batch.noise.turn("generators"), LayoutDraw.GUMBEL)
            if coupling.layout:
                scores = self.layout.discriminator(layouts, self._level)
                losses["layout generator"] = settings.layout_weight * generator_loss(scores)
            if coupling.joined:
                scores = self.d2(self._paint(layouts))
                losses["joint generator"] = settings.d2_weight * multiscale_generator_loss(scores)
        if coupling.image:
            real = one_hot_layouts(batch.layouts, self.num_classes)
            losses |= self.painting.of_generator(real, batch.images)
        return losses

    def of_discriminators(self, batch: TrainingBatch) -> Losses:
        """The discriminators' side, or D2's hinge loss alone and unweighted in its own phase."""
        noise, coupling = batch.noise.turn("discriminators"), self.coupling
        if batch.position.phase.name == D2_PHASE:
            return self._of_d2(batch, self._draw_detached(noise, LayoutDraw.ARGMAX), 1.0)
        losses: dict[str, Tensor] = {}
        if coupling.layout or coupling.joined:
            layouts = self._draw_detached(noise, LayoutDraw.GUMBEL)
            if coupling.layout:
                losses |= self._of_layout_discriminator(batch, layouts)
            if coupling.joined:
                losses |= self._of_d2(batch, layouts, self.settings.d2_weight)
        if coupling.image:
            real = one_hot_layouts(batch.layouts, self.num_classes)
            losses |= self.painting.of_discriminator(real, batch.images)
        return losses

    def _of_layout_discriminator(self, batch: TrainingBatch, layouts: Tensor) -> Losses:
        critic, weight, every = self.layout.discriminator, self.settings.layout_weight, self.settings.penalty_every
        real = real_layouts(batch.layouts, self.num_classes, self.layout.resolution)
        scores = critic(real, self._level), critic(layouts, self._level)
        losses = {"layout critic": weight * critic_loss(*scores)}
        if batch.position.step % every == 0:
            epsilon = batch.noise.uniform("epsilon")
            penalty = self.layout.settings.penalty_weight * weight * every
            losses["layout penalty"] = gradient_penalty(
                lambda x: critic(x, self._level), real, layouts, epsilon, penalty
            )
        return losses

    def _of_d2(self, batch: TrainingBatch, layouts: Tensor, weight: float) -> Losses:
        with torch.no_grad():
            painted = self._paint(layouts)
        loss = multiscale_hinge_discriminator_loss(self.d2(batch.images), self.d2(painted))
        return {"joint discriminator": weight * loss}

    @property
    def _level(self) -> int:
        return self.layout.generator.levels - 1

    def _draw(self, noise: NoiseSource, draw: LayoutDraw) -> Tensor:
        """Draw layouts at their own size; Gumbel samples let gradients pass straight through."""
        generator = self.layout.generator
        probabilities = cast("Tensor", generator(noise.normal("z", generator.latent_dim), self._level))
        if draw is not LayoutDraw.GUMBEL:
            return draw_layout(probabilities, None, draw)
        exponential = noise.exponential("gumbel", *probabilities.shape[1:])
        return gumbel_straight_through(probabilities, exponential, self.settings.layout.temperature)

    def _draw_detached(self, noise: NoiseSource, draw: LayoutDraw) -> Tensor:
        with torch.no_grad():
            return self._draw(noise, draw)

    def _paint(self, layouts: Tensor) -> Tensor:
        return cast("Tensor", self.painting.networks.generator(enlarge_layouts(layouts, self.resolution)))
