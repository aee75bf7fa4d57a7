"""Variance components: what they are in closed form, and that they are unbiased in any design."""

from itertools import combinations

import numpy as np
import pytest
from rating.analysis.designs import full_cell, nested_cell, sparse_cell

from sbgan_bench.errors import DataError
from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.components import PairCounts, components_of, untruncated_components


def test_they_are_the_anova_estimates_in_a_balanced_design() -> None:
    scores = np.random.default_rng(0).normal(2.5, 1.0, (8, 5))
    images, raters = scores.mean(axis=1), scores.mean(axis=0)
    residuals = scores - images[:, None] - raters + scores.mean()
    within = (residuals**2).sum() / (7 * 4)
    expected = [images.var(ddof=1) - within / 5, raters.var(ddof=1) - within / 8, within]
    assert untruncated_components(full_cell(scores)) == pytest.approx(expected)


def test_they_are_means_over_pairs_of_ratings() -> None:
    cell = sparse_cell()
    halves: dict[tuple[bool, bool], list[float]] = {(True, False): [], (False, True): [], (False, False): []}
    for one, other in combinations(range(len(cell)), 2):
        kind = (cell.image[one] == cell.image[other], cell.rater[one] == cell.rater[other])
        halves[bool(kind[0]), bool(kind[1])].append((cell.scores[one] - cell.scores[other]) ** 2 / 2)
    image, rater, neither = (float(np.mean(values)) for values in halves.values())
    assert untruncated_components(cell) == pytest.approx([neither - image, neither - rater, image + rater - neither])
    assert PairCounts.of(cell) == PairCounts(*(len(values) for values in halves.values()))


def test_they_are_unbiased_in_a_ragged_design() -> None:
    rng = np.random.default_rng(1)
    design, truth, found = sparse_cell(3, share=0.5), np.array([0.5, 0.3, 0.8]), []
    for _ in range(4000):
        effects = [np.sqrt(part) * rng.standard_normal(len(design)) for part in truth]
        scores = effects[0][design.image] + effects[1][design.rater] + effects[2]
        found.append(untruncated_components(CellRatings.of(scores, design.image, design.rater)))
    error = np.std(found, axis=0) / np.sqrt(len(found))
    assert np.all(np.abs(np.mean(found, axis=0) - truth) < 3.5 * error)


def test_a_shift_changes_nothing_and_a_scale_squares() -> None:
    cell = sparse_cell()
    moved = CellRatings.of(1e6 + 3 * cell.scores, cell.image, cell.rater)
    assert untruncated_components(moved) == pytest.approx(9 * np.asarray(untruncated_components(cell)), abs=1e-6)


def test_order_and_names_change_nothing() -> None:
    cell, order = sparse_cell(), np.random.default_rng(2).permutation(len(sparse_cell()))
    names = np.array([f"rater {9 - code}" for code in cell.rater])
    renamed = CellRatings.of(cell.scores[order], cell.image[order] + 100, names[order])
    assert untruncated_components(renamed) == pytest.approx(np.asarray(untruncated_components(cell)))


def test_the_reported_ones_are_cut_off_at_zero() -> None:
    scores = np.array([[1.0, 4.0], [4.0, 1.0]])  # raters and images alike on average: all is residual
    found = components_of(full_cell(scores))
    assert found is not None
    assert found.image == found.rater == 0.0
    assert found.untruncated[0] < 0
    assert found.residual == pytest.approx(found.untruncated[2])


def test_with_one_rating_an_image_the_residual_holds_the_image() -> None:
    found = components_of(nested_cell(np.random.default_rng(0).normal(size=(6, 5))))
    assert found is not None
    assert found.image is None
    assert found.rater is not None


def test_with_one_rating_a_rater_the_residual_holds_the_rater() -> None:
    cell = CellRatings.of([1, 2, 4, 3], [0, 0, 1, 1], [0, 1, 2, 3])
    found = components_of(cell)
    assert found is not None
    assert found.rater is None
    assert found.residual == pytest.approx(0.5)  # half the squared difference within either image


@pytest.mark.parametrize(("images", "raters"), [([0, 1, 2], [0, 0, 0]), ([0, 0, 0], [0, 1, 2]), ([0], [0])])
def test_with_a_single_rater_or_image_nothing_is_known(images: list[int], raters: list[int]) -> None:
    assert components_of(CellRatings.of(np.arange(len(images)) + 1, images, raters)) is None


def test_two_ratings_of_an_image_by_one_rater_are_refused() -> None:
    with pytest.raises(DataError, match="two ratings of one image"):
        CellRatings.of([1, 2], ["a", "a"], ["R001", "R001"])
