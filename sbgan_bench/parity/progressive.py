"""Parity of the progressively grown networks, in the form that SB-GAN released."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from sbgan_bench.errors import DataError
from sbgan_bench.losses import critic_loss, gradient_penalty
from sbgan_bench.networks.progressive import (
    BOTTOM,
    Head,
    PixelNorm,
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    official_widths,
)
from sbgan_bench.parity.case import Case, CaseFacts, CaseSettings
from sbgan_bench.parity.family import AbstractFamily


class _Config(CaseSettings):
    max_dim: int  #: height in pixels of the highest level
    rgb: bool = False
    num_semantics: int = 3  #: classes; images have 3 channels whatever it says
    aspect_ratio: int = 1


class _Level(CaseSettings):
    alpha: float  #: of the fade path
    real: str  #: "G(z2), z2=" and a draw: what stands for real samples
    output_stride: int = 1


class _Facts(CaseFacts):
    config: _Config
    z: str
    cases: dict[int, _Level]  #: by height in pixels


class ProgressiveParity(AbstractFamily):
    """Layout and RGB generator and discriminator: plain and fade path at every level, WGAN-GP loss."""

    name = "progressive"
    words = ("progressive", "progan")
    inputs = ("gp_eps_",)
    facts: _Facts

    def __init__(self, case: Case) -> None:
        self.case = case
        self.facts = _Facts.parse(dict(case.facts), case.origin)
        config = self.facts.config
        self.levels = {BOTTOM * 2**level: level for level in range(_count(config.max_dim, case.origin))}
        unknown = [height for height in self.facts.cases if height not in self.levels]
        if unknown:
            raise DataError(
                f"{case.origin}: cases.{unknown[0]} is no level of a network for {config.max_dim} pixels; it has "
                f"{', '.join(map(str, self.levels))}."
            )

    def networks(self) -> Mapping[str, nn.Module]:
        """Build generator and discriminator of all levels."""
        config = self.facts.config
        sizes: dict[str, Any] = {
            "head": Head.RGB if config.rgb else Head.MASK,
            "widths": official_widths(len(self.levels)),
            "aspect": config.aspect_ratio,
        }
        channels = 3 if config.rgb else config.num_semantics
        return {
            "generator_keys": ProgressiveGenerator(out_channels=channels, pixel_norm=PixelNorm.SBGAN, **sizes),
            "discriminator_keys": ProgressiveDiscriminator(in_channels=channels, **sizes),
        }

    def outputs(self, networks: Mapping[str, nn.Module]) -> Iterator[tuple[str, Tensor]]:
        """Go through the levels of the case."""
        generator, discriminator = networks["generator_keys"], networks["discriminator_keys"]
        z = self.case.draw(self.facts.z)
        for height, recorded in self.facts.cases.items():
            level, stride = self.levels[height], recorded.output_stride
            with torch.no_grad():
                fake = generator(z, level)
                score = discriminator(fake, level)
                yield f"g_{height}", fake[..., ::stride, ::stride]
                yield f"d_{height}", score
                if level > 0:
                    yield f"g_fade_{height}", generator(z, level, recorded.alpha)[..., ::stride, ::stride]
                    yield f"d_fade_{height}", discriminator(fake, level, recorded.alpha)
            if f"wgan_gp_d_loss_{height}" in self.case.arrays:
                yield f"wgan_gp_d_loss_{height}", self._loss(networks, height, fake, score)

    def _loss(self, networks: Mapping[str, nn.Module], height: int, fake: Tensor, score: Tensor) -> Tensor:
        generator, discriminator = networks["generator_keys"], networks["discriminator_keys"]
        level, epsilon = self.levels[height], self.case.array(f"gp_eps_{height}")
        with torch.no_grad():
            real = generator(self.case.draw(self.facts.cases[height].real), level)
            distance = critic_loss(discriminator(real, level), score)
        return distance + gradient_penalty(lambda x: discriminator(x, level), real, fake, epsilon)


def _count(max_dim: int, origin: str) -> int:
    levels = max_dim.bit_length() - 2
    if levels < 1 or BOTTOM * 2 ** (levels - 1) != max_dim:
        raise DataError(f"{origin}: config.max_dim = {max_dim} is not 4, 8, 16, …: no level has that height.")
    return levels
