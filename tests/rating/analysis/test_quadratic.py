"""Estimated variances as quadratic forms: against dense matrices, and where degrees of freedom are known."""

import numpy as np
import pytest
from rating.analysis.designs import dense_covariance, dense_form, nested_cell, sparse_cell

from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.components import untruncated_components
from sbgan_bench.rating.analysis.quadratic import covariance_of, variance_of_mean


@pytest.mark.parametrize("seed", range(3))
def test_the_form_is_the_weighted_sum_of_components(seed: int) -> None:
    cell = sparse_cell(seed)
    expected = float(cell.weights @ np.asarray(untruncated_components(cell)))
    assert variance_of_mean(cell).value(cell.scores) == pytest.approx(expected)


def test_its_expectation_is_the_variance_of_the_mean_for_any_components() -> None:
    cell = sparse_cell(4)
    covariance = dense_covariance(covariance_of(cell, np.array([0.4, 0.1, 0.6])))
    expected = np.trace(dense_form(variance_of_mean(cell)) @ covariance)
    assert expected == pytest.approx(covariance.sum() / len(cell) ** 2)
    assert expected == pytest.approx(float(cell.weights @ [0.4, 0.1, 0.6]))


def test_it_takes_constants_to_zero() -> None:
    assert dense_form(variance_of_mean(sparse_cell(5))).sum(axis=1) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_its_variance_is_twice_the_trace(seed: int) -> None:
    cell = sparse_cell(seed)
    covariance = covariance_of(cell, np.array([0.5, 0.2, 0.7]))
    product = dense_form(variance_of_mean(cell)) @ dense_covariance(covariance)
    assert variance_of_mean(cell).variance(covariance) == pytest.approx(2 * np.trace(product @ product))


@pytest.mark.parametrize("components", [(0.0, 0.0, 1.0), (0.0, 0.8, 0.5)])
def test_of_raters_with_images_of_their_own_there_are_raters_less_one_degrees_of_freedom(
    components: tuple[float, ...],
) -> None:
    """The estimate is then the variance of raters' means over their number: chi-squared, whatever the components."""
    cell = nested_cell(np.random.default_rng(0).normal(size=(9, 4)))
    variance = float(cell.weights @ components)
    spread = variance_of_mean(cell).variance(covariance_of(cell, np.array(components)))
    assert 2 * variance**2 / spread == pytest.approx(8)


def test_of_independent_ratings_there_are_ratings_less_one() -> None:
    cell = CellRatings.of([1, 3, 2, 4, 2], range(5), range(5))
    form, raw = variance_of_mean(cell), np.asarray(untruncated_components(cell))
    assert form.value(cell.scores) == pytest.approx(cell.scores.var(ddof=1) / 5)
    spread = form.variance(covariance_of(cell, raw))
    assert 2 * form.value(cell.scores) ** 2 / spread == pytest.approx(4)
