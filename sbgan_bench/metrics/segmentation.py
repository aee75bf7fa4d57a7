"""How well images show their layouts, from the counts of a segmenter: mean IoU, pixel accuracy, weighted IoU.

What is scored are the generated images against the layouts they belong to; the reals only tell whether those layouts
are as hard as real ones.
"""

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sbgan_bench import confusion
from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import checked

#: Name of the block that holds ``(N, K²)`` counts of pixels: row = class of the layout, column = class that is seen.
CONFUSION = "confusion"
#: Share of the reals' pixels from which on a class that the layouts of generated scenes lack makes their task easier.
LEAST_SHARE = 1e-3


def mean_iou(real: Features, generated: Features) -> float:
    """Return the mean over classes of the intersection over union, pixels of all generated scenes taken together.

    Classes without a pixel in the layouts of the generated scenes are left out of the mean; pixels that are taken for
    one of them still count against their own class.

    Args:
        real: ``(N, K²)`` counts of real scenes, N ≥ 2; they do not enter the value.
        generated: ``(M, K²)`` counts of generated scenes, M ≥ 2.

    Returns:
        A number in [0, 1].

    Raises:
        BenchError: Too few rows, no counts of K × K classes, or not a single labelled pixel.
    """
    return _value(confusion.mean_iou, real, generated)


def pixel_accuracy(real: Features, generated: Features) -> float:
    """Return the share of labelled pixels of generated scenes that show the class of their layout.

    Arguments, result and errors are those of ``mean_iou``.
    """
    return _value(confusion.pixel_accuracy, real, generated)


def frequency_weighted_iou(real: Features, generated: Features) -> float:
    """Return the intersection over union of the classes, weighted by their pixels in the layouts.

    Arguments, result and errors are those of ``mean_iou``.
    """
    return _value(confusion.frequency_weighted_iou, real, generated)


def easier_layouts(real: Features, generated: Features) -> str:
    """Return which classes of the reals the layouts of generated scenes lack, "" if none.

    Values of such a set may not be ranked: a model that draws nothing but sky has an easy task. Classes that cover
    less than ``LEAST_SHARE`` of the reals' pixels may be missing by chance and are passed over.
    """
    reals, ours = (_summed(counts).sum(axis=1) for counts in checked(real, generated))
    lacking = np.flatnonzero((reals > LEAST_SHARE * reals.sum()) & (ours == 0))
    if not lacking.size:
        return ""
    share = 100 * reals[lacking].sum() / reals.sum()
    return (
        f"the layouts lack class{'es' if lacking.size > 1 else ''} {', '.join(map(str, lacking))}, {share:.2g} % of "
        "the reals' pixels: an easier task"
    )


def _value(share: Callable[[confusion.Counts], float], real: Features, generated: Features) -> float:
    value = share(_summed(checked(real, generated)[1]))
    if math.isnan(value):
        raise BenchError("The layouts of the generated scenes have no labelled pixel: there is nothing to compare.")
    return value


def _summed(rows: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return ``(K, K)`` counts of all scenes together; exact, since every count is a whole number."""
    classes = math.isqrt(rows.shape[1])
    if classes**2 != rows.shape[1] or (rows < 0).any() or (rows != np.floor(rows)).any():
        raise BenchError(
            f"{rows.shape[1]} features per scene are no counts of pixels by K x K classes: use features of the "
            "segmentation protocol."
        )
    total: NDArray[np.int64] = rows.sum(axis=0).astype(np.int64).reshape(classes, classes)
    return total


_SETTING = "classes absent from the layouts left out; Park et al. 2019 (SPADE), sec. 4; GAN-test: Shmelkov et al. 2018"

MEAN_IOU = Metric(
    name="mean-iou",
    title="mIoU",
    better=Better.HIGHER,
    source=f"mean over classes of intersection over union of all pixels, {_SETTING}",
    compute=mean_iou,
    reads=CONFUSION,
    caution=easier_layouts,
)

PIXEL_ACCURACY = Metric(
    name="pixel-accuracy",
    title="Pixel accuracy",
    better=Better.HIGHER,
    source="share of labelled pixels that a segmenter sees as their layout says; Park et al. 2019 (SPADE), sec. 4; "
    "GAN-test: Shmelkov et al. 2018",
    compute=pixel_accuracy,
    reads=CONFUSION,
    caution=easier_layouts,
)

FREQUENCY_WEIGHTED_IOU = Metric(
    name="frequency-weighted-iou",
    title="fwIoU",
    better=Better.HIGHER,
    source="intersection over union weighted by the classes' pixels; Long, Shelhamer & Darrell 2015, sec. 5",
    compute=frequency_weighted_iou,
    reads=CONFUSION,
    caution=easier_layouts,
)
