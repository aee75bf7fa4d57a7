"""Intervals hold the true mean as often as they say, and equal cells are told apart as seldom as they say."""

import numpy as np
import pytest

from sbgan_bench.rating.analysis.coverage import Scenario, deal, draw, simulated_coverage, simulated_errors

#: Everyday: 200 images x 3 by 20 raters of 30, and 50 x 3, in the middle of the scale and at its ends.
QUICK = [Scenario(200, 3, 20, 2.5), Scenario(50, 3, 10, 1.3), Scenario(50, 3, 20, 3.7), Scenario(50, 3, 5, 2.5)]
THOROUGH = [
    Scenario(images, 3, raters, mean, rater=rater)
    for images, raters in ((200, 5), (200, 10), (200, 20), (200, 60), (200, 100), (50, 5), (50, 10), (50, 40))
    for mean, rater in ((2.5, 0.35), (1.3, 0.35), (2.5, 0.0))
] + [Scenario(200, 3, 20, 3.7), Scenario(50, 3, 20, 3.7), Scenario(200, 1, 20, 2.5), Scenario(50, 5, 10, 2.5)]


@pytest.mark.parametrize("scenario", QUICK, ids=str)
def test_coverage_is_between_93_and_97_percent(scenario: Scenario) -> None:
    found = simulated_coverage(scenario, repetitions=700, deals=4)
    assert 0.93 <= found["component"].share <= 0.97
    assert found["naive"].share < 0.90


@pytest.mark.slow
@pytest.mark.parametrize("scenario", THOROUGH, ids=str)
def test_coverage_is_between_93_and_97_percent_in_every_realistic_design(scenario: Scenario) -> None:
    found = simulated_coverage(scenario, repetitions=2000)
    assert 0.93 <= found["component"].share <= 0.97


@pytest.mark.slow
@pytest.mark.parametrize("mean", [1.3, 2.5])
def test_three_raters_are_too_few_but_not_hopeless(mean: float) -> None:
    assert simulated_coverage(Scenario(50, 3, 3, mean), repetitions=2000)["component"].share > 0.91


def test_the_crossed_bootstrap_is_conservative() -> None:
    found = simulated_coverage(Scenario(50, 3, 20, 2.5, rater=0.1), repetitions=200, resamples=200, deals=4)
    assert found["bootstrap"].share >= 0.97
    assert found["bootstrap"].half_width > 1.15 * found["component"].half_width


def test_equal_cells_are_seldom_told_apart() -> None:
    found = simulated_errors(Scenario(30, 3, 10, 2.5), cells=3, repetitions=120, deals=3)
    assert 0.02 <= found.pair <= 0.08
    assert found.family <= 0.08


@pytest.mark.slow
@pytest.mark.parametrize(("raters", "taste"), [(5, 0.25), (10, 0.0), (10, 0.25), (40, 0.0)])
def test_family_wise_error_is_near_5_percent(raters: int, taste: float) -> None:
    found = simulated_errors(Scenario(50, 3, raters, 2.5, taste=taste), cells=4, repetitions=600)
    assert 0.035 <= found.pair <= 0.065
    assert 0.02 <= found.family <= 0.065


def test_images_are_dealt_evenly_and_never_twice_to_a_rater() -> None:
    scenario = Scenario(20, 3, 7, 2.5)
    dealt = deal(scenario, np.random.default_rng(0))
    assert np.all(np.bincount(dealt.image) == 3)
    assert len(set(zip(dealt.image.tolist(), dealt.rater.tolist(), strict=True))) == 60
    assert np.ptp(np.bincount(dealt.rater)) <= 2


def test_drawn_scores_have_the_mean_that_was_asked_for() -> None:
    scenario, rng = Scenario(2000, 1, 200, 1.3), np.random.default_rng(0)
    cell = draw(scenario, deal(scenario, rng), rng.standard_normal(200), rng)
    assert cell.scores.mean() == pytest.approx(1.3, abs=0.06)
    assert set(np.unique(cell.scores)) <= {1, 2, 3, 4}
