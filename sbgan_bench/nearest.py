"""The generated images that lie nearest to training images, beside them: memorisation for people who look."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.metrics.memorisation import Memorisation
from sbgan_bench.pictures import enlarge, sheet

#: Pairs on the picture, and in one row of it.
PAIRS, ACROSS = 24, 4
#: Small images are enlarged by a whole factor to about this height.
_HEIGHT = 96
#: Pixels between the two images of a pair, and between pairs.
_LINE, _GAP = 2, 12

#: From a place in a set to its image, (1, 3, H, W) uint8.
Fetch = Callable[[int], NDArray[np.uint8]]


def nearest_sheet(found: Memorisation, generated: Fetch, train: Fetch) -> NDArray[np.uint8]:
    """Return a picture ``(H, W, 3)`` of the pairs, the nearest first: generated left, training image right.

    Args:
        found: Which training image is nearest to each generated one, and how near.
        generated: Fetches a generated image.
        train: Fetches a training image.
    """
    order = np.argsort(found.distances, kind="stable")[:PAIRS]
    pairs = [_side_by_side(generated(int(index)), train(int(found.nearest[index]))) for index in order]
    rows = [np.concatenate(pairs[start : start + ACROSS]) for start in range(0, len(pairs), ACROSS)]
    return sheet(rows, gap=_GAP)


def _side_by_side(drawn: NDArray[np.uint8], near: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return two images as one, enlarged, with a thin white line between them."""
    factor = max(1, round(_HEIGHT / drawn.shape[2]))
    line = np.full((1, 3, drawn.shape[2] * factor, _LINE), 255, np.uint8)
    return np.concatenate([enlarge(drawn, factor), line, enlarge(near, factor)], axis=3)
