"""A layout stage and an image stage, each from its own files, make an SB-GAN."""

from collections.abc import Mapping

from sbgan_bench.dataset import resolution_text
from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.design import ModelDesign
from sbgan_bench.importing.format import Assembly, Part, Request
from sbgan_bench.importing.progressive import grown
from sbgan_bench.importing.spade import image_stage_found
from sbgan_bench.model import SceneSpec
from sbgan_bench.networks.progressive import Head
from sbgan_bench.sbgan.layout_stage import LayoutStage
from sbgan_bench.sbgan.model import SBGAN

#: Role -> network of the model.
NETWORKS = {
    "layout-generator": "layout_generator",
    "layout-discriminator": "layout_discriminator",
    "image-generator": "image_generator",
    "image-discriminator": "image_discriminator",
    "d2": "d2",
}


def _design(parts: Mapping[str, Part], request: Request) -> ModelDesign:
    layout = grown(parts["layout-generator"], parts.get("layout-discriminator"), Head.MASK)
    small = resolution_text(layout.resolution)
    hint = f"the layouts are {small}: that, or a whole multiple"
    image = image_stage_found(parts, request, "image.", hint)
    if layout.shape.channels != image.label_channels:
        raise CheckpointError(
            f"{parts['layout-generator'].place} draws {layout.shape.channels} classes, "
            f"{parts['image-generator'].place} paints {image.label_channels}; they are stages of different models."
        )
    cut = {"layout-generator": layout.generator, "layout-discriminator": layout.discriminator}
    whole = {**parts, **{role: part for role, part in cut.items() if part is not None}}
    layout_settings = {**LayoutStage.presets[request.preset], **layout.shape.settings()}
    if layout.resolution != image.resolution:
        layout_settings["resolution"] = layout.resolution
    settings = {
        **SBGAN.presets[request.preset],
        "layout": layout_settings,
        "image": image.settings,
        **({} if image.d2_width is None else {"d2_width": image.d2_width}),
    }
    return ModelDesign(
        model=SBGAN.name,
        settings=settings,
        spec=SceneSpec(image.label_channels, image.resolution),
        weights={NETWORKS[role]: part for role, part in whole.items()},
        request=request,
        found=(*layout.found, *image.found),
        notes=(*layout.notes, *image.notes),
    )


SBGAN_ASSEMBLY = Assembly(
    makes=SBGAN.name,
    needs=frozenset({"layout-generator", "image-generator"}),
    takes=frozenset({"layout-discriminator", "image-discriminator", "d2"}),
    design=_design,
)
