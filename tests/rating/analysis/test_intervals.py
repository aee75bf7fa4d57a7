"""Intervals of a mean: where they have a closed form, where there are none, and what they are never."""

import math

import numpy as np
import pytest
import scipy.stats
from rating.analysis.designs import full_cell, nested_cell, sparse_cell
from scipy.special import logit

from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.findings import Interval
from sbgan_bench.rating.analysis.intervals import FEW_RATERS, mean_interval, naive_interval
from sbgan_bench.rating.analysis.variance import EstimatedVariance


def reach_on_the_logit(interval: Interval) -> tuple[float, float]:
    """Return how far the ends lie from the estimate, as logits of their place on the scale."""
    assert interval.low is not None
    assert interval.high is not None
    low, middle, high = (logit((value - 1) / 3) for value in (interval.low, interval.estimate, interval.high))
    return float(middle - low), float(high - middle)


def test_with_images_of_their_own_it_is_the_t_interval_of_raters() -> None:
    scores = np.random.default_rng(0).integers(1, 5, (8, 5)).astype(float)
    interval = mean_interval(nested_cell(scores))
    error = scores.mean(axis=1).std(ddof=1) / math.sqrt(8)
    assert interval.standard_error == pytest.approx(error)
    assert interval.freedom == pytest.approx(7)
    place = (scores.mean() - 1) / 3
    expected = scipy.stats.t.ppf(0.975, 7) * error / (3 * place * (1 - place))
    assert reach_on_the_logit(interval) == pytest.approx((expected, expected))


@pytest.mark.parametrize("seed", range(3))
def test_turning_the_scale_around_turns_the_interval_around(seed: int) -> None:
    cell = sparse_cell(seed)
    there, back = mean_interval(cell), mean_interval(CellRatings.of(5 - cell.scores, cell.image, cell.rater))
    assert there.low is not None
    assert there.high is not None
    assert (back.low, back.high) == pytest.approx((5 - there.high, 5 - there.low))
    assert back.half_width == pytest.approx(there.half_width)


def test_it_stays_on_the_scale() -> None:
    scores = np.ones((40, 2))
    scores[:3, 0] = 4
    interval = mean_interval(full_cell(scores))
    assert interval.low is not None
    assert interval.high is not None
    assert 1 < interval.low < interval.estimate < interval.high < 4


def test_raters_who_differ_make_it_wider_than_the_naive_one() -> None:
    rng = np.random.default_rng(0)
    scores = np.clip(np.rint(2.5 + 0.7 * rng.standard_normal(8) + 0.5 * rng.standard_normal((50, 8))), 1, 4)
    cell = full_cell(scores)
    component, naive = mean_interval(cell).half_width, naive_interval(cell).half_width
    assert component is not None
    assert naive is not None
    assert component > 2 * naive


def test_the_naive_one_is_that_of_independent_draws() -> None:
    scores = [1, 2, 2, 4, 3, 1]
    interval = naive_interval(CellRatings.of(scores, [0, 0, 1, 1, 2, 2], [0, 1, 0, 1, 0, 1]))
    expected = scipy.stats.t.interval(0.95, 5, np.mean(scores), scipy.stats.sem(scores))
    assert (interval.low, interval.high) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scores", "images", "raters", "words"),
    [
        ([1, 2, 3], [0, 1, 2], [0, 0, 0], "a single rater: how raters differ cannot be known"),
        ([1, 2, 3], [0, 0, 0], [0, 1, 2], "a single image: how images differ cannot be known"),
        ([4, 4, 4, 4], [0, 0, 1, 1], [0, 1, 0, 1], "all 4 scores are 4: nothing to estimate a variance from"),
    ],
)
def test_where_there_is_none_it_says_why(scores: list[int], images: list[int], raters: list[int], words: str) -> None:
    interval = mean_interval(CellRatings.of(scores, images, raters))
    assert interval == Interval(float(np.mean(scores)), None, None, None, None, None, words)


def test_few_raters_are_a_note() -> None:
    scores = np.random.default_rng(0).integers(1, 5, (9, FEW_RATERS))
    assert mean_interval(full_cell(scores)).note == ""
    assert (
        mean_interval(full_cell(scores[:, 1:])).note == f"{FEW_RATERS - 1} raters only: an interval of so few is rough"
    )


def test_an_estimated_variance_is_never_below_what_images_alone_would_give() -> None:
    found = EstimatedVariance.of(unbiased=-0.1, expected=0.2, spread=0.01, least=0.05)
    assert found == EstimatedVariance(0.05, 2 * 0.2**2 / 0.01)
    assert EstimatedVariance.of(unbiased=-0.1, expected=0.2, spread=0.01, least=0.0).value == 0.2
    assert EstimatedVariance.of(unbiased=0.1, expected=0.1, spread=1.0, least=0.0).freedom == 1.0
