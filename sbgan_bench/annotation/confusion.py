"""How well label maps agree with the truth: one confusion matrix, and what it says of each class."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.config import Settings
from sbgan_bench.confusion import (
    class_accuracies,
    class_ious,
    confusion_counts,
    mean_accuracy,
    mean_iou,
    pixel_accuracy,
)


class ClassScore(Settings):
    """One class of an evaluation."""

    name: str
    pixels: int  #: of the reference
    iou: float | None  #: intersection over union in [0, 1]; None where the reference has no pixel of the class
    accuracy: float | None  #: share of the class's pixels that were found; None likewise


class Evaluation(Settings):
    """What one set of label maps is worth. Shares are in [0, 1]; means are over the classes in the reference."""

    dataset: str
    split: str  #: "selection", "test", or in words
    images: int
    pixels: int  #: counted: all but those that the reference leaves unlabelled
    ignored_pixels: int  #: left out, because the reference does not say what they are
    pixel_accuracy: float | None
    mean_iou: float | None
    mean_accuracy: float | None
    classes: tuple[ClassScore, ...]


@dataclass(frozen=True, slots=True)
class Confusion:
    """Pixels by true class (row) and predicted class (column), added up over images."""

    counts: NDArray[np.int64]  #: (K, K)
    images: int = 0
    ignored: int = 0  #: pixels whose true id is no class

    @classmethod
    def empty(cls, num_classes: int) -> Self:
        """Nothing counted yet."""
        return cls(np.zeros((num_classes, num_classes), np.int64))

    def plus(self, truth: NDArray[np.uint8], predicted: NDArray[np.uint8]) -> "Confusion":
        """Count one image more.

        Args:
            truth: ``(H, W)`` class ids; ids from K on are left out.
            predicted: ``(H, W)`` class ids below K wherever the truth is counted.

        Raises:
            ValueError: The shapes differ, or a prediction is no class.
        """
        if truth.shape != predicted.shape:
            raise ValueError(f"a label map of shape {predicted.shape} for a reference of shape {truth.shape}")
        counted = truth < len(self.counts)
        counts = confusion_counts(truth[counted], predicted[counted], len(self.counts))
        return Confusion(self.counts + counts, self.images + 1, self.ignored + int(truth.size - counted.sum()))

    def iou(self) -> NDArray[np.float64]:
        """Intersection over union by class, ``(K,)``; NaN for classes that the reference lacks."""
        return class_ious(self.counts)

    def evaluation(self, class_names: Sequence[str], dataset: str, split: str) -> Evaluation:
        """Put it in words and shares, rounded to four digits."""
        truths, ious, accuracies = self.counts.sum(axis=1), self.iou(), class_accuracies(self.counts)
        rows = zip(class_names, truths, ious, accuracies, strict=True)
        return Evaluation(
            dataset=dataset,
            split=split,
            images=self.images,
            pixels=int(truths.sum()),
            ignored_pixels=self.ignored,
            pixel_accuracy=_rounded(pixel_accuracy(self.counts)),
            mean_iou=_rounded(mean_iou(self.counts)),
            mean_accuracy=_rounded(mean_accuracy(self.counts)),
            classes=tuple(
                ClassScore(name=name, pixels=int(pixels), iou=_rounded(iou), accuracy=_rounded(accuracy))
                for name, pixels, iou, accuracy in rows
            ),
        )


def _rounded(share: float) -> float | None:
    return None if np.isnan(share) else round(float(share), 4)
