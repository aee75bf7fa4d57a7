"""The ratings of one cell, as arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sbgan_bench.errors import DataError

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class CellRatings:
    """``n`` ratings of ``I`` images by ``J`` raters, at most one of each image by each rater."""

    scores: Floats  #: (n,)
    image: Codes  #: (n,) 0 to I - 1
    rater: Codes  #: (n,) 0 to J - 1
    raters: NDArray[Any]  #: (J,) who they are, sorted
    per_image: Codes  #: (I,) ratings of each image; >= 1
    per_rater: Codes  #: (J,) ratings by each rater; >= 1

    @classmethod
    def of(cls, scores: ArrayLike, images: ArrayLike, raters: ArrayLike) -> "CellRatings":
        """Build from labels of any kind, one of each per rating.

        Raises:
            DataError: A rater scored an image twice: repeats do not belong here.
        """
        _, image, per_image = np.unique(np.asarray(images), return_inverse=True, return_counts=True)
        people, rater, per_rater = np.unique(np.asarray(raters), return_inverse=True, return_counts=True)
        if len(np.unique(image * max(len(people), 1) + rater)) < len(image):
            raise DataError("A rater has two ratings of one image; leave repeats out of the ratings of a cell.")
        return cls(np.asarray(scores, np.float64), image, rater, people, per_image, per_rater)

    def __len__(self) -> int:
        return len(self.scores)

    @property
    def n_images(self) -> int:
        """Return I."""
        return len(self.per_image)

    @property
    def n_raters(self) -> int:
        """Return J."""
        return len(self.per_rater)

    @property
    def weights(self) -> Floats:
        """Return what the image, rater and residual variance count for in the variance of the mean, (3,).

        Var(mean of ratings) = s_image² Σ(n_i/n)² + s_rater² Σ(m_j/n)² + s_residual²/n, with n_i ratings of image i and
        m_j ratings by rater j.
        """
        n = len(self)
        return np.array([(self.per_image**2).sum() / n**2, (self.per_rater**2).sum() / n**2, 1 / n])
