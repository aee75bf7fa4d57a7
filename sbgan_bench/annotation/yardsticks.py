"""Label maps that need no network: what a segmenter must beat before its labels are worth anything."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sbgan_bench.annotation.confusion import Confusion
from sbgan_bench.annotation.pairs import LabelledPairs

#: Grid (height, width) on which class frequencies by place are counted.
GRID = (60, 80)


@dataclass(frozen=True, slots=True)
class Yardsticks:
    """Confusions of two constant label maps on some pairs."""

    majority: Confusion  #: the most frequent class of the labelled pairs, everywhere
    by_place: Confusion  #: at each place the class that is most frequent there in the labelled pairs


def yardsticks(labelled: LabelledPairs, held_out: LabelledPairs) -> Yardsticks:
    """Learn the two constant label maps from ``labelled`` and compare them with ``held_out``."""
    frequencies = _frequencies(labelled)
    by_place = frequencies.argmax(axis=0).astype(np.uint8)
    most = np.uint8(frequencies.sum(axis=(1, 2)).argmax())
    everywhere, place = Confusion.empty(labelled.num_classes), Confusion.empty(labelled.num_classes)
    for index in range(len(held_out)):
        truth = held_out.read(index).target
        everywhere = everywhere.plus(truth, np.full_like(truth, most))
        place = place.plus(truth, _resized(by_place, (truth.shape[0], truth.shape[1])))
    return Yardsticks(everywhere, place)


def _frequencies(pairs: LabelledPairs) -> NDArray[np.int64]:
    """Return how many pairs have each class at each place, ``(K, *GRID)``."""
    classes = np.arange(pairs.num_classes, dtype=np.uint8)[:, None, None]
    counts = np.zeros((pairs.num_classes, *GRID), np.int64)
    for index in range(len(pairs)):
        counts += _resized(pairs.read(index).target, GRID) == classes
    return counts


def _resized(labels: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    return np.asarray(Image.fromarray(labels).resize(size[::-1], Image.Resampling.NEAREST))
