"""Memorisation: whether generated images lie nearer to the training images than held-out reals do.

A nearest-neighbour distance ratio, train against held-out. The training set is often the larger and therefore nearer
for everyone, so each ratio is judged against the reals' own: their distance to the training images over that to the
nearest other held-out real. All training images are searched; a subset of them would hide most copies.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import checked_with_train
from sbgan_bench.metrics.chance import SIGNIFICANT, at_most
from sbgan_bench.metrics.distances import SAME, have_earlier_copies, nearest, to_neighbour

_Array = NDArray[np.float64]

#: An image counts as a copy if it is nearer to the training images than all but this share of the held-out reals.
COPIED = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Memorisation:
    """How near generated images lie to training images, judged by how near held-out reals do."""

    ratio: (
        float  #: median of train over held-out distance, over the reals' median; about 1 for fresh images, 0 = copies
    )
    copied: float  #: share of generated images that count as copies; about ``COPIED`` or less if fresh
    quantile: float  #: share of the held-out reals that are farther from the training images than any copy
    chance: float  #: probability of as many copies or more among fresh images; near-copies of each other count once
    nearest: NDArray[np.intp]  #: ``(M,)`` index of the nearest training image of each generated one
    distances: _Array  #: ``(M,)`` distance to it


def memorisation(real: Features, generated: Features, train: Features) -> Memorisation:
    """Compare the distances of generated images and of held-out reals to the training images.

    A generated image counts as a copy if both its distance to the nearest training image and the ratio of this to the
    distance to the nearest held-out real are below the ``COPIED`` quantile of the held-out reals. The second keeps
    images apart that are near to everything, such as blurred ones. Where a held-out real lies nearer than ``SAME``
    allows, it counts as being just there, so that no ratio is infinite.

    Args:
        real: ``(N, D)`` features of held-out reals of the distribution of the training images, N ≥ 2.
        generated: ``(M, D)`` features, M ≥ 2.
        train: ``(T, D)`` features of the training images, T ≥ 2.

    Returns:
        The ratio, the copies and the nearest pairs. The ratio is about 1 for fresh images of the same distribution;
        images far away from both sets read somewhat more if there are more training images than held-out ones.

    Raises:
        BenchError: Too few rows, different dimensions, NaN or infinite values, or held-out reals of which half or more
            are copies of each other or of training images.
    """
    real, generated, train = checked_with_train(real, generated, train)
    between = to_neighbour(real)
    least = SAME * float(np.median(between))
    if least == 0:
        raise _no_reference(len(real), "one another")
    to_train, (distances, indices) = nearest(real, train)[0], nearest(generated, train)
    expected = to_train / np.maximum(between, least)
    found = distances / np.maximum(nearest(generated, real)[0], least)
    if np.median(expected) == 0:
        raise _no_reference(len(real), "training images")
    rank = max(1, round(COPIED * len(real)))
    copied = (distances < _smallest(to_train, rank)) & (found < _smallest(expected, rank))
    return Memorisation(
        ratio=float(np.median(found) / np.median(expected)),
        copied=float(copied.mean()),
        quantile=1 - rank / len(real),
        chance=_chance(copied[~have_earlier_copies(generated, least)], rank, len(real)),
        nearest=indices,
        distances=distances,
    )


def _no_reference(count: int, twins: str) -> BenchError:
    return BenchError(
        f"Half or more of the {count} held-out real images are copies of {twins}: "
        "memorisation needs held-out reals of their own."
    )


def _smallest(values: _Array, rank: int) -> float:
    """Return the rank-th smallest value."""
    return float(np.partition(values, rank - 1)[rank - 1])


def _chance(copied: NDArray[np.bool_], rank: int, reals: int) -> float:
    """Return the probability that this many fresh images or more come before the rank-th nearest of the reals.

    Fresh images and held-out reals are exchangeable, so all orders are equally likely: the images come first just if
    fewer than ``rank`` reals are among as many of the first, they included. Exact, whatever the distribution.
    """
    hits, total = int(copied.sum()), reals + len(copied)
    return at_most(rank - 1, marked=reals, drawn=hits + rank - 1, total=total) if hits else 1.0


def _value(real: Features, generated: Features, train: Features) -> float:
    return memorisation(real, generated, train).ratio


def _caution(real: Features, generated: Features, train: Features) -> str:
    """Say which share lies too near to the training images, where it is more than chance would bring there."""
    found = memorisation(real, generated, train)
    if found.chance >= SIGNIFICANT:
        return ""
    return (
        f"memorised: {100 * found.copied:.0f} % of the generated images lie nearer to a training image "
        f"than {100 * found.quantile:.0f} % of the held-out reals do"
    )


METRIC = Metric(
    name="memorisation",
    title="Memorisation ratio",
    better=Better.HIGHER,
    source="median of nearest-neighbour distance to train over that to held-out reals, relative to the reals' own",
    compute=_value,
    uses_train=True,
    ranks=False,
    caution=_caution,
)
