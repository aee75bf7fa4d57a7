"""The kernel distance of any rows of a pool to fixed reals."""

from dataclasses import dataclass
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.comparing.pool import AbstractPooledMetric, Estimate, Rows
from sbgan_bench.metric import Features
from sbgan_bench.metrics.arrays import checked

_Array = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True)
class PooledKernel(AbstractPooledMetric):
    """Sums of kernels that do not depend on which rows are chosen.

    The unbiased squared maximum mean discrepancy (Gretton et al. 2012, eq. 3) with the kernel ``(x·y/D + 1)³`` of the
    kernel inception distance (Bińkowski et al. 2018, §4).
    """

    within: _Array  #: (P, P) kernel between rows of the pool, 0 on the diagonal
    across: _Array  #: (P,) mean kernel of each row with the reals
    reals: float  #: mean kernel of two different reals

    @classmethod
    def of(cls, reference: Features, pool: Features) -> Self:
        """Prepare ``(M, D)`` reals and a pool of ``(P, D)`` rows.

        Raises:
            BenchError: As the distance itself.
        """
        real, rows = checked(reference, pool)
        among = _kernel(real, real)
        within = _kernel(rows, rows)
        np.fill_diagonal(within, 0.0)
        count = len(real)
        reals = float(among.sum() - among.trace()) / (count * (count - 1))
        return cls(within, _kernel(rows, real).mean(axis=1), reals)

    def exact(self, rows: Rows) -> float:
        """Return the distance."""
        count = len(rows)
        chosen = np.zeros(len(self.across))
        chosen[rows] = 1.0
        pairs = float(chosen @ (self.within @ chosen))
        return self.reals + pairs / (count * (count - 1)) - 2 * float(self.across[rows].mean())

    def quick(self, rows: Rows) -> Estimate:
        """Return the same: it is sums of what is known."""
        return Estimate(self.exact(rows), 0.0)

    @property
    def scale(self) -> float:
        """The mean kernels that are set against each other."""
        return abs(self.reals) + float(np.abs(self.across).mean())


def _kernel(first: _Array, second: _Array) -> _Array:
    result: _Array = (first @ second.T / first.shape[1] + 1.0) ** 3
    return result
