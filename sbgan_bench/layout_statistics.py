"""What a label map is made of: plain functions of one layout, in numbers that do not depend on its size.

Enlarging a layout by nearest neighbour, by one whole factor for both sides, changes none of them beyond rounding:
areas are shares of the pixels, borders are shares of their whole length, cells are cut through pixels where they must
be, and pieces are counted. Unlabelled pixels have a class of their own and are treated like any other, since
generators draw them too.
"""

import functools
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

#: Rows and columns of the grid over a layout, whatever its shape.
GRID = 8


@dataclass(frozen=True, slots=True)
class Components:
    """The connected pieces of each class in one layout."""

    counts: NDArray[np.float64]  #: (K,) number of pieces; 0 where the class is absent
    sizes: NDArray[np.float64]  #: (K,) their mean size as a share of the layout; 0 where the class is absent


def class_areas(layout: NDArray[np.uint8], classes: int) -> NDArray[np.float64]:
    """Return the share of the pixels that each class has.

    Args:
        layout: ``(h, w)`` class ids below ``classes``; so for all functions here.
        classes: K, the number of classes.

    Returns:
        ``(K,)`` numbers ≥ 0 whose sum is 1.
    """
    return np.bincount(layout.ravel(), minlength=classes) / layout.size


def border_shares(layout: NDArray[np.uint8], classes: int) -> NDArray[np.float64]:
    """Return how the length of all borders between different classes is shared out among pairs of classes.

    A border is a side that two pixels of different classes have in common (Haralick et al. 1973, "Textural features
    for image classification": their co-occurrence matrix at distance 1, horizontal and vertical, less its diagonal).
    A layout of one class has no border; it counts as bordering on itself, so that the sum is always 1.

    Returns:
        ``(K (K + 1) / 2,)`` numbers ≥ 0 whose sum is 1: the upper triangle of the symmetric table, row by row.
    """
    counts = np.zeros(classes * classes, np.int64)
    for one, other in ((layout[:, :-1], layout[:, 1:]), (layout[:-1], layout[1:])):
        border = one != other
        counts += np.bincount(one[border].astype(np.intp) * classes + other[border], minlength=len(counts))
    table = counts.reshape(classes, classes)
    shares: NDArray[np.float64] = (table + table.T)[_upper_triangle(classes)].astype(np.float64)
    if not shares.any():
        return _alone(int(layout[0, 0]), classes)
    shares /= shares.sum()
    return shares


def grid_shares(layout: NDArray[np.uint8], classes: int) -> NDArray[np.float64]:
    """Return the share of each class in each cell of a grid of ``GRID`` × ``GRID`` equal cells.

    A pixel that lies in several cells counts in each by the part that lies there.

    Returns:
        ``(GRID, GRID, K)`` numbers ≥ 0 whose sum over classes is 1.
    """
    height, width = layout.shape
    rows, columns = _pieces(height), _pieces(width)
    cells = rows.cell[:, None] * GRID + columns.cell
    areas = np.multiply.outer(rows.extent, columns.extent)
    codes = cells * classes + layout[rows.pixel[:, None], columns.pixel]
    sums = np.bincount(codes.ravel(), weights=areas.ravel(), minlength=GRID * GRID * classes)
    shares: NDArray[np.float64] = sums.reshape(GRID, GRID, classes) / (height * width)
    return shares


def components(layout: NDArray[np.uint8], classes: int) -> Components:
    """Count the connected pieces of each class: pixels of one class joined by sides, not by corners.

    Every piece counts, single pixels too: speckle is a fault that a layout generator may have.
    """
    starts = np.ones(layout.shape, np.bool_)  # where a run of one class begins in its row
    np.not_equal(layout[:, 1:], layout[:, :-1], out=starts[:, 1:])
    run = np.cumsum(starts.ravel(), dtype=np.int32).reshape(layout.shape) - 1
    # Two runs of adjacent rows that overlap do so from the first pixel of one of them on.
    joined = (layout[1:] == layout[:-1]) & (starts[1:] | starts[:-1])
    above, below = run[:-1][joined], run[1:][joined]
    runs = int(run[-1, -1]) + 1
    graph = coo_array((np.ones(len(above), np.int8), (above, below)), shape=(runs, runs))
    number, piece = connected_components(graph, directed=False)
    owner = np.empty(number, np.uint8)
    owner[piece] = layout[starts]
    counts = np.bincount(owner, minlength=classes).astype(np.float64)
    return Components(counts, class_areas(layout, classes) / np.maximum(counts, 1))


@functools.cache
def _upper_triangle(classes: int) -> NDArray[np.bool_]:
    return np.triu(np.ones((classes, classes), np.bool_))


def _alone(label: int, classes: int) -> NDArray[np.float64]:
    """Return the border shares of a layout of one class."""
    table = np.zeros((classes, classes))
    table[label, label] = 1
    return table[_upper_triangle(classes)]


@dataclass(frozen=True, slots=True)
class _Pieces:
    """One side of a layout, cut at the edges of its pixels and of the grid's cells."""

    pixel: NDArray[np.int64]  #: which pixel each piece belongs to
    cell: NDArray[np.int64]  #: which cell it lies in
    extent: NDArray[np.int64]  #: its extent; that of a cell is the number of pixels of the side


@functools.lru_cache(maxsize=64)
def _pieces(pixels: int) -> _Pieces:
    cuts = np.union1d(np.arange(pixels + 1) * GRID, np.arange(GRID + 1) * pixels)
    return _Pieces(cuts[:-1] // GRID, cuts[:-1] // pixels, np.diff(cuts))
