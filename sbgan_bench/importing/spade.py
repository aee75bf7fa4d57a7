"""SPADE's networks as NVlabs' and SB-GAN's code save them: sizes from shapes, and what no shape tells."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.design import request_value
from sbgan_bench.importing.format import Finding, Part, Request
from sbgan_bench.importing.keys import Shapes
from sbgan_bench.networks.discriminators import DiscriminatorVariant
from sbgan_bench.networks.spade import Upsampling
from sbgan_bench.sbgan.image_stage import ImageStage
from sbgan_bench.sbgan.perceptual import Perceptual

#: Channels of an image.
RGB = 3


@dataclass(frozen=True, slots=True)
class GeneratorShape:
    """What the tensors of SPADE's generator tell."""

    label_channels: int
    base_width: int  #: "ngf"
    hidden: int  #: between label map and modulation
    upsampling: Upsampling | None  #: None: normal or more, which have the same tensors

    @classmethod
    def of(cls, part: Part) -> "GeneratorShape":
        """Read the shapes.

        Raises:
            CheckpointError: A tensor is missing, or the generator is of a kind that is not built here.
        """
        shapes = Shapes(part)
        _check_kind(part)
        width, label_channels = shapes("fc.weight", 4)[:2]
        unit, upsampling = 16, None
        if not any(key.startswith("G_middle_0.") for key in part.tensors):
            unit, upsampling = 4, Upsampling.SMALL
        elif any(key.startswith("up_4.") for key in part.tensors):
            upsampling = Upsampling.MOST
        hidden = shapes("head_0.norm_0.mlp_shared.0.weight", 4)[0]
        return cls(label_channels, width // unit, hidden, upsampling)


def _check_kind(part: Part) -> None:
    fc = part.tensors.get("fc.weight")
    if fc is not None and fc.ndim == 2:
        raise CheckpointError(
            f"{part.place} starts from an encoded image (fc.weight has 2 dimensions: --use_vae); only generators that "
            "start from the label map are built here, as in all of SB-GAN."
        )
    if "head_0.conv_0.weight_orig" not in part.tensors:
        raise CheckpointError(
            f"{part.place} has no head_0.conv_0.weight_orig: its convolutions are without spectral normalisation "
            "(--norm_G without 'spectral'), or the file was cut; only spectral ones are built here."
        )
    if "head_0.norm_0.param_free_norm.running_mean" not in part.tensors:
        raise CheckpointError(
            f"{part.place} has no head_0.norm_0.param_free_norm.running_mean: it normalises by instance "
            "(--norm_G spectralspadeinstance3x3), or the file was cut; only batch normalisation is built here."
        )


@dataclass(frozen=True, slots=True)
class DiscriminatorShape:
    """What the tensors of a multi-scale discriminator tell."""

    in_channels: int
    base_width: int  #: "ndf"
    scales: int
    variant: DiscriminatorVariant

    @classmethod
    def of(cls, part: Part) -> "DiscriminatorShape":
        """Read the shapes.

        Raises:
            CheckpointError: A tensor is missing, or the depth is neither NVlabs' nor the fork's.
        """
        shapes = Shapes(part)
        depth = shapes.count(r"discriminator_0\.model(\d+)\.") - 1
        variants = {len(variant.strides): variant for variant in DiscriminatorVariant}
        if depth not in variants:
            raise CheckpointError(
                f"{part.place} has {depth} layers before the score (--n_layers_D); NVlabs' has 4, SB-GAN's fork 3."
            )
        width, channels = shapes("discriminator_0.model0.0.weight", 4)[:2]
        return cls(channels, width, shapes.count(r"discriminator_(\d+)\."), variants[depth])

    def finding(self, what: str) -> Finding:
        """Describe it in one line."""
        words = f"{self.variant.value}, ndf {self.base_width}, {self.scales} scales, {self.in_channels} channels in"
        return Finding(what=what, value=words, how="number of layers, first layer")


@dataclass(frozen=True, slots=True)
class ImageStageFound:
    """Everything that an image stage is built from."""

    label_channels: int
    resolution: Resolution
    settings: Mapping[str, Any]
    d2_width: int | None
    found: tuple[Finding, ...]
    notes: tuple[str, ...]


def image_stage_found(parts: Mapping[str, Part], request: Request, prefix: str, hint: str) -> ImageStageFound:
    """Derive the settings of an image stage.

    Args:
        parts: By role: "image-generator" and, where there are, "image-discriminator" and "d2".
        request: What the user said.
        prefix: Of the image stage's settings in those of the model: "image." or "".
        hint: How to find the resolution, for the error.

    Raises:
        CheckpointError: A size or the upsampling was not said, or discriminators are of two variants.
    """
    generator = GeneratorShape.of(parts["image-generator"])
    resolution, upsampling, how = _untold(parts["image-generator"], generator, request, f"{prefix}upsampling", hint)
    judges = {role: DiscriminatorShape.of(parts[role]) for role in ("image-discriminator", "d2") if role in parts}
    if len({judge.variant for judge in judges.values()}) > 1:
        words = ", ".join(f"{parts[role].source.path.name} is {judge.variant.value}" for role, judge in judges.items())
        raise CheckpointError(f"The discriminators are of two kinds ({words}); leave one out.")
    settings: dict[str, Any] = {
        **ImageStage.presets[request.preset],
        "base_width": generator.base_width,
        "hidden": generator.hidden,
        "upsampling": upsampling.value,
        "perceptual": Perceptual.NONE,
    }
    for role, judge in judges.items():
        settings |= {"discriminator_variant": judge.variant, "discriminator_scales": judge.scales}
        if role == "image-discriminator":
            settings["discriminator_width"] = judge.base_width
    found = (
        Finding(what="label channels", value=str(generator.label_channels), how="fc"),
        Finding(what="ngf", value=str(generator.base_width), how="fc"),
        Finding(what="upsampling", value=upsampling.value, how=how),
        Finding(what="images", value=resolution_text(resolution), how="--resolution; no tensor tells"),
        *(judge.finding("D2" if role == "d2" else "D") for role, judge in judges.items()),
    )
    d2 = judges.get("d2")
    return ImageStageFound(
        generator.label_channels, resolution, settings, None if d2 is None else d2.base_width, found, _notes(generator)
    )


def _untold(
    part: Part, shape: GeneratorShape, request: Request, path: str, hint: str
) -> tuple[Resolution, Upsampling, str]:
    """Return size, upsampling and how one knows it; asks at once for all that no tensor tells and nobody said."""
    said = request_value(request, path)
    asked = []
    if request.resolution is None:
        asked.append(f"the size of its images (say --resolution HxW: {hint})")
    if shape.upsampling is None and said is None:
        asked.append(
            "how often it doubles its size, since 'normal' (5 times) and 'more' (6) have the same tensors (say "
            f"--set {path}=more for Cityscapes, in SPADE and SB-GAN; --set {path}=normal for ADE20K and COCO-Stuff, "
            "the default of --num_upsampling_layers)"
        )
    if request.resolution is None or asked:
        raise CheckpointError(f"The tensors in {part.place} do not tell {', nor '.join(asked)}.")
    if shape.upsampling is not None:
        return request.resolution, shape.upsampling, "which blocks there are"
    known = [one.value for one in Upsampling]
    if said not in known:
        raise CheckpointError(f"--set {path}={said}: known are {', '.join(known)}.")
    return request.resolution, Upsampling(said), f"--set {path}; no tensor tells normal from more"


def _notes(shape: GeneratorShape) -> tuple[str, ...]:
    if shape.upsampling is Upsampling.SMALL:
        return ("upsampling 'small' is this project's own; no official file has it",)
    return ()
