"""The finely annotated part of Cityscapes, which both datasets made of it share."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.dataset import Pair, Problem, PublishedCount
from sbgan_bench.datasets.cityscapes_files import (
    FINE,
    FINE_IMAGES,
    IMAGES,
    CityPairs,
    Part,
    besides,
    check_folders,
    copies,
    fine_pairs,
    odd_sizes,
)
from sbgan_bench.datasets.cityscapes_labels import STORED_IDS, Classes
from sbgan_bench.datasets.pair_files import PairFiles

LICENCE = "Cityscapes terms of use: non-commercial, not to be passed on"
SOURCE = "Cityscapes"


@dataclass(frozen=True, slots=True)
class FineFiles:
    """Images of ``train`` and ``val`` with their label maps, read into channels."""

    parts: Mapping[Part, CityPairs]
    files: PairFiles
    classes: Classes

    @classmethod
    def open(cls, root: Path, classes: Classes) -> "FineFiles":
        """List the files.

        Raises:
            DataError: A folder is missing.
        """
        check_folders(root, (f"{kind}/{part}" for kind in (IMAGES, FINE) for part in FINE_IMAGES))
        parts = {part: fine_pairs(root, part) for part in FINE_IMAGES}
        pairs = {key: pair for part in parts.values() for key, pair in part.pairs.items()}
        faults = tuple(fault for part in parts.values() for fault in part.faults)
        return cls(parts, PairFiles(root, pairs, STORED_IDS, faults), classes)

    def keys(self, part: Part) -> tuple[str, ...]:
        """Return the keys of one part."""
        return tuple(self.parts[part].pairs)

    def read(self, key: str) -> Pair:
        """Read one pair at its native size, ids turned into channels; see :meth:`PairFiles.read`."""
        pair = self.files.read(key)
        return Pair(pair.image, self.classes.apply(pair.layout))

    def counts(self) -> tuple[PublishedCount, ...]:
        """Pairs of both parts, then those of each city where there are not as many as published."""
        names = {Part.TRAIN: "training", Part.VAL: "validation"}
        totals = tuple(
            PublishedCount(f"{names[part]} pairs", len(self.keys(part)), sum(images.values()), SOURCE)
            for part, images in FINE_IMAGES.items()
        )
        cities = (
            PublishedCount(f"{names[part]} pairs of {city}", self._found(part, city), published, SOURCE)
            for part, images in FINE_IMAGES.items()
            for city, published in images.items()
        )
        return (*totals, *(count for count in cities if count.found != count.published))

    def problems(self) -> list[Problem]:
        """Read every file and return all faults."""
        root, pairs = self.files.root, self.files.pairs
        return besides(self.files.problems(), (*odd_sizes(root, pairs), *copies(root, pairs)))

    def quick_problems(self) -> list[Problem]:
        """Return the faults that show without decoding."""
        return besides(self.files.quick_problems(), odd_sizes(self.files.root, self.files.pairs))

    def _found(self, part: Part, city: str) -> int:
        return sum(key.startswith(f"{part}/{city}/") for key in self.parts[part].pairs)
