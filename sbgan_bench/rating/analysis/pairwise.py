"""Differences between the cells of one dataset: t tests, adjusted by Holm for all pairs that were tested."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from scipy.special import stdtr

from sbgan_bench.comparing.holm import ALPHA, holm
from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.difference import SharedRaters, difference_variance
from sbgan_bench.rating.analysis.findings import PairFinding
from sbgan_bench.rating.analysis.intervals import FEW_RATERS, quantile


@dataclass(frozen=True, slots=True)
class NamedCell:
    """A rated cell and what it is called."""

    cell: int
    model: str
    ratings: CellRatings


def compare_cells(dataset: str, cells: Sequence[NamedCell]) -> tuple[PairFinding, ...]:
    """Compare every two cells of a dataset; p is adjusted by Holm over all pairs that can be tested.

    Args:
        dataset: Its name.
        cells: Those that were rated.
    """
    pairs = [_compare(dataset, one, other) for one, other in combinations(cells, 2)]
    tested = [index for index, pair in enumerate(pairs) if pair.p is not None]
    adjusted = holm([pair.p for pair in pairs if pair.p is not None])
    for index, p_holm in zip(tested, adjusted, strict=True):
        pairs[index] = replace(pairs[index], p_holm=p_holm, rejected=p_holm <= ALPHA)
    return tuple(pairs)


def _compare(dataset: str, one: NamedCell, other: NamedCell) -> PairFinding:
    first, second = one.ratings, other.ratings
    shared = SharedRaters.of(first, second)
    difference = float(first.scores.mean() - second.scores.mean())
    untested = PairFinding(
        dataset=dataset, first=one.cell, second=other.cell, model_first=one.model, model_second=other.model,
        difference=difference, low=None, high=None, standard_error=None, freedom=None, t=None, p=None, p_holm=None,
        rejected=False, shared_raters=len(shared),
    )  # fmt: skip
    variance = difference_variance(first, second, shared)
    if variance is None:
        return replace(untested, note="no test: a single rater, a single image, or a single score in both cells")
    error = math.sqrt(variance.value)
    half, t = quantile(variance.freedom) * error, difference / error
    return replace(
        untested, low=difference - half, high=difference + half, standard_error=error, freedom=variance.freedom, t=t,
        p=2 * float(stdtr(variance.freedom, -abs(t))), note=_caution(one, other),
        rater_covariance=shared.covariance(first, second),
    )  # fmt: skip


def _caution(*pair: NamedCell) -> str:
    same = [f"every rating of {cell.model} is the same" for cell in pair if np.ptp(cell.ratings.scores) == 0]
    fewest = min(cell.ratings.n_raters for cell in pair)
    few = [f"{fewest} raters only: a test with so few is rough"] if fewest < FEW_RATERS else []
    return "; ".join(same + few)
