"""A metric of rows chosen from one pool of generated features: what every relabelling of two sets asks for, twice.

What does not depend on the labels (kernels, products with the reals' features) is computed once for the pool, so that
a replicate is a matter of indices.
"""

import abc
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias, final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.metric import Features

#: A two-set metric: (real, generated) -> value.
Compute: TypeAlias = Callable[[Features, Features], float]

#: (N,) indices into the rows of a pool.
Rows: TypeAlias = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value that was computed quickly, and how far off it can be."""

    value: float
    error: float  #: the exact value lies within this of ``value``


class AbstractPooledMetric(abc.ABC):
    """A metric between fixed reals and any rows of a fixed pool."""

    @abc.abstractmethod
    def exact(self, rows: Rows) -> float:
        """Return what the plain metric gives for these rows, up to rounding."""

    @abc.abstractmethod
    def quick(self, rows: Rows) -> Estimate:
        """Return the same by the fastest way, with a bound of its error."""

    @property
    @abc.abstractmethod
    def scale(self) -> float:
        """Size of the terms that ``exact`` adds and subtracts, to which its rounding is proportional; 0 if unknown."""


@final
@dataclass(frozen=True, slots=True)
class PooledAny(AbstractPooledMetric):
    """Any metric at all, computed from the features again for every choice of rows."""

    compute: Compute
    reference: Features
    pool: Features

    def exact(self, rows: Rows) -> float:
        """Return the metric of these rows."""
        return float(self.compute(self.reference, self.pool[rows]))

    def quick(self, rows: Rows) -> Estimate:
        """Return the same: nothing is known that would be quicker."""
        return Estimate(self.exact(rows), 0.0)

    @property
    def scale(self) -> float:
        """Unknown."""
        return 0.0
