"""Checkpoints of SB-GAN's layout stage, ``<iteration>.pth``, and what they become with SPADE's files."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

from sbgan_bench.importing.design import ModelDesign
from sbgan_bench.importing.format import AbstractFormat, Assembly, Part, Request
from sbgan_bench.importing.progressive import DISCRIMINATOR, GENERATOR, grown, progressive_parts
from sbgan_bench.importing.sbgan import SBGAN_ASSEMBLY
from sbgan_bench.importing.source import Source
from sbgan_bench.model import SceneSpec
from sbgan_bench.networks.progressive import (
    Head,
    ProgressiveDiscriminator,
    ProgressiveGenerator,
    initialise,
)
from sbgan_bench.sbgan.layout_stage import LayoutStage

ROLES = ("layout-generator", "layout-discriminator")


@final
class LayoutFormat(AbstractFormat):
    """One dictionary: both networks, both optimisers, iteration, phase, current size."""

    name: ClassVar[str] = "sbgan-layout"
    title: ClassVar[str] = "SB-GAN, layout stage"
    files: ClassVar[tuple[str, ...]] = ("<iteration>.pth",)

    def parts(self, source: Source) -> tuple[Part, ...]:
        """Generator and discriminator with ``to_mask`` and ``from_mask``."""
        return progressive_parts(source, Head.MASK, ROLES)

    def assemblies(self) -> tuple[Assembly, ...]:
        """SB-GAN with SPADE's generator, the layout stage without."""
        generator, discriminator = ROLES
        alone = Assembly(
            makes=LayoutStage.name,
            needs=frozenset({generator}),
            takes=frozenset({discriminator}),
            design=_layout_stage,
        )
        return SBGAN_ASSEMBLY, alone

    def examples(self) -> Mapping[str, Any]:
        """A network of two levels."""
        sizes: Any = {"head": Head.MASK, "widths": (6, 4), "latent_dim": 8, "aspect": 2}
        generator = ProgressiveGenerator(out_channels=3, **sizes)
        discriminator = ProgressiveDiscriminator(in_channels=3, **sizes)
        initialise(generator, 0)
        initialise(discriminator, 1)
        content = {"iter": 40, "phase": "stabilize", "n_semantics": 3, "dim": 8}
        states = {GENERATOR: generator.state_dict(), DISCRIMINATOR: discriminator.state_dict()}
        return {"40.pth": {**content, **states, "opt_g_state_dict": {}, "opt_d_state_dict": {}}}


def _layout_stage(parts: Mapping[str, Part], request: Request) -> ModelDesign:
    found = grown(parts[ROLES[0]], parts.get(ROLES[1]), Head.MASK)
    size = request.resolution or found.resolution
    networks = {"generator": found.generator, "discriminator": found.discriminator}
    return ModelDesign(
        model=LayoutStage.name,
        settings={**LayoutStage.presets[request.preset], **found.shape.settings(), "resolution": found.resolution},
        spec=SceneSpec(found.shape.channels, size),
        weights={name: part for name, part in networks.items() if part is not None},
        request=request,
        found=found.found,
        notes=found.notes,
    )
