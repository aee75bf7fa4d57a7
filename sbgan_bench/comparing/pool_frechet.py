"""The Fréchet distance of any rows of a pool to fixed reals.

As in ``sbgan_bench.metrics.frechet`` the trace of the square root is a nuclear norm: of the centred rows times the
reals' factor. That product is linear in the rows, so it is taken once for the whole pool (``(2N, min(M, D))``); a
choice of rows picks from it, centres, and takes singular values. Nothing of size D×D is formed where N < D.
"""

import math
from dataclasses import dataclass
from typing import Self, final

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from sbgan_bench.comparing.nuclear import contrasts, quick_nuclear_norm
from sbgan_bench.comparing.pool import AbstractPooledMetric, Estimate, Rows
from sbgan_bench.metric import Features
from sbgan_bench.metrics.arrays import checked

_Array = NDArray[np.float64]


@final
@dataclass(frozen=True, slots=True)
class PooledFrechet(AbstractPooledMetric):
    """What of the Fréchet distance does not depend on which rows are chosen."""

    shifted: _Array  #: (P, D) rows less the mean of the reals
    squares: _Array  #: (P,) squared length of each
    projected: _Array  #: (P, min(M − 1, D)) rows times the factor of the reals' covariance
    trace: float  #: of the reals' covariance

    @classmethod
    def of(cls, reference: Features, pool: Features) -> Self:
        """Prepare ``(M, D)`` reals and a pool of ``(P, D)`` rows.

        Raises:
            BenchError: As the distance itself.
        """
        real, rows = checked(reference, pool)
        shifted = rows - real.mean(axis=0)
        factor = contrasts(real) / math.sqrt(len(real) - 1)
        if len(factor) > factor.shape[1]:
            factor = np.asarray(np.linalg.qr(factor, mode="r"))
        return cls(shifted, np.sum(shifted**2, axis=1), shifted @ factor.T, float(np.sum(factor**2)))

    def exact(self, rows: Rows) -> float:
        """Return the distance by singular values in float64, which lose no digits."""
        norm = scipy.linalg.svdvals(self._cross(rows), overwrite_a=True, check_finite=False).sum()
        return max(0.0, self._moments(rows) - 2 * float(norm))

    def quick(self, rows: Rows) -> Estimate:
        """Return the distance by eigenvalues."""
        norm = quick_nuclear_norm(self._cross(rows))
        return Estimate(max(0.0, self._moments(rows) - 2 * norm.value), 2 * norm.error)

    @property
    def scale(self) -> float:
        """The traces that are set against the nuclear norm."""
        return self.trace + float(self.squares.mean())

    def _moments(self, rows: Rows) -> float:
        """Return ``|μ₁ − μ₂|² + tr Σ₁ + tr Σ₂``."""
        shift = self.shifted[rows].mean(axis=0)
        distance = float(shift @ shift)
        spread = (float(self.squares[rows].sum()) - len(rows) * distance) / (len(rows) - 1)
        return distance + spread + self.trace

    def _cross(self, rows: Rows) -> _Array:
        """Return a matrix whose nuclear norm is ``tr (Σ₁Σ₂)^½``."""
        return contrasts(self.projected[rows]) / math.sqrt(len(rows) - 1)
