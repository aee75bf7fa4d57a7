"""Checkpoints of the ProGAN baseline in SB-GAN's release: the layout stage's, with colours in place of classes."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

from sbgan_baselines.progan import ReleasedProGAN
from sbgan_bench.importing.design import ModelDesign
from sbgan_bench.importing.format import AbstractFormat, Assembly, Part, Request
from sbgan_bench.importing.progressive import DISCRIMINATOR, GENERATOR, grown, progressive_parts
from sbgan_bench.importing.source import Source
from sbgan_bench.model import SceneSpec
from sbgan_bench.networks.progressive import Head, ProgressiveDiscriminator, ProgressiveGenerator, initialise

ROLES = ("progressive-image-generator", "progressive-image-discriminator")


@final
class ProGANFormat(AbstractFormat):
    """One dictionary: both networks, both optimisers, iteration, phase, current size."""

    name: ClassVar[str] = "progan-sbgan"
    title: ClassVar[str] = "ProGAN of SB-GAN's release"
    files: ClassVar[tuple[str, ...]] = ("<iteration>.pth",)

    def parts(self, source: Source) -> tuple[Part, ...]:
        """Generator and discriminator with ``to_rgb`` and ``from_rgb``."""
        return progressive_parts(source, Head.RGB, ROLES)

    def assemblies(self) -> tuple[Assembly, ...]:
        """The released baseline."""
        generator, discriminator = ROLES
        needs, takes = frozenset({generator}), frozenset({discriminator})
        return (Assembly(makes=ReleasedProGAN.name, needs=needs, takes=takes, design=_design),)

    def examples(self) -> Mapping[str, Any]:
        """A network of two levels."""
        sizes: Any = {"head": Head.RGB, "widths": (6, 4), "latent_dim": 8, "aspect": 2}
        generator = ProgressiveGenerator(out_channels=3, **sizes)
        discriminator = ProgressiveDiscriminator(in_channels=3, **sizes)
        initialise(generator, 0)
        initialise(discriminator, 1)
        states = {GENERATOR: generator.state_dict(), DISCRIMINATOR: discriminator.state_dict()}
        optimisers: Any = {"opt_g_state_dict": {}, "opt_d_state_dict": {}}
        return {"60.pth": {"iter": 60, "phase": "fade", "dim": 8, **states, **optimisers}}


def _design(parts: Mapping[str, Part], request: Request) -> ModelDesign:
    found = grown(parts[ROLES[0]], parts.get(ROLES[1]), Head.RGB)
    networks = {"generator": found.generator, "discriminator": found.discriminator}
    classes = 1 if request.dataset is None else request.dataset.info.num_classes
    return ModelDesign(
        model=ReleasedProGAN.name,
        settings=found.shape.settings(),
        spec=SceneSpec(classes, request.resolution or found.resolution),
        weights={name: part for name, part in networks.items() if part is not None},
        request=request,
        found=found.found,
        notes=found.notes,
    )
