"""Sets of images or layouts, ready to be turned into features."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import Resolution
from sbgan_bench.features import FeatureSource
from sbgan_bench.image_sets.stack import AbstractStack
from sbgan_bench.protocol import Content
from sbgan_bench.samples import SampleBatch


@final
@dataclass(frozen=True, slots=True)
class ImageSet:
    """Equally sized images, with a layout each or without."""

    path: Path  #: as given
    pictures: AbstractStack
    maps: AbstractStack | None = None  #: one label map per image; None without

    def __len__(self) -> int:
        return len(self.pictures)

    @property
    def name(self) -> str:
        """The last part of the path, for rows and messages."""
        return self.path.resolve().name

    @property
    def size(self) -> Resolution:
        """(height, width) of every image."""
        return self.pictures.size

    @property
    def formats(self) -> Mapping[str, int]:
        """Number of files of each format that changes pixels when saving, by name; of packs nothing is known."""
        return self.pictures.formats

    @property
    def lossy(self) -> float:
        """Share of the images, 0 to 1, that are kept in such a format."""
        return sum(self.formats.values()) / len(self)

    def images(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Read images ``start`` to ``stop`` as ``(N, 3, H, W)`` uint8 RGB.

        Raises:
            DataError: One is damaged, or is not what it was when the set was opened.
        """
        return self.pictures.read(start, stop)

    def layouts(self, start: int, stop: int) -> NDArray[np.uint8] | None:
        """Read label maps likewise, as ``(N, h, w)`` uint8 class ids; None where there are none."""
        return None if self.maps is None else self.maps.read(start, stop)

    def fingerprint(self) -> str:
        """Return a sha256 of the images, in order; a folder and an archive of it have the same."""
        return self.pictures.fingerprint()

    def source(self) -> FeatureSource:
        """Return the scenes for feature extraction, identified by their content."""
        key = {"files": self.fingerprint()}
        if self.maps is not None:
            key["layouts"] = self.maps.fingerprint()
        holds = frozenset({Content.IMAGES} if self.maps is None else Content)
        return FeatureSource(
            key,
            lambda start, stop: SampleBatch(self.images(start, stop), self.layouts(start, stop)),
            holds,
            concurrent=True,
            title=self.name,
        )


@final
@dataclass(frozen=True, slots=True)
class LayoutSet:
    """Equally sized label maps alone."""

    path: Path  #: as given
    maps: AbstractStack

    def __len__(self) -> int:
        return len(self.maps)

    @property
    def name(self) -> str:
        """The last part of the path, for rows and messages."""
        return self.path.resolve().name

    @property
    def size(self) -> Resolution:
        """(height, width) of every label map."""
        return self.maps.size

    def layouts(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Read label maps ``start`` to ``stop`` as ``(N, h, w)`` uint8 class ids.

        Raises:
            DataError: One is damaged, or is not what it was when the set was opened.
        """
        return self.maps.read(start, stop)

    def fingerprint(self) -> str:
        """Return a sha256 of the label maps, in order."""
        return self.maps.fingerprint()

    def source(self) -> FeatureSource:
        """Return the scenes for feature extraction, identified by their content."""
        return FeatureSource(
            {"layouts": self.fingerprint()},
            lambda start, stop: SampleBatch(None, self.layouts(start, stop)),
            frozenset({Content.LAYOUTS}),
            concurrent=True,
            title=self.name,
        )


def compression_note(real: ImageSet, generated: ImageSet) -> str:
    """Return what to say where one set went through lossy compression and the other did not; "" where both agree.

    Compression alone moves distances: Parmar et al., On Aliased Resizing and Surprising Subtleties in GAN Evaluation,
    CVPR 2022, section 4.
    """
    if real.formats.keys() == generated.formats.keys() and real.lossy == generated.lossy:
        return ""
    return (
        f"real images are {_compression(real)}, generated ones {_compression(generated)}: compression alone moves "
        "distances"
    )


def _compression(images: ImageSet) -> str:
    if not images.formats:
        return "in no lossy format"
    share = "" if images.lossy == 1 else f" ({images.lossy:.0%} of them)"
    return f"{' and '.join(sorted(images.formats))} files{share}"
