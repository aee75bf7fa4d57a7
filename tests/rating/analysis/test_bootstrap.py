"""The crossed bootstrap."""

import math

import numpy as np
import pytest
from rating.analysis.designs import full_cell, sparse_cell

from sbgan_bench.rating.analysis.bootstrap import bootstrap_interval, multiplicities
from sbgan_bench.rating.analysis.cell import CellRatings


def test_residual_noise_counts_three_times() -> None:
    """Each of the three resamplings, of raters, of images and of both at once, brings the residual variance anew."""
    scores = np.random.default_rng(0).normal(2.5, 1.0, (60, 60))
    found = bootstrap_interval(full_cell(scores), np.random.default_rng(1), 2000)
    assert found.standard_error == pytest.approx(math.sqrt(3) * scores.std() / 60, rel=0.06)


def test_where_only_raters_differ_it_is_the_bootstrap_of_raters() -> None:
    raters = np.random.default_rng(0).normal(2.5, 0.5, 12)
    found = bootstrap_interval(full_cell(np.tile(raters, (30, 1))), np.random.default_rng(1), 4000)
    assert found.standard_error == pytest.approx(raters.std() / math.sqrt(12), rel=0.05)


def test_the_same_seed_gives_the_same_interval_and_another_a_near_one() -> None:
    cell = sparse_cell(images=60, raters=20)
    one, same, other = (bootstrap_interval(cell, np.random.default_rng(seed)) for seed in (3, 3, 4))
    assert one == same
    assert one != other
    assert one.half_width == pytest.approx(other.half_width, rel=0.1)


def test_draws_are_as_many_as_there_are_things() -> None:
    assert np.all(multiplicities(np.random.default_rng(0), 7, 50).sum(axis=1) == 7)


@pytest.mark.parametrize(
    ("scores", "images", "raters"), [([1, 2], [0, 1], [0, 0]), ([1, 2], [0, 0], [0, 1]), ([2, 2], [0, 1], [0, 1])]
)
def test_there_is_none_of_a_single_rater_image_or_score(
    scores: list[int], images: list[int], raters: list[int]
) -> None:
    found = bootstrap_interval(CellRatings.of(scores, images, raters), np.random.default_rng(0))
    assert found.half_width is None
    assert found.note
