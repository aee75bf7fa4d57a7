"""Files of SPADE, NVlabs' and SB-GAN's fork: ``<epoch>_net_G.pth``, ``_net_D.pth`` and SB-GAN's ``_net_D2.pth``."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

from sbgan_bench.importing.design import ModelDesign
from sbgan_bench.importing.format import AbstractFormat, Assembly, Part, Request
from sbgan_bench.importing.keys import has
from sbgan_bench.importing.source import Source
from sbgan_bench.importing.spade import RGB, DiscriminatorShape, image_stage_found
from sbgan_bench.model import SceneSpec
from sbgan_bench.networks.discriminators import DiscriminatorVariant, MultiscaleDiscriminator
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling, initialise
from sbgan_bench.sbgan.image_stage import ImageStage

#: The registered model that is an image stage under SPADE's name.
SPADE = "spade"
HINT = "the size it was trained for: crop_size is the width, divided by aspect_ratio the height"


@final
class SPADEFormat(AbstractFormat):
    """Bare state dicts, one network per file; D2 is told from D by its three input channels."""

    name: ClassVar[str] = "spade"
    title: ClassVar[str] = "SPADE, SB-GAN's image stage and D2"
    files: ClassVar[tuple[str, ...]] = ("<epoch>_net_G.pth", "<epoch>_net_D.pth", "<iteration>_net_D2.pth")

    def parts(self, source: Source) -> tuple[Part, ...]:
        """A generator, or a discriminator."""
        tensors = source.tensors()
        if has(tensors, r"conv_img\.|fc\.", r"head_0\."):
            return (Part(role="image-generator", source=source, tensors=tensors),)
        if has(tensors, r"discriminator_0\.model"):
            part = Part(role="d2", source=source, tensors=tensors)
            judges_layouts = DiscriminatorShape.of(part).in_channels != RGB
            return (Part(role="image-discriminator", source=source, tensors=tensors),) if judges_layouts else (part,)
        return ()

    def assemblies(self) -> tuple[Assembly, ...]:
        """SPADE; the same as SB-GAN's image stage, for whoever asks for it."""
        needs, takes = frozenset({"image-generator"}), frozenset({"image-discriminator"})
        return (
            Assembly(makes=SPADE, needs=needs, takes=takes, design=_spade),
            Assembly(makes=ImageStage.name, needs=needs, takes=takes, design=_image_stage),
        )

    def examples(self) -> Mapping[str, Any]:
        """Networks for four classes at 32 by 64 pixels."""
        generator = SPADEGenerator(
            label_channels=4,
            base_width=2,
            resolution=(32, 64),
            upsampling=Upsampling.NORMAL,
            hidden=4,
            label_gradient=LabelGradient.FULL,
        )
        judges = {
            "latest_net_D.pth": MultiscaleDiscriminator(
                in_channels=4 + RGB, base_width=4, variant=DiscriminatorVariant.SBGAN
            ),
            "latest_net_D2.pth": MultiscaleDiscriminator(
                in_channels=RGB, base_width=4, variant=DiscriminatorVariant.SBGAN
            ),
        }
        networks = {"latest_net_G.pth": generator, **judges}
        for seed, network in enumerate(networks.values()):
            initialise(network, seed)
        return {name: network.state_dict() for name, network in networks.items()}


def _spade(parts: Mapping[str, Part], request: Request) -> ModelDesign:
    return _design(SPADE, "image.", parts, request)


def _image_stage(parts: Mapping[str, Part], request: Request) -> ModelDesign:
    return _design(ImageStage.name, "", parts, request)


def _design(model: str, prefix: str, parts: Mapping[str, Part], request: Request) -> ModelDesign:
    image = image_stage_found(parts, request, prefix, HINT)
    return ModelDesign(
        model=model,
        settings={"image": image.settings} if prefix else image.settings,
        spec=SceneSpec(image.label_channels, image.resolution),
        weights={role.removeprefix("image-"): part for role, part in parts.items()},
        request=request,
        found=image.found,
        notes=image.notes,
    )
