"""What a model hands over: batches of images and layouts, and how its layouts came to be."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

#: Image i of every model is sampled with this + i, unless somebody asks for other seeds.
FIRST_SAMPLING_SEED = 1_000_000


class LayoutSource(enum.StrEnum):
    """Where the label maps behind a set of images come from."""

    NONE = "none"  #: no layouts: ProGAN, BigGAN
    REAL = "real"  #: label maps of the dataset: SPADE, or the image stage of SB-GAN (Table 2)
    GENERATED = "generated"  #: the model's own: SB-GAN from noise to image (Table 1)


class LayoutDraw(enum.StrEnum):
    """How a label map is drawn from the layout generator's class probabilities."""

    GUMBEL = "gumbel"  #: a sample per pixel (the paper's equation 1)
    ARGMAX = "argmax"  #: the most probable class (released sampling script)
    SOFT = "soft"  #: the probabilities themselves go to the image stage (released FID routine)


@dataclass(frozen=True, slots=True)
class SampleBatch:
    """A batch of generated scenes, on the CPU.

    At least one of the two is present; where both are, sample ``i`` of one belongs to sample ``i`` of the other.
    """

    images: NDArray[np.uint8] | None = None  #: (N, 3, H, W), RGB
    layouts: NDArray[np.uint8] | None = None  #: (N, h, w) class ids; (h, w) may be smaller than (H, W)

    @classmethod
    def joined(cls, batches: Sequence["SampleBatch"]) -> "SampleBatch":
        """Return the scenes of several batches behind each other; what one of them has, all have."""
        images = [batch.images for batch in batches if batch.images is not None]
        layouts = [batch.layouts for batch in batches if batch.layouts is not None]
        return cls(np.concatenate(images) if images else None, np.concatenate(layouts) if layouts else None)

    def __len__(self) -> int:
        """Return the number of scenes."""
        part = self.images if self.images is not None else self.layouts
        return 0 if part is None else len(part)
