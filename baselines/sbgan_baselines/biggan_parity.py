"""Parity of BigGAN with BigGAN-PyTorch."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, nn

from sbgan_baselines.biggan_layers import BN_EPSILON
from sbgan_baselines.biggan_networks import OFFICIAL, BigGANDiscriminator, BigGANGenerator, Conditioning
from sbgan_bench.errors import DataError
from sbgan_bench.parity.case import Case, CaseFacts, CaseSettings
from sbgan_bench.parity.family import AbstractFamily


class _Config(CaseSettings):
    G_ch: int  # the official names
    D_ch: int
    dim_z: int
    resolution: int
    n_classes: int = 1
    G_attn: str | int = "0"  #: heights, joined by "_"; "0" for none
    D_attn: str | int = "0"
    G_shared: bool = False
    shared_dim: int = 0  #: 0: as many as dim_z
    hier: bool = False
    SN_eps: float = 1e-12
    BN_eps: float = BN_EPSILON


class _Facts(CaseFacts):
    config: _Config
    effective_dim_z: int | None = None
    z: str
    y: list[int] | str  #: class ids, or a draw of them
    output_stride: int = 1


class BigGANParity(AbstractFamily):
    """BigGAN-PyTorch's generator and discriminator, in training and in evaluation, with and without classes."""

    name = "biggan"
    words = ("biggan", "sagan")
    facts: _Facts

    def __init__(self, case: Case) -> None:
        self.case = case
        self.facts = _Facts.parse(dict(case.facts), case.origin)
        config = self.facts.config
        if config.resolution not in OFFICIAL:
            known = ", ".join(map(str, OFFICIAL))
            raise DataError(f"{case.origin}: config.resolution = {config.resolution} is not known; known: {known}.")
        if config.hier and not config.G_shared:
            raise DataError(f"{case.origin}: hier without G_shared: hierarchical latents need a shared embedding.")
        if config.BN_eps != BN_EPSILON:
            raise DataError(f"{case.origin}: config.BN_eps = {config.BN_eps}, but both recipes use {BN_EPSILON}.")

    def networks(self) -> Mapping[str, nn.Module]:
        """Build generator and discriminator."""
        config = self.facts.config
        architecture = replace(
            OFFICIAL[config.resolution],
            attention=_heights(config.G_attn),
            discriminator_attention=_heights(config.D_attn),
        )
        shared = (config.shared_dim or config.dim_z) if config.G_shared else None
        generator = BigGANGenerator(
            architecture=architecture,
            base_width=config.G_ch,
            latent_dim=config.dim_z,
            conditioning=Conditioning(config.n_classes, shared, config.hier),
            epsilon=config.SN_eps,
        )
        if self.facts.effective_dim_z not in (None, generator.latent_dim):
            raise DataError(
                f"{self.case.origin}: effective_dim_z = {self.facts.effective_dim_z}, but dim_z = {config.dim_z} "
                f"leaves {generator.latent_dim} dimensions here."
            )
        discriminator = BigGANDiscriminator(
            architecture=architecture, base_width=config.D_ch, num_classes=config.n_classes, epsilon=config.SN_eps
        )
        return {"generator_keys": generator, "discriminator_keys": discriminator}

    def outputs(self, networks: Mapping[str, nn.Module]) -> Iterator[tuple[str, Tensor]]:
        """Generate and judge, in training, then in evaluation; both times the image of training is judged."""
        generator = cast("BigGANGenerator", networks["generator_keys"])
        discriminator = cast("BigGANDiscriminator", networks["discriminator_keys"])
        y, stride = self.facts.y, self.facts.output_stride
        classes = self.case.draw(y) if isinstance(y, str) else torch.tensor(y)
        z = self.case.draw(self.facts.z)
        with torch.no_grad():
            image = generator(z, classes)
            yield "g_train", image[..., ::stride, ::stride]
            yield "d_train", discriminator(image, classes)
            generator.eval()
            discriminator.eval()
            yield "g_eval", generator(z, classes)[..., ::stride, ::stride]
            yield "d_eval", discriminator(image, classes)


def _heights(words: str | int) -> tuple[int, ...]:
    """Read "32_64": attention after the blocks whose output has these heights."""
    return tuple(int(word) for word in str(words).split("_") if word.isdigit() and int(word))
