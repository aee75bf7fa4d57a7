"""The contract of a metric: a plain function of feature arrays, and what a reader must know of it."""

import enum
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: (N, D) features, one row per scene; computed in float64 whatever the input.
Features: TypeAlias = NDArray[np.floating[Any]]

#: The block of a feature vector that most metrics read.
FEATURES = "features"


class Better(enum.StrEnum):
    """Which direction is good."""

    LOWER = "lower"
    HIGHER = "higher"


def _no_caution(*sets: Features) -> str:
    del sets
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A registered metric.

    ``compute`` and ``caution`` take the reals, the generated and, where ``uses_train`` says so, the features of the
    images that models were trained on: arrays of the block that ``reads`` names.
    """

    name: str  #: as registered
    title: str  #: as printed
    better: Better
    source: str  #: paper and equation, or repository
    compute: Callable[..., float]  #: (real, generated[, train]) -> value
    reads: str = FEATURES  #: name of the block of features; only protocols that have it can be measured by
    uses_train: bool = False  #: whether a third array is needed
    least: int = 2  #: the fewest images on either side that it can be computed from
    fits_covariance: bool = False  #: whether it fits one, so that N at or below the dimension biases it
    ranks: bool = True  #: whether a better value speaks for a model; no value is bold where it does not
    caution: Callable[..., str] = _no_caution  #: as ``compute``: why this value may not be ranked, "" if it may

    def applies(self, blocks: Collection[str], *, train: bool) -> bool:
        """Whether it can be computed from features with these blocks, with the training images at hand or without."""
        return self.reads in blocks and (train or not self.uses_train)
