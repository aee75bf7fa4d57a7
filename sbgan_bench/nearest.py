"""The generated images that lie nearest to training images, beside them: memorisation for people who look."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.features import FeatureSource
from sbgan_bench.metric import FEATURES, Features
from sbgan_bench.metrics.memorisation import memorisation
from sbgan_bench.pictures import enlarge, sheet
from sbgan_bench.protocol import images_of
from sbgan_bench.scoring import Yardstick

#: Pairs on the picture, and in one row of it.
PAIRS, ACROSS = 24, 4
#: Small images are enlarged by a whole factor to about this height.
_HEIGHT = 96
#: Pixels between the two images of a pair, and between pairs.
_LINE, _GAP = 2, 12


def nearest_sheet(
    yardstick: Yardstick,
    features: Features,
    generated: FeatureSource,
    train: FeatureSource,
    places: Sequence[int] | None = None,
) -> NDArray[np.uint8]:
    """Return a picture ``(H, W, 3)`` of the pairs, the nearest first: generated left, training image right.

    Args:
        yardstick: With features of the training images, by a protocol that looks at images: it says what is near.
        features: ``(N, dim)`` of the generated images.
        generated: The generated images.
        train: The training images.
        places: Where in ``generated`` the image behind each row of ``features`` is; None: in the same order.
    """
    assert yardstick.train is not None
    block = yardstick.info.block(FEATURES)
    found = memorisation(yardstick.pool[:, block], features[:, block], yardstick.train[:, block])

    def image(source: FeatureSource, place: int) -> NDArray[np.uint8]:
        return images_of(source.scenes(place, place + 1), yardstick.info.name)

    pairs = []
    for row in np.argsort(found.distances, kind="stable")[:PAIRS].tolist():
        place = row if places is None else places[row]
        pairs.append(_side_by_side(image(generated, place), image(train, int(found.nearest[row]))))
    rows = [np.concatenate(pairs[start : start + ACROSS]) for start in range(0, len(pairs), ACROSS)]
    return sheet(rows, gap=_GAP)


def _side_by_side(drawn: NDArray[np.uint8], near: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return two images as one, enlarged, with a thin white line between them."""
    factor = max(1, round(_HEIGHT / drawn.shape[2]))
    line = np.full((1, 3, drawn.shape[2] * factor, _LINE), 255, np.uint8)
    return np.concatenate([enlarge(drawn, factor), line, enlarge(near, factor)], axis=3)
