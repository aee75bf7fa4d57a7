"""What other designs would give."""

import numpy as np
import pytest
from rating.analysis.designs import full_cell, nested_cell
from rating.analysis.tables import key_of, rated_table

from sbgan_bench.rating.analysis.analysing import find
from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.findings import Power
from sbgan_bench.rating.analysis.intervals import mean_interval
from sbgan_bench.rating.analysis.power import Outlook, likeness, power


@pytest.fixture
def outlook() -> Outlook:
    rng = np.random.default_rng(0)
    scores = 2.5 + rng.normal(0, 0.6, (40, 1)) + rng.normal(0, 0.4, 12) + rng.normal(0, 0.6, (40, 12))
    return Outlook(full_cell(scores), np.array([0.36, 0.16, 0.36]), 0.5)


def test_the_design_as_it_is_has_about_the_width_of_its_interval() -> None:
    rng = np.random.default_rng(1)
    scores = 2.5 + rng.normal(0, 0.6, (60, 1)) + rng.normal(0, 0.4, 20) + rng.normal(0, 0.6, (60, 20))
    cell = full_cell(np.clip(np.rint(scores), 1, 4))
    found = power(0, "toy", "a", cell, 0.0)
    assert found.now is not None
    assert found.now.half_width == pytest.approx(mean_interval(cell).half_width, rel=0.03)
    assert (found.now.n_images, found.now.ratings_per_image, found.now.n_raters) == (60, 20, 20)


def test_more_of_anything_is_sharper_and_more_of_everything_sharpest(outlook: Outlook) -> None:
    now = outlook.plan().half_width
    more = [outlook.plan(*growth).half_width for growth in ((2, 1, 1), (1, 2, 1), (1, 1, 2), (2, 1, 2))]
    assert all(width < now for width in more)
    assert more[-1] == min(more)


def test_images_without_end_leave_what_raters_bring(outlook: Outlook) -> None:
    assert outlook.plan(images=1e7).half_width == pytest.approx(outlook.limit(), rel=1e-3)


def test_four_times_of_everything_halves_the_variance_of_the_mean_twice(outlook: Outlook) -> None:
    halved, now = outlook.halved(), outlook.plan()
    assert halved.half_width <= now.half_width / 2
    assert 3 * now.n_images < halved.n_images <= 4 * now.n_images
    assert halved.ratings_per_image == now.ratings_per_image


def test_raters_who_lean_alike_everywhere_do_not_blur_a_difference(outlook: Outlook) -> None:
    apart, alike = (Outlook(outlook.cell, outlook.components, value).plan() for value in (0.0, 1.0))
    assert alike.half_width == apart.half_width
    assert alike.smallest_difference < 0.7 * apart.smallest_difference


def test_a_plan_with_more_ratings_of_an_image_than_raters_is_left_out() -> None:
    cell = full_cell(np.random.default_rng(0).integers(1, 5, (30, 4)))
    found = power(0, "toy", "a", cell, 0.0)
    assert all(plan.ratings_per_image <= plan.n_raters for plan in found.others)
    assert len(found.others) == 3


def test_likeness_is_the_correlation_of_leanings() -> None:
    key = key_of()
    found = find(rated_table(key, qualities=(2.3, 2.7), images=100, raters=20), key, seed=0, resamples=50)
    assert 0.6 < likeness(found.pairs, found.cells) <= 1.0
    assert likeness((), found.cells) == 0.0


def test_it_is_said_in_words() -> None:
    cell = nested_cell(np.random.default_rng(0).integers(1, 5, (10, 6)))
    words = power(0, "toy", "a", cell, 0.0).words
    assert words.startswith("60 images, 1 ratings per image, 10 raters: ± ")
    assert "80 % power" in words


@pytest.mark.parametrize("cell", [None, CellRatings.of([1, 2], [0, 1], [0, 0]), full_cell(np.full((3, 3), 2))])
def test_without_components_there_is_nothing_to_foretell_from(cell: CellRatings | None) -> None:
    found = power(3, "toy", "a", cell, 0.0)
    assert found == Power(3, "toy", "a", None, (), None, None, found.words)
