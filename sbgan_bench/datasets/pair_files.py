"""Pairs of files on disk: finding partners, reading them, checking them, naming their content."""

import enum
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sbgan_bench.dataset import Pair, Problem
from sbgan_bench.datasets.digests import file_digests
from sbgan_bench.datasets.parallel import in_order, usable_workers
from sbgan_bench.datasets.reading import (
    IMAGE_SUFFIXES,
    FileFaultError,
    LabelIds,
    Raster,
    glance,
    load,
    read_image,
    read_layout,
)
from sbgan_bench.datasets.transforms import of_one_shape, to_larger
from sbgan_bench.errors import DataError
from sbgan_bench.hashing import hash_json

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FilePair:
    """An image and the label map that belongs to it."""

    image: Path
    label: Path


class SizeRule(enum.Enum):
    """What is done about an image and a label map of different sizes."""

    EQUAL = enum.auto()  #: refused
    LARGER = enum.auto()  #: the smaller is brought to the size of the larger; refused if the shapes differ


@dataclass(frozen=True, slots=True)
class PairFiles:
    """The pairs of a dataset kept as files."""

    root: Path
    pairs: Mapping[str, FilePair]  #: by key, in order of key
    ids: LabelIds
    faults: tuple[Problem, ...] = ()  #: found while listing; the files concerned are left out of ``pairs``
    sizes: SizeRule = SizeRule.EQUAL
    labels_root: Path | None = None  #: where the label maps lie, if not under ``root``

    def read(self, key: str) -> Pair:
        """Read one pair at its native size.

        Raises:
            DataError: No such key, or a file is missing, damaged, of another size or with ids outside the classes.
        """
        if key not in self.pairs:
            raise DataError(f"{self.root} has no pair {key!r}; it has {len(self.pairs)} others.")
        files = self.pairs[key]
        pair = Pair(read_image(files.image), self.ids.apply(read_layout(files.label), files.label))
        size = pair.image.shape[:2]
        if size == pair.layout.shape:
            return pair
        if self.sizes is SizeRule.EQUAL or not of_one_shape(size, pair.layout.shape):
            raise FileFaultError(files.image, f"{_sizes(size, pair.layout.shape)}; give both the same size")
        return to_larger(pair)

    def fingerprint(self, meaning: Any) -> str:
        """Return the sha256 of names and contents of all files and of ``meaning`` (plain JSON: classes, splits)."""
        images, labels = [pair.image for pair in self.pairs.values()], [pair.label for pair in self.pairs.values()]
        if self.labels_root is None:
            return hash_json([sorted(file_digests(self.root, images + labels).items()), meaning])
        apart = [sorted(file_digests(self.labels_root, labels).items()), meaning]
        return hash_json([sorted(file_digests(self.root, images).items()), apart])

    def problems(self) -> list[Problem]:
        """Read every file and return all faults, those of the listing first."""
        return [*self.faults, *self._look_at_all(load)]

    def quick_problems(self) -> list[Problem]:
        """Return the faults of the listing and those that the headers of the files show."""
        return [*self.faults, *self._look_at_all(glance)]

    def warn_of_faults(self, dataset: str) -> None:
        """Log one line if files were left out while listing."""
        if self.faults:
            first = self.faults[0]
            _log.warning(
                "%s: %d files are left out (%s: %s); `sbgan-bench data check %s` lists them all.",
                *(self.root, len(self.faults), first.file, first.message, dataset),
            )

    def _look_at_all(self, look: Callable[[Path], Raster]) -> list[Problem]:
        def check(pair: FilePair) -> list[Problem]:
            return list(self._check(pair, look))

        with in_order(check, self.pairs.values(), usable_workers()) as found:
            return [fault for faults in found for fault in faults]

    def _check(self, pair: FilePair, look: Callable[[Path], Raster]) -> Iterator[Problem]:
        sizes = []
        try:
            raster = look(pair.image)
            sizes.append(raster.size)
            raster.check_rgb()
            if raster.is_grey:
                yield self._problem(pair.image, "is grey; it would be read as three equal channels; give it in colour")
        except FileFaultError as error:
            yield self._problem(pair.image, error.reason, stops=True)
        try:
            raster = look(pair.label)
            sizes.append(raster.size)
            raster.check_ids()
            if raster.decoded:
                self.ids.apply(raster.to_ids(), pair.label)
        except FileFaultError as error:
            yield self._problem(pair.label, error.reason, stops=True)
        if len(set(sizes)) > 1:
            yield self._size_problem(pair, *sizes)

    def _size_problem(self, pair: FilePair, image: tuple[int, int], label: tuple[int, int]) -> Problem:
        if self.sizes is SizeRule.LARGER and of_one_shape(image, label):
            return self._problem(pair.image, f"{_sizes(image, label)}; the smaller is brought to the larger")
        return self._problem(pair.image, f"{_sizes(image, label)}; give both the same size", stops=True)

    def _problem(self, path: Path, message: str, *, stops: bool = False) -> Problem:
        inside = path.is_relative_to(self.root)
        return Problem((path.relative_to(self.root) if inside else path).as_posix(), message, stops)


@dataclass(frozen=True, slots=True)
class Listing:
    """What pairing two folders found."""

    pairs: Mapping[str, FilePair]  #: by stem (with subfolders), in order
    faults: tuple[Problem, ...]


def match_folders(root: Path, images: str, labels: str) -> Listing:
    """Pair the files of two folders under ``root`` by stem, subfolders included; hidden files are passed over."""
    image_files, image_faults = _by_stem(root, images)
    label_files, label_faults = _by_stem(root, labels)
    shared = sorted(image_files.keys() & label_files.keys())
    alone = [
        *_without_partner(root, image_files, label_files, f"has no label map of the same stem in {labels}/"),
        *_without_partner(root, label_files, image_files, f"has no image of the same stem in {images}/"),
    ]
    return Listing(
        {stem: FilePair(image_files[stem], label_files[stem]) for stem in shared},
        (*image_faults, *label_faults, *alone),
    )


def _by_stem(root: Path, folder: str) -> tuple[dict[str, Path], list[Problem]]:
    found: dict[str, Path] = {}
    faults = []
    for path in sorted(_visible_files(root / folder)):
        name = path.relative_to(root).as_posix()
        stem = path.relative_to(root / folder).with_suffix("").as_posix()
        if path.suffix.lower() not in IMAGE_SUFFIXES:
            faults.append(Problem(name, f"is not one of {', '.join(IMAGE_SUFFIXES)}; convert or remove it"))
        elif stem in found:
            faults.append(Problem(name, f"has the same stem as {found[stem].name}, which is used; remove one"))
        else:
            found[stem] = path
    return found, faults


def _visible_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _without_partner(
    root: Path, files: Mapping[str, Path], partners: Iterable[str], message: str
) -> Iterator[Problem]:
    for stem in sorted(files.keys() - set(partners)):
        yield Problem(files[stem].relative_to(root).as_posix(), f"{message}; add it or remove this file")


def _sizes(image: tuple[int, ...], label: tuple[int, ...]) -> str:
    return f"is {image[0]}x{image[1]} but its label map is {label[0]}x{label[1]} (height x width)"
