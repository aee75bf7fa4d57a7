"""Promised widths and differences, against closed forms and against ratings drawn by the model."""

import math

import numpy as np
import pytest
from scipy import stats

from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.intervals import mean_interval
from sbgan_bench.rating.expectation import Design, expect, smallest_difference
from sbgan_bench.rating.study import Assumptions, StudySpec

ASSUMED = Assumptions(image=0.6, rater=0.35, residual=0.65)


def study(cells: int = 4, **changes: object) -> StudySpec:
    entries = [{"dataset": "d", "model": f"m{index}", "images": "x"} for index in range(cells)]
    return StudySpec.parse({"title": "t", "consent": "c", "cells": entries, **changes}, "test")


def ratings(rng: np.random.Generator, spec: StudySpec, counts: list[int], draws: int) -> list[np.ndarray]:
    """Draw scores of every cell, ``(draws, I, K)``: dealt to raters in turn, so that all see all cells alike."""
    raters, assumed, per_image = expect(spec, counts).raters, spec.assumptions, spec.ratings_per_image
    rater = rng.normal(0, assumed.rater, (draws, raters))
    found, dealt = [], 0
    for count in counts:
        image = rng.normal(0, assumed.image, (draws, count, 1))
        who = (dealt + np.arange(count * per_image)).reshape(count, per_image) % raters
        dealt += count * per_image
        found.append(image + rater[:, who] + rng.normal(0, assumed.residual, (draws, count, per_image)))
    return found


def test_the_paper_s_study_in_numbers() -> None:
    """200 images, 3 ratings each: about 600 ratings per cell."""
    expected = expect(study(5), [200] * 5)
    assert (expected.images, expected.ratings, expected.raters) == (1000, 3000, 50)
    assert all(cell.ratings == 600 for cell in expected.cells)
    assert expected.showings_per_rater == 4 + 60 + 5
    assert expected.pairs == 10


def test_with_residual_noise_alone_it_is_the_textbook_s_interval() -> None:
    """But for the degrees of freedom: that images and raters do not differ is not known beforehand."""
    noise = Assumptions(image=0, rater=0, residual=0.8)
    design = Design(100, 3, 30, 1 / 30)
    assert design.freedom(noise) == pytest.approx(1 / (1 / 99 + 1 / 29 + 1 / (300 - 100 - 30 + 1)))
    t = stats.t.ppf(0.975, design.freedom(noise))
    assert design.half_width(noise) == pytest.approx(t * 0.8 / math.sqrt(300))


def test_with_images_alone_it_is_the_interval_of_a_mean_over_images() -> None:
    images = Assumptions(image=0.7, rater=0, residual=0)
    width = Design(25, 3, 10, 0.1).half_width(images)
    assert width == pytest.approx(stats.t.ppf(0.975, 24) * 0.7 / 5)


def test_with_raters_alone_more_images_do_not_help() -> None:
    raters = Assumptions(image=0, rater=0.5, residual=0)
    widths = [Design(images, 2, 10, 0.1).half_width(raters) for images in (20, 2000)]
    assert widths == pytest.approx([stats.t.ppf(0.975, 9) * 0.5 / math.sqrt(10)] * 2)


def test_nothing_varies_and_nothing_is_known() -> None:
    assert Design(10, 2, 5, 0.2).half_width(Assumptions(image=0, rater=0, residual=0)) == 0
    assert Design(1, 5, 5, 0.2).half_width(ASSUMED) is None
    assert Design(50, 1, 1, 1.0).half_width(ASSUMED) is None
    assert smallest_difference(Design(1, 5, 5, 0.2), Design(9, 5, 5, 0.2), ASSUMED) is None
    assert expect(study(1), [50]).difference is None


@pytest.mark.parametrize("key", ["images", "per_image"])
def test_more_of_anything_is_sharper(key: str) -> None:
    base = {"images": 40, "per_image": 2, "raters": 12, "concentration": 1 / 12}
    more = Design(**{**base, key: 3 * base[key]}).half_width(ASSUMED)
    assert more < Design(**base).half_width(ASSUMED)


@pytest.mark.parametrize(
    ("counts", "changes"),
    [
        ([60] * 4, {}),
        ([60] * 4, {"per_rater": 100}),
        ([30, 90], {"ratings_per_image": 2, "per_rater": 20}),
        ([80] * 3, {"ratings_per_image": 1, "per_rater": 16}),
        ([60] * 4, {"assumptions": {"image": 0.2, "rater": 0.6, "residual": 0.5}}),
    ],
)
def test_promised_intervals_hold_the_truth_95_times_in_100(counts: list[int], changes: dict[str, object]) -> None:
    spec, rng = study(len(counts), **changes), np.random.default_rng(0)
    for scores, cell in zip(ratings(rng, spec, counts, 1500), expect(spec, counts).cells, strict=True):
        inside = np.abs(scores.mean(axis=(1, 2))) < cell.half_width
        assert 0.935 < inside.mean() < 0.98  # three standard errors of 1500 draws below; t is wider than what is known


def test_promised_intervals_are_as_wide_as_those_that_the_analysis_gives() -> None:
    spec, rng, counts = study(4), np.random.default_rng(2), [60] * 4
    scores = 2.5 + ratings(rng, spec, counts, 100)[0]
    image = np.repeat(np.arange(60), 3)
    rater = np.arange(180) % expect(spec, counts).raters
    found = [mean_interval(CellRatings.of(one.ravel(), image, rater)).half_width for one in scores]
    assert np.mean(found) == pytest.approx(expect(spec, counts).cells[0].half_width, rel=0.05)


def test_promised_differences_are_found_80_times_in_100() -> None:
    spec, rng, counts = study(2, per_rater=30), np.random.default_rng(1), [60, 60]
    one, other = (scores.mean(axis=2) for scores in ratings(rng, spec, counts, 1500))
    tests = stats.ttest_ind(one, other + expect(spec, counts).difference, axis=1)
    assert np.mean(tests.pvalue < 0.05) == pytest.approx(0.80, abs=0.04)


def test_holm_asks_for_more_and_unequal_cells_for_the_worst_pair() -> None:
    expected = expect(study(5), [200] * 5)
    assert expected.difference_holm > expected.difference
    assert expect(study(2), [200, 50]).difference > expect(study(2), [200, 200]).difference
    assert expect(study(2), [100, 100]).difference == expect(study(2), [100, 100]).difference_holm
