"""Progressive networks of SB-GAN's release: sizes from shapes, and the levels that a checkpoint uses."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from torch import Tensor

from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.format import Finding, Part
from sbgan_bench.importing.keys import Shapes, has
from sbgan_bench.importing.source import Source
from sbgan_bench.networks.progressive import BOTTOM, Head, official_widths

#: Keys of the two state dicts in a checkpoint of the release.
GENERATOR, DISCRIMINATOR = "G_state_dict", "D_state_dict"


def progressive_parts(source: Source, head: Head, roles: tuple[str, str]) -> tuple[Part, ...]:
    """Return generator and discriminator of a checkpoint of the release, or of a bare state dict.

    Args:
        source: Any file.
        head: Which of the two kinds of networks is looked for; the other gives ().
        roles: Of the generator and of the discriminator.
    """
    parts = []
    marks = (rf"blocks\.\d+\.to_{head.value}\.", rf"blocks\.\d+\.from_{head.value}\.")
    for name, role, mark in zip((GENERATOR, DISCRIMINATOR), roles, marks, strict=True):
        for inside in (name, ""):
            tensors = source.tensors(inside)
            if has(tensors, mark):
                facts = {
                    "iteration": source.number("iter"),
                    "phase": source.value("phase"),
                    "dim": source.decisive_number("dim"),
                    "classes": source.decisive_number("n_semantics"),
                }
                parts.append(Part(role=role, source=source, tensors=tensors, facts=facts, inside=inside))
                break
    return tuple(parts)


@dataclass(frozen=True, slots=True)
class ProgressiveShape:
    """What the tensors of a progressive generator tell."""

    channels: int  #: classes, or 3
    widths: tuple[int, ...]  #: channels by level, from 4 pixels of height
    latent_dim: int
    aspect: int  #: width over height

    @classmethod
    def of(cls, part: Part, head: Head) -> "ProgressiveShape":
        """Read the shapes of a generator.

        Raises:
            CheckpointError: A tensor is missing, or the lowest level is no 4 by 4·aspect pixels.
        """
        shapes = Shapes(part)
        levels = shapes.count(r"blocks\.(\d+)\.")
        widths = tuple(shapes(f"blocks.{level}.conv2.weight", 4)[0] for level in range(levels))
        rows, latent = shapes("blocks.0.fc1.weight", 2)
        aspect, rest = divmod(rows, widths[0] * BOTTOM * BOTTOM)
        if rest or not aspect:
            raise CheckpointError(
                f"{part.place}: blocks.0.fc1.weight has {rows} rows, no multiple of {widths[0]} channels of "
                f"{BOTTOM}×{BOTTOM} pixels; the file was cut, or made by a changed version of the code."
            )
        return cls(shapes(f"blocks.0.to_{head.value}.weight", 4)[0], widths, latent, aspect)

    def size(self, level: int) -> Resolution:
        """Return the (H, W) that a level draws."""
        height = int(BOTTOM * 2**level)
        return height, height * self.aspect

    def settings(self) -> dict[str, Any]:
        """Return the settings that build this network; released widths go unsaid."""
        official = self.widths == official_widths(len(self.widths))
        return {"widths": () if official else self.widths, "latent_dim": self.latent_dim}


@dataclass(frozen=True, slots=True)
class Grown:
    """Both networks, cut to the levels in use."""

    shape: ProgressiveShape
    generator: Part
    discriminator: Part | None
    found: tuple[Finding, ...]
    notes: tuple[str, ...]

    @property
    def resolution(self) -> Resolution:
        """(H, W) that is drawn."""
        return self.shape.size(len(self.shape.widths) - 1)


def grown(generator: Part, discriminator: Part | None, head: Head) -> Grown:
    """Derive the sizes and leave out the levels above the one that ``dim`` names.

    Raises:
        CheckpointError: ``dim`` or ``n_semantics`` contradicts the tensors.
    """
    whole = ProgressiveShape.of(generator, head)
    levels = len(whole.widths)
    level, how = _level(generator, whole)
    classes = generator.facts.get("classes")
    if head is Head.MASK and classes is not None and classes != whole.channels:
        raise CheckpointError(
            f"{generator.place} says n_semantics = {classes} and has {whole.channels} channels in to_mask; "
            "it was put together from two models."
        )
    shape = replace(whole, widths=whole.widths[: level + 1])
    top = resolution_text(shape.size(level))
    found = (
        *((Finding(what="classes", value=str(shape.channels), how="to_mask"),) if head is Head.MASK else ()),
        Finding(what="latent", value=str(shape.latent_dim), how="fc1"),
        Finding(what="aspect (W:H)", value=f"{shape.aspect}:1", how="fc1"),
        Finding(what="channels by level", value=" ".join(map(str, whole.widths)), how="conv2"),
        Finding(what=f"level of {levels}", value=f"{level + 1}, {top}", how=how),
    )
    notes = []
    if level + 1 < levels:
        notes.append(
            f"levels above {top} (up to {resolution_text(whole.size(levels - 1))}) were not in use and are left out"
        )
    if generator.facts.get("phase") == "fade":
        notes.append(f"saved while {top} was new; sampled without blending, as the release trains and samples it")
    cut = replace(generator, tensors=_lower_levels(generator.tensors, 0, level))
    judge = None
    if discriminator is not None:
        above = levels - 1 - level
        judge = replace(discriminator, tensors=_lower_levels(discriminator.tensors, above, levels - 1))
    return Grown(shape, cut, judge, found, tuple(notes))


def _level(part: Part, shape: ProgressiveShape) -> tuple[int, str]:
    levels = len(shape.widths)
    dim = part.facts.get("dim")
    if dim is None:
        return levels - 1, "the highest; the file has no dim"
    heights = [shape.size(level)[0] for level in range(levels)]
    if dim not in heights:
        raise CheckpointError(
            f"{part.source.path} says dim = {dim}, and its network has levels of {', '.join(map(str, heights))} "
            "pixels of height; it was put together from two models."
        )
    return heights.index(dim), f"dim = {dim}"


def _lower_levels(tensors: Mapping[str, Tensor], first: int, last: int) -> dict[str, Tensor]:
    """Keep blocks ``first`` to ``last``, numbered from 0, and whatever is no block."""
    kept = {}
    for key, tensor in tensors.items():
        match = re.fullmatch(r"blocks\.(\d+)\.(.+)", key)
        if match is None:
            kept[key] = tensor
        elif first <= int(match[1]) <= last:
            kept[f"blocks.{int(match[1]) - first}.{match[2]}"] = tensor
    return kept
