"""The contract of what a cell's images are chosen from."""

import abc
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import Resolution
from sbgan_bench.rating.study import CellIdentity


class AbstractCellImages(abc.ABC):
    """Images of one cell, numbered from 0, all of one size."""

    name: str  #: of the cell, in messages
    identity: CellIdentity
    size: Resolution  #: of every image, before it is brought to the display size
    available: int | None  #: how many there are; None without end
    sampled: bool  #: whether a network draws them: work, which nothing that can be checked waits for
    place: str  #: where they come from, in messages

    @abc.abstractmethod
    def read(self, members: Sequence[int], device: str) -> Iterator[NDArray[np.uint8]]:
        """Yield some of them as ``(H, W, 3)`` RGB, in the order asked for.

        Args:
            members: Their numbers.
            device: Where a network runs, if one draws them.

        Raises:
            DataError: One cannot be read.
        """

    @abc.abstractmethod
    def source(self, member: int) -> str:
        """Return where one of them comes from, for the owner alone: "member 17: 0017.png"."""
