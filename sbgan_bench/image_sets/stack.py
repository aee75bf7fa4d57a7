"""The contract of equally sized pictures that can be read a few at a time."""

import abc
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import Resolution


class AbstractStack(abc.ABC):
    """Images ``(N, 3, H, W)`` uint8 RGB, or label maps ``(N, h, w)`` uint8, all of one size."""

    size: Resolution  #: (height, width)
    formats: Mapping[str, int]  #: number of files of each format that changes pixels when saving, by its name

    @abc.abstractmethod
    def __len__(self) -> int:
        """Return the number of pictures."""

    @abc.abstractmethod
    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return pictures ``start`` to ``stop``, which are inside.

        Raises:
            DataError: One is damaged, or is not what it was when the set was opened.
        """

    @abc.abstractmethod
    def fingerprint(self) -> str:
        """Return a sha256 of all pictures, in order; computed once."""
