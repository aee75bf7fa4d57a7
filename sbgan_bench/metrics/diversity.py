"""Diversity of a set of images relative to the reals, and what is wrong with it: collapse, duplicates, copies."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import checked
from sbgan_bench.metrics.chance import SIGNIFICANT, at_least
from sbgan_bench.metrics.distances import SAME, distance_blocks, have_earlier_copies, nearest, to_neighbour

#: Below this share of the reals' diversity a set counts as collapsed.
LEAST_DIVERSITY = 0.5
#: Below this share of the reals' distinct images a set counts as collapsed.
LEAST_DISTINCT = 0.5
#: A generated image nearer to a real one than this share of the reals' median nearest-neighbour distance is a copy.
IDENTICAL = 1e-3
#: From this share of copies of the reals on a set counts as copied.
COPIED = 0.05


@dataclass(frozen=True, slots=True)
class Variety:
    """How varied a set of generated images is."""

    diversity: float  #: mean pairwise distance over that of the reals
    distinct: int  #: images that are no near copy of an earlier one
    total: int
    copied_reals: int  #: images that are one of the reals
    collapse: str  #: why the set counts as collapsed, for readers of a table; "" if it does not
    duplicates: str  #: how many are copies of others, if clearly more than among the reals; "" if not
    reals: str  #: how many are copies of the reals that they are compared with; "" if none


def diversity(real: Features, generated: Features) -> float:
    """Return the mean pairwise Euclidean distance of the generated features over that of the real ones.

    1 means as varied as the reals and 0 that all images are one. More than 1 is no merit in itself: noise is varied
    too, so read it beside a distance to the reals.

    Args:
        real: ``(N, D)`` features, N ≥ 2.
        generated: ``(M, D)`` features, M ≥ 2.

    Returns:
        A number ≥ 0.

    Raises:
        BenchError: Too few rows, different dimensions, NaN or infinite values, or reals that are all one image.
    """
    first, second = checked(real, generated)
    return _relative_diversity(first, second)


def variety(real: Features, generated: Features) -> Variety:
    """Measure diversity, count distinct images, and say what is wrong with the generated set.

    - It has collapsed if its diversity is below ``LEAST_DIVERSITY``, or if the share of its images that are no near
      copy of an earlier one is below ``LEAST_DISTINCT`` times that of the reals.
    - It holds duplicates if, of the near copies in both sets, it has more than its share of all pairs of images
      explains: a one-sided binomial test at ``SIGNIFICANT``.
    - Copies of the reals are images within ``IDENTICAL`` of one; a single one is named. From a share of ``COPIED`` on
      the set counts as copied, which no chance explains.

    Raises:
        BenchError: As ``diversity``.
    """
    first, second = checked(real, generated)
    relative = _relative_diversity(first, second)
    typical = float(np.median(to_neighbour(first)))
    known, copies = (int(have_earlier_copies(rows, SAME * typical).sum()) for rows in (first, second))
    taken = int((nearest(second, first)[0] <= IDENTICAL * typical).sum())
    total, distinct = len(second), len(second) - copies
    reasons = []
    if relative < LEAST_DIVERSITY:
        reasons.append(f"diversity {relative:.2g} of the reals', below {LEAST_DIVERSITY:g}")
    if distinct < LEAST_DISTINCT * (len(first) - known) * total / len(first):
        reasons.append(f"{distinct} distinct images among {total}")
    pairs = total * (total - 1), len(first) * (len(first) - 1)
    chance = at_least(copies, trials=known + copies, share=pairs[0] / sum(pairs))
    return Variety(
        diversity=relative,
        distinct=distinct,
        total=total,
        copied_reals=taken,
        collapse=f"collapsed: {' and '.join(reasons)}" if reasons else "",
        duplicates=_copies(copies, total, "others among them") if chance < SIGNIFICANT else "",
        reals=_copies_of_reals(taken, total),
    )


def variety_notes(real: Features, generated: Features) -> tuple[str, ...]:
    """Return all that is wrong with the variety of a generated set, for the notes of a result row.

    Collapse comes first, then duplicates, then copies of the reals.
    """
    found = variety(real, generated)
    return tuple(note for note in (found.collapse, found.duplicates, found.reals) if note)


def collapse_note(real: Features, generated: Features) -> str:
    """Return why the generated set counts as collapsed, for the notes of a result row; "" if it does not."""
    return variety(real, generated).collapse


def is_collapsed(real: Features, generated: Features) -> bool:
    """Return whether the generated set has collapsed (see ``variety`` for the rule and its thresholds)."""
    return bool(collapse_note(real, generated))


def _copies(count: int, total: int, of: str) -> str:
    return f"{count} of {total} generated images are copies of {of}"


def _copies_of_reals(count: int, total: int) -> str:
    if not count:
        return ""
    return ("copied: " if count >= COPIED * total else "") + _copies(count, total, "the reference reals")


def _relative_diversity(real: NDArray[np.float64], generated: NDArray[np.float64]) -> float:
    reference = _mean_distance(real)
    if reference == 0:
        raise BenchError(f"All {len(real)} real images have the same features: diversity needs varied reals.")
    return _mean_distance(generated) / reference


def _mean_distance(features: NDArray[np.float64]) -> float:
    count = len(features)
    total = sum(float(block.sum()) for _, block in distance_blocks(features, features))
    return total / (count * (count - 1))


METRIC = Metric(
    name="diversity",
    title="Diversity",
    better=Better.HIGHER,
    source="mean pairwise feature distance of the generated images over that of the reals; 1 = as varied",
    compute=diversity,
    ranks=False,
)
