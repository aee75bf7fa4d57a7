"""How BigGAN learns: hinge loss, some discriminator steps per generator step, batches taken in pieces if wanted."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
from torch import Tensor, nn

from sbgan_baselines.biggan_initialisation import orthogonal_penalty
from sbgan_baselines.biggan_networks import BigGANDiscriminator, BigGANGenerator
from sbgan_baselines.biggan_settings import BigGANSettings
from sbgan_bench.dataset import Resolution
from sbgan_bench.losses import generator_loss, hinge_discriminator_loss
from sbgan_bench.noise import NoiseSource
from sbgan_bench.training.task import Losses, Phase, TrainingBatch, Update


@dataclass(frozen=True, slots=True)
class BigGANTraining:
    """Optimisers, phase and updates of one BigGAN."""

    settings: BigGANSettings
    generator: BigGANGenerator
    discriminator: BigGANDiscriminator

    def optimizers(self) -> dict[str, torch.optim.Optimizer]:
        """Adam for both networks."""
        return {
            "generator": self._adam(self.generator, self.settings.generator_rate),
            "discriminator": self._adam(self.discriminator, self.settings.discriminator_rate),
        }

    def phase(self, resolution: Resolution) -> Phase:
        """The one phase; a batch holds the real images of all discriminator steps of an iteration."""
        settings = self.settings
        return Phase("train", settings.images, settings.batch_size * settings.discriminator_steps, resolution)

    def updates(self) -> tuple[Update, ...]:
        """The discriminator's steps, each on its own part of the batch, then the generator's (BigGAN-PyTorch)."""
        steps, pieces = self.settings.discriminator_steps, self.settings.accumulations

        def part(step: int, batch: TrainingBatch) -> Sequence[TrainingBatch]:
            return batch.split(steps)[step].split(pieces)

        judging = [
            Update(
                f"discriminator {step + 1}" if steps > 1 else "discriminator",
                ("discriminator",),
                self.of_discriminator,
                partial(part, step),
            )
            for step in range(steps)
        ]
        return (*judging, Update("generator", ("generator",), self.of_generator, partial(part, 0)))

    def of_discriminator(self, batch: TrainingBatch) -> Losses:
        """Term "discriminator"; generated and real images are judged in one batch."""
        with torch.no_grad():
            generated = generate(self.generator, batch.noise.turn("discriminator"))
        scores: Tensor = self.discriminator(torch.cat([generated, batch.images]))
        count = len(generated)
        return {"discriminator": hinge_discriminator_loss(scores[count:], scores[:count])}

    def of_generator(self, batch: TrainingBatch) -> Losses:
        """Terms "generator" and, where it has a weight, "orthogonality"."""
        generated = generate(self.generator, batch.noise.turn("generator"))
        losses = {"generator": generator_loss(self.discriminator(generated))}
        if self.settings.orthogonal_penalty:
            losses["orthogonality"] = orthogonal_penalty(self.generator, self.settings.orthogonal_penalty)
        return losses

    def _adam(self, network: nn.Module, rate: float) -> torch.optim.Adam:
        settings = self.settings
        return torch.optim.Adam(network.parameters(), lr=rate, betas=settings.betas, eps=settings.adam_epsilon)


def generate(generator: BigGANGenerator, noise: NoiseSource) -> Tensor:
    """Return ``(N, 3, H, W)`` images in [-1, 1] from each sample's own z, and own class where there are several."""
    labels = generator.conditioning.num_classes
    classes = (noise.uniform("class") * labels).long() if labels > 1 else None
    return cast("Tensor", generator(noise.normal("z", generator.latent_dim), classes))
