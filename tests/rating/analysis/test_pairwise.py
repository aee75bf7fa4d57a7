"""Differences of cells: paired and Welch's t tests are special cases."""

import numpy as np
import pytest
import scipy.stats
from rating.analysis.designs import dense_covariance, dense_form, full_cell, nested_cell, sparse_cell

from sbgan_bench.comparing.holm import holm
from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.components import untruncated_components
from sbgan_bench.rating.analysis.difference import SharedRaters, difference_form, scores_covariance
from sbgan_bench.rating.analysis.findings import PairFinding
from sbgan_bench.rating.analysis.pairwise import NamedCell, compare_cells


def compare(*cells: CellRatings) -> tuple[PairFinding, ...]:
    return compare_cells("toy", [NamedCell(number, f"model {number}", cell) for number, cell in enumerate(cells)])


def leaning_raters(seed: int, quality: float) -> np.ndarray:
    """Return (12, 6) scores by raters, the same people for the same seed."""
    people = np.random.default_rng(seed).normal(0, 0.6, 12)
    rng = np.random.default_rng([seed, int(10 * quality)])
    return np.clip(np.rint(quality + people[:, None] + rng.normal(0, 0.7, (12, 6))), 1, 4)


def test_raters_with_images_of_their_own_make_it_the_paired_t_test() -> None:
    one, other = leaning_raters(0, 2.2), leaning_raters(0, 2.7)
    (pair,) = compare(nested_cell(one), nested_cell(other))
    expected = scipy.stats.ttest_rel(one.mean(axis=1), other.mean(axis=1))
    assert pair.freedom == pytest.approx(11)
    assert pair.t == pytest.approx(expected.statistic)
    assert pair.p == pytest.approx(expected.pvalue)
    assert (pair.low, pair.high) == pytest.approx(tuple(expected.confidence_interval()))
    assert pair.shared_raters == 12


def test_other_raters_make_it_welchs_t_test() -> None:
    one, other = leaning_raters(0, 2.2), leaning_raters(1, 2.7)[:7]
    (pair,) = compare(nested_cell(one), nested_cell(other, first_rater=50))
    expected = scipy.stats.ttest_ind(one.mean(axis=1), other.mean(axis=1), equal_var=False)
    assert pair.freedom == pytest.approx(expected.df)
    assert pair.p == pytest.approx(expected.pvalue)
    assert pair.shared_raters == 0
    assert pair.rater_covariance is None


def test_raters_who_lean_alike_in_both_cells_make_it_sharper() -> None:
    people = np.random.default_rng(0).normal(0, 0.8, 12)
    noise = np.random.default_rng(1).normal(0, 0.5, (2, 40, 12))
    one, other = (np.clip(np.rint(2.5 + people + part), 1, 4) for part in noise)
    (shared,), (apart,) = (compare(full_cell(one), full_cell(other, first_rater=first)) for first in (0, 50))
    assert shared.difference == apart.difference
    assert shared.standard_error is not None
    assert apart.standard_error is not None
    assert shared.standard_error < apart.standard_error / 2


def test_turning_a_pair_around_turns_its_difference_around() -> None:
    cells = sparse_cell(0), sparse_cell(1, images=9)
    (there,), (back,) = compare(*cells), compare(*reversed(cells))
    assert back.difference == pytest.approx(-there.difference)
    assert back.p == pytest.approx(there.p)
    assert back.freedom == pytest.approx(there.freedom)
    assert back.low == pytest.approx(-np.asarray(there.high))


def test_the_form_is_unbiased_and_its_variance_twice_the_trace() -> None:
    one, other = sparse_cell(0), sparse_cell(1, images=9, raters=9)
    shared = SharedRaters.of(one, other)
    form, parts = difference_form(one, other, shared), [np.array([0.4, 0.2, 0.6]), np.array([0.3, 0.1, 0.5])]
    raw = [np.asarray(untruncated_components(cell)) for cell in (one, other)]
    covariance = shared.covariance(one, other)
    assert covariance is not None
    value = one.weights @ raw[0] + other.weights @ raw[1] - 2 * shared.share * covariance
    assert form.value(np.concatenate([one.scores, other.scores])) == pytest.approx(value)
    sigma = scores_covariance((one, other), parts, shared, 0.08)
    contrast = np.concatenate([np.full(len(one), 1 / len(one)), np.full(len(other), -1 / len(other))])
    dense = dense_covariance(sigma)
    product = dense_form(form) @ dense
    assert np.trace(product) == pytest.approx(contrast @ dense @ contrast)
    assert form.variance(sigma) == pytest.approx(2 * np.trace(product @ product))


def test_p_is_adjusted_over_all_pairs_of_the_dataset() -> None:
    cells = [nested_cell(leaning_raters(0, quality)) for quality in (1.8, 2.2, 2.9)]
    pairs = compare(*cells)
    assert [(pair.first, pair.second) for pair in pairs] == [(0, 1), (0, 2), (1, 2)]
    assert [pair.p_holm for pair in pairs] == pytest.approx(list(holm([float(pair.p or 0) for pair in pairs])))
    assert all(pair.rejected == ((pair.p_holm or 1) <= 0.05) for pair in pairs)


def test_where_there_is_no_test_it_says_why_and_counts_for_nothing() -> None:
    good = [nested_cell(leaning_raters(0, quality)) for quality in (2.0, 2.5)]
    alone = CellRatings.of([1, 2, 3], [0, 1, 2], [0, 0, 0])
    pairs = compare(*good, alone)
    assert [pair.p is None for pair in pairs] == [False, True, True]
    assert pairs[0].p_holm == pairs[0].p
    assert pairs[1].note.startswith("no test: a single rater")
    assert not pairs[1].rejected


def test_a_cell_of_equal_scores_is_a_note_and_two_of_them_no_test() -> None:
    varied, same = full_cell(leaning_raters(0, 2.5)), full_cell(np.full((12, 6), 4))
    (pair,) = compare(varied, same)
    assert pair.note == "every rating of model 1 is the same"
    (none,) = compare(same, full_cell(np.full((12, 6), 3)))
    assert none.p is None
    assert none.difference == 1.0
