"""Euclidean distances between rows of features: by matrix products, a block at a time, so memory stays bounded.

``|x − y|² = |x|² + |y|² − 2 x·y`` loses digits where two rows lie close together. Such pairs are computed again from
their difference, so copies are at distance 0 exactly and every other distance is right to about ``TIE``.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.distance import cdist

_Array = NDArray[np.float64]

#: Rows compared with all others at a time.
BLOCK = 512
#: Two images nearer than this share of the reals' median nearest-neighbour distance count as one.
SAME = 0.1
#: Distances whose ratio is this close to 1 are equal but for rounding.
TIE = 1e-9
#: Squared distances below this share of the squared lengths are computed again from differences.
_CANCELLED = 1e-4
#: Where more than this share of a block is computed again, all of it is.
_MOST_AGAIN = 0.05


def distance_blocks(rows: _Array, others: _Array) -> Iterator[tuple[slice, _Array]]:
    """Yield (which rows, their distances to all others), block by block.

    Args:
        rows: ``(N, D)``.
        others: ``(M, D)``.

    Yields:
        A slice of at most ``BLOCK`` rows and an array ``(len, M)`` that the caller may change.
    """
    centre = others.mean(axis=0)
    near, far = rows - centre, others - centre
    lengths = np.einsum("nd,nd->n", near, near), np.einsum("md,md->m", far, far)
    for start in range(0, len(rows), BLOCK):
        part = slice(start, min(start + BLOCK, len(rows)))
        yield part, _distances(near[part], far, lengths[0][part, None] + lengths[1])


def nearest(rows: _Array, others: _Array) -> tuple[_Array, NDArray[np.intp]]:
    """Return, for each of ``rows``, the distance ``(N,)`` to the nearest of ``others`` and its index ``(N,)``."""
    distances, indices = np.empty(len(rows)), np.empty(len(rows), np.intp)
    for part, block in distance_blocks(rows, others):
        indices[part] = block.argmin(axis=1)
        distances[part] = block.min(axis=1)
    return distances, indices


def to_neighbour(rows: _Array, k: int = 1) -> _Array:
    """Return the distance ``(N,)`` of each row to its k-th nearest other row; N > k."""
    result = np.empty(len(rows))
    for part, block in distance_blocks(rows, rows):
        _leave_out_selves(part, block)
        result[part] = np.partition(block, k - 1, axis=1)[:, k - 1]
    return result


def have_earlier_copies(rows: _Array, radius: float) -> NDArray[np.bool_]:
    """Return, for each row, whether an earlier row lies within ``radius``."""
    result = np.empty(len(rows), np.bool_)
    for part, block in distance_blocks(rows, rows):
        earlier = np.arange(len(rows)) < np.arange(len(rows))[part, None]
        result[part] = ((block <= radius) & earlier).any(axis=1)
    return result


def _leave_out_selves(part: slice, block: _Array) -> None:
    count = len(block)
    block[np.arange(count), np.arange(part.start, part.start + count)] = np.inf


def _distances(rows: _Array, others: _Array, lengths: _Array) -> _Array:
    """Return ``(N, M)`` distances; ``lengths`` is the sum of the squared lengths of each pair."""
    squares: _Array = lengths - 2 * (rows @ others.T)
    first, second = np.nonzero(squares <= _CANCELLED * lengths)
    if len(first) > _MOST_AGAIN * squares.size:
        return np.asarray(cdist(rows, others))
    at_once = max(1, BLOCK * BLOCK // rows.shape[1])
    for start in range(0, len(first), at_once):
        pairs = first[start : start + at_once], second[start : start + at_once]
        squares[pairs] = np.sum((rows[pairs[0]] - others[pairs[1]]) ** 2, axis=1)
    return np.sqrt(squares)
