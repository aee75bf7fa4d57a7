"""The contract of a metric: a plain function of two feature arrays, and what a reader must know of it."""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

#: (N, D) features, one row per image; computed in float64 whatever the input.
Features: TypeAlias = NDArray[np.floating[Any]]


class Better(enum.StrEnum):
    """Which direction is good."""

    LOWER = "lower"
    HIGHER = "higher"


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """A registered metric."""

    name: str  #: as registered
    title: str  #: as printed
    better: Better
    source: str  #: paper and equation, or repository
    compute: Callable[[Features, Features], float]  #: (real, generated) -> value
