"""Mean and covariance of features that somebody else extracted: what pytorch-fid, clean-fid and TTUR keep of a set."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import DataError
from sbgan_bench.image_sets.members import Member, array_names, find_member

MEAN, COVARIANCE = "mu", "sigma"
#: Feature vectors are not longer than this; a file that says so is damaged or made to fill the memory.
_MOST_DIMENSIONS = 16_384
#: How far a covariance may be from symmetric, relative to its greatest entry: what float32 sums leave.
_ASYMMETRY = 1e-4


@dataclass(frozen=True, slots=True)
class Statistics:
    """A Gaussian fitted to features. How many images there were, and which protocol it was, nobody wrote down."""

    mu: NDArray[np.float64]  #: (D,)
    sigma: NDArray[np.float64]  #: (D, D), symmetric

    @property
    def dim(self) -> int:
        """Length of a feature vector."""
        return len(self.mu)


def open_statistics(path: Path) -> Statistics:
    """Read the arrays ``mu`` and ``sigma`` of an ``.npz`` file.

    Raises:
        DataError: They are missing or damaged, do not fit together, or cannot be a mean and a covariance.
    """
    known = array_names(path)
    missing = [name for name in (MEAN, COVARIANCE) if name not in known]
    if missing:
        raise DataError(
            f"{path} has no array {missing[0]!r}, but {', '.join(known) or 'none at all'}; expected {MEAN!r} (D,) and "
            f"{COVARIANCE!r} (D, D), as pytorch-fid and clean-fid write them."
        )
    members = [find_member(path, name) for name in (MEAN, COVARIANCE)]
    mean, covariance = (member.shape for member in members)
    if len(mean) != 1 or covariance != (*mean, *mean) or not 1 <= mean[0] <= _MOST_DIMENSIONS:
        raise DataError(
            f"In {path}, {MEAN!r} has shape {mean} and {COVARIANCE!r} {covariance}; expected (D,) and (D, D), D at "
            f"most {_MOST_DIMENSIONS}."
        )
    mu, sigma = (_numbers(member) for member in members)
    if np.any(np.abs(sigma - sigma.T) > _ASYMMETRY * np.abs(sigma).max()) or np.any(np.diagonal(sigma) < 0):
        raise DataError(f"{COVARIANCE!r} in {path} is not symmetric with variances of at least 0: no covariance.")
    return Statistics(mu, (sigma + sigma.T) / 2)


def _numbers(member: Member) -> NDArray[np.float64]:
    if member.dtype.kind != "f":
        raise DataError(f"{member.name!r} in {member.path} is {member.dtype}, expected floating-point numbers.")
    array: NDArray[Any] = np.frombuffer(b"".join(member.pieces()), member.dtype).reshape(member.shape)
    if not np.isfinite(array).all():
        raise DataError(f"{member.name!r} in {member.path} holds NaN or infinite numbers; make the file again.")
    return array.astype(np.float64)
