"""BigGAN's sizes from the shapes of its tensors."""

from dataclasses import dataclass

from sbgan_baselines.biggan_networks import BOTTOM
from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.format import Finding, Part
from sbgan_bench.importing.keys import Shapes, has


@dataclass(frozen=True, slots=True)
class GeneratorShape:
    """What the tensors of a generator tell."""

    widths: tuple[int, ...]  #: channels from 4 pixels of height up, one more than there are blocks
    aspect: int  #: width over height
    attention: tuple[int, ...]  #: heights after which it follows
    labels: int  #: classes
    shared_dim: int  #: of the class embedding; 0: none
    part: int  #: dimensions of z that each block sees; 0: none, z goes to the lowest level alone
    latent_dim: int

    @classmethod
    def of(cls, part: Part) -> "GeneratorShape":
        """Read the shapes.

        Raises:
            CheckpointError: A tensor is missing, or the lowest level is no 4 by 4·aspect pixels.
        """
        shapes = Shapes(part)
        blocks = shapes.count(r"blocks\.(\d+)\.0\.")
        first = shapes("blocks.0.0.conv1.weight", 4)[1]
        widths = (first, *(shapes(f"blocks.{i}.0.conv1.weight", 4)[0] for i in range(blocks)))
        rows, entry = shapes("linear.weight", 2)
        aspect, rest = divmod(rows, first * BOTTOM * BOTTOM)
        if rest or not aspect:
            raise CheckpointError(
                f"{part.place}: linear.weight has {rows} rows, no multiple of {first} channels of {BOTTOM}×{BOTTOM} "
                "pixels; the file was cut, or made by a changed version of the code."
            )
        attention = tuple(BOTTOM * 2 ** (i + 1) for i in range(blocks) if f"blocks.{i}.1.gamma" in part.tensors)
        condition = shapes("blocks.0.0.bn1.gain.weight", 2)
        embedding = (r"shared\.", r".*\.bn\d\.gain\.u0")  # layers of an embedding; tables have no singular vectors
        if any(has(part.tensors, mark) for mark in embedding):
            labels, shared = shapes("shared.weight", 2)
            piece = condition[1] - shared
        else:
            labels, shared, piece = condition[0], 0, 0
        return cls(widths, aspect, attention, labels, shared, piece, entry + piece * blocks)

    @property
    def height(self) -> int:
        """Of the images."""
        return int(BOTTOM * 2 ** (len(self.widths) - 1))

    @property
    def resolution(self) -> Resolution:
        """(H, W) of the images."""
        return self.height, self.height * self.aspect

    @property
    def hierarchical(self) -> bool:
        """Whether every block sees its own part of z."""
        return self.part > 0

    def findings(self) -> tuple[Finding, ...]:
        """Describe it."""
        blocks = len(self.widths) - 1
        parts = f", {blocks + 1} parts of {self.part}" if self.hierarchical else ""
        shared = f", embedding of {self.shared_dim}" if self.shared_dim else ", a table per normalisation"
        return (
            Finding(what="images", value=resolution_text(self.resolution), how=f"{blocks} blocks, rows of linear"),
            Finding(what="channels by level", value=" ".join(map(str, self.widths)), how="conv1"),
            Finding(what="attention after", value=_heights(self.attention), how="gamma"),
            Finding(what="latent", value=f"{self.latent_dim}{parts}", how="linear, bn1.gain"),
            Finding(what="labels", value=f"{self.labels}{shared}", how="shared" if self.shared_dim else "bn1.gain"),
        )


@dataclass(frozen=True, slots=True)
class DiscriminatorShape:
    """What the tensors of a discriminator tell."""

    widths: tuple[int, ...]  #: channels block by block
    attentive: tuple[int, ...]  #: blocks that attention follows

    @classmethod
    def of(cls, part: Part) -> "DiscriminatorShape":
        """Read the shapes.

        Raises:
            CheckpointError: A tensor is missing.
        """
        shapes = Shapes(part)
        blocks = shapes.count(r"blocks\.(\d+)\.0\.")
        widths = tuple(shapes(f"blocks.{i}.0.conv2.weight", 4)[0] for i in range(blocks))
        return cls(widths, tuple(i for i in range(blocks) if f"blocks.{i}.1.gamma" in part.tensors))

    def attention(self, height: int) -> tuple[int, ...]:
        """Heights after which attention follows, for images of ``height`` pixels."""
        return tuple(height // 2 ** (i + 1) for i in self.attentive)

    def findings(self, height: int) -> tuple[Finding, ...]:
        """Describe it."""
        return (
            Finding(what="D: channels by block", value=" ".join(map(str, self.widths)), how="conv2"),
            Finding(what="D: attention after", value=_heights(self.attention(height)), how="gamma"),
        )


def _heights(heights: tuple[int, ...]) -> str:
    return ", ".join(f"{height} pixels" for height in heights) or "none"
