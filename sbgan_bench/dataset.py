"""The contract of a dataset: pairs of an image and its label map, and everything a reader must know of them."""

import abc
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.config import Settings

#: (height, width) in pixels.
Resolution: TypeAlias = tuple[int, int]


def resolution_text(resolution: Resolution) -> str:
    """Return "32x64" for (32, 64): height first, as everywhere in this project."""
    return f"{resolution[0]}x{resolution[1]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetInfo:
    """What never changes while a dataset is open."""

    name: str  #: as registered, "camvid"
    class_names: tuple[str, ...]  #: one per class id, in order
    palette: tuple[tuple[int, int, int], ...]  #: RGB 0-255 per class id
    ignore_index: int | None  #: class id of unlabelled pixels, None where every pixel has a class
    licence: str  #: in words, "CC BY-NC 4.0"
    redistributable: bool  #: whether tiles and layouts may be published with results

    @property
    def num_classes(self) -> int:
        """Number of label channels, unlabelled included where it is a class of its own."""
        return len(self.class_names)


@dataclass(frozen=True, slots=True)
class Pair:
    """One scene at its native size."""

    image: NDArray[np.uint8]  #: (H, W, 3) RGB
    layout: NDArray[np.uint8]  #: (H, W) class ids


@dataclass(frozen=True, slots=True)
class Split:
    """A named list of pairs."""

    name: str  #: "train", "selection" or "test"
    keys: tuple[str, ...]  #: one per pair, stable across machines
    caution: str = ""  #: what a reader of a number on this split must know; "" if nothing
    groups: tuple[str, ...] = ()  #: one per key: pairs of one group are near-copies; empty: each pair stands alone
    repeats: tuple[int, ...] = ()  #: one per key: how often an epoch of training shows the pair; empty: once each

    def __post_init__(self) -> None:
        for what, values in (("groups", self.groups), ("repeats", self.repeats)):
            if values and len(values) != len(self.keys):
                message = f"split {self.name!r} has {len(values)} {what} for {len(self.keys)} keys"
                raise ValueError(message)
        if any(count < 1 for count in self.repeats):
            message = f"split {self.name!r} repeats a pair {min(self.repeats)} times; once is the least"
            raise ValueError(message)

    @property
    def epoch(self) -> int:
        """Number of images that an epoch of training shows: the pairs, repetitions counted."""
        return sum(self.repeats) if self.repeats else len(self.keys)

    def subset(self, indices: Iterable[int]) -> "Split":
        """Return the split of the pairs at ``indices``, in that order."""
        chosen = [int(index) for index in indices]
        return replace(
            self,
            keys=tuple(self.keys[index] for index in chosen),
            groups=tuple(self.groups[index] for index in chosen) if self.groups else (),
            repeats=tuple(self.repeats[index] for index in chosen) if self.repeats else (),
        )


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault that ``data check`` found."""

    file: str  #: path relative to the dataset's folder
    message: str  #: what is wrong, with the value and the remedy
    stops: bool = False  #: whether a pair cannot be read before this is mended; else it was left out, or can be used


@dataclass(frozen=True, slots=True)
class PublishedCount:
    """How many files of one kind there are, beside the number that the dataset's owners or the paper published."""

    what: str  #: "train images", "bedroom scenes in train"
    found: int
    published: int
    source: str  #: who published the number


class AbstractDataset(abc.ABC):
    """Pairs of image and label map in three disjoint splits: ``train``, ``selection`` and ``test``.

    ``selection`` is for choosing checkpoints, ``test`` holds the reals that numbers are measured against. A published
    way of splitting in which the two are the same pairs may be offered, never as the default, and with a ``caution``.
    Final subclasses are constructed with their ``Settings`` and do no heavy work before ``read``.
    """

    Settings: ClassVar[type[Settings]]
    requires: ClassVar[str] = ""  #: what must be fetched from its owners first, in words; "" if nothing

    @classmethod
    @abc.abstractmethod
    def open(cls, settings: Any) -> Self:
        """Open with an instance of ``cls.Settings``.

        Raises:
            DataError: The folder is missing or does not have the expected structure.
        """

    @property
    @abc.abstractmethod
    def info(self) -> DatasetInfo:
        """Names, palette, licence."""

    @property
    @abc.abstractmethod
    def split_name(self) -> str:
        """Which way of splitting is in force, as it appears in result rows ("blocks", "official")."""

    @abc.abstractmethod
    def splits(self) -> Mapping[str, Split]:
        """The three splits by name; disjoint."""

    @abc.abstractmethod
    def unsupported(self, resolution: Resolution) -> str:
        """Return why there are no pairs at ``resolution``, for readers of a table; "" if there are."""

    @abc.abstractmethod
    def fingerprint(self) -> str:
        """sha256 of everything that decides the pixels and labels (not of where they lie)."""

    @abc.abstractmethod
    def read(self, key: str, resolution: Resolution) -> Pair:
        """Read one pair. Sizes other than ``resolution`` are fine: the cache crops and resizes.

        Raises:
            DataError: The file is missing, truncated, or holds a label id outside the classes.
        """

    @abc.abstractmethod
    def counts(self) -> tuple[PublishedCount, ...]:
        """What is here beside what was published; empty where nothing was. A difference is for the reader to judge."""

    @abc.abstractmethod
    def problems(self) -> list[Problem]:
        """Every fault of the dataset, all at once; empty if it is sound. May read every file."""

    def quick_problems(self) -> list[Problem]:
        """Those of ``problems`` that show without decoding: partners, names, sizes, kinds of file, files cut short."""
        return []


@dataclass(frozen=True, slots=True)
class PairTable:
    """One split, decoded, cropped and resized: what models are trained on and features are taken from."""

    info: DatasetInfo
    split: Split  #: keys are aligned with the arrays
    fingerprint: str  #: of the dataset
    images: NDArray[np.uint8]  #: (N, 3, H, W) RGB, memory-mapped read-only
    layouts: NDArray[np.uint8]  #: (N, H, W) class ids, memory-mapped read-only

    def __len__(self) -> int:
        return len(self.images)

    @property
    def resolution(self) -> Resolution:
        """(H, W) of the images."""
        return int(self.images.shape[2]), int(self.images.shape[3])

    def subset(self, indices: NDArray[np.intp]) -> "PairTable":
        """Return the table of the pairs at ``indices``, in that order (copied into memory)."""
        return PairTable(
            self.info,
            self.split.subset(indices),
            self.fingerprint,
            self.images[indices],
            self.layouts[indices],
        )
