"""Labelled pairs as the segmenter learns from them: native size, unlabelled pixels marked."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import AbstractDataset, DatasetInfo, Resolution
from sbgan_bench.errors import DataError, UnsupportedError
from sbgan_bench.hashing import hash_json

#: What the loss passes over: unlabelled pixels, and what lies outside an image.
IGNORED = 255


def predicted_classes(info: DatasetInfo) -> int:
    """Return how many classes a segmenter of the dataset predicts: all but that of unlabelled pixels.

    Raises:
        UnsupportedError: Unlabelled pixels have an id among the classes, or there are too many or no classes.
    """
    if info.ignore_index is not None and info.ignore_index < info.num_classes - 1:
        raise UnsupportedError(
            f"{info.name} gives unlabelled pixels id {info.ignore_index} ({info.class_names[info.ignore_index]!r}) "
            f"among its {info.num_classes} classes; a segmenter needs it last, or beyond them."
        )
    classes = info.num_classes - (info.ignore_index == info.num_classes - 1)
    if not 1 <= classes <= IGNORED:
        raise UnsupportedError(f"{info.name} has {classes} classes to predict; there may be 1 to {IGNORED}.")
    return classes


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """One image and what there is to learn from it."""

    image: NDArray[np.uint8]  #: (H, W, 3) RGB
    target: NDArray[np.uint8]  #: (H, W) class ids, ``IGNORED`` where unlabelled


@dataclass(frozen=True, slots=True)
class LabelledPairs:
    """Some pairs of a dataset, read one by one, so that memory does not grow with their number."""

    dataset: AbstractDataset
    keys: tuple[str, ...]
    resolution: Resolution  #: asked of the dataset; photographs come at their own size whatever it is
    num_classes: int

    @classmethod
    def of(cls, dataset: AbstractDataset, keys: Sequence[str], resolution: Resolution) -> "LabelledPairs":
        """Choose pairs by key.

        Raises:
            DataError: There are none.
            UnsupportedError: See ``predicted_classes``, or the dataset has nothing at that size.
        """
        if not keys:
            raise DataError(f"No labelled pairs of {dataset.info.name} ({dataset.split_name}); `data check` says why.")
        reason = dataset.unsupported(resolution)
        if reason:
            raise UnsupportedError(f"{dataset.info.name}: {reason}")
        return cls(dataset, tuple(keys), resolution, predicted_classes(dataset.info))

    def __len__(self) -> int:
        return len(self.keys)

    def read(self, index: int) -> LabelledPair:
        """Read one pair.

        Raises:
            DataError: A file is missing or damaged, or its label map has another size.
        """
        pair = self.dataset.read(self.keys[index], self.resolution)
        target = np.where(pair.layout < self.num_classes, pair.layout, np.uint8(IGNORED))
        return LabelledPair(pair.image, target)

    def fingerprint(self) -> str:
        """Return the sha256 of what decides the pairs."""
        return hash_json([self.dataset.fingerprint(), list(self.keys), list(self.resolution)])
