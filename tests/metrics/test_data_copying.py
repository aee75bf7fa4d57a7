"""C_T: a standard score for fresh images, far below zero for copies, above for images that fit ill."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

from sbgan_bench.metrics.data_copying import ct_score

RNG = np.random.default_rng(0)
CENTRES = 6 * np.eye(3, 10)


def images(rng: np.random.Generator, count: int) -> np.ndarray:
    """Three clusters."""
    return CENTRES[rng.integers(3, size=count)] + rng.standard_normal((count, 10))


REAL, FRESH, TRAIN = images(RNG, 150), images(RNG, 180), images(RNG, 400)


def test_one_cell_is_the_mann_whitney_statistic() -> None:
    distances = [np.linalg.norm(rows[:, None] - TRAIN, axis=2).min(axis=1) for rows in (FRESH, REAL)]
    u = mannwhitneyu(*distances).statistic
    expected = (u - 150 * 180 / 2) / np.sqrt(150 * 180 * (150 + 180 + 1) / 12)
    assert ct_score(REAL, FRESH, TRAIN, cells=1) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("cells", [1, 3])
def test_fresh_images_score_as_chance_has_it(cells: int) -> None:
    scores = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        scores.append(ct_score(*(images(rng, count) for count in (150, 150, 200)), cells=cells))
    deviation = 1 / np.sqrt(cells)  # of the mean of equal cells
    assert abs(np.mean(scores)) < 4 * deviation / 10
    assert np.std(scores) == pytest.approx(deviation, rel=0.25)


def test_copies_are_far_below_zero_and_bad_images_far_above() -> None:
    assert ct_score(REAL, TRAIN[:180] + 1e-3 * RNG.standard_normal((180, 10)), TRAIN) < -5
    assert ct_score(REAL, FRESH + 2 * RNG.standard_normal((180, 10)), TRAIN) > 5


def test_copying_in_one_region_shows_though_others_fit_ill() -> None:
    """The reason for cells: over the whole space the two would cancel."""
    where = [np.argmax(rows @ CENTRES.T, axis=1) for rows in (FRESH, TRAIN)]
    copies = TRAIN[where[1] == 0][:60]
    poor = FRESH[where[0] != 0] + 0.5 * RNG.standard_normal((np.sum(where[0] != 0), 10))
    generated = np.concatenate([copies, poor])
    near = ct_score(REAL[np.argmax(REAL @ CENTRES.T, axis=1) == 0], copies, TRAIN)
    assert near < -5
    assert ct_score(REAL, generated, TRAIN) < ct_score(REAL, np.concatenate([FRESH[where[0] == 0], poor]), TRAIN) - 2


def test_cells_without_enough_images_are_left_out_and_none_left_is_one_cell() -> None:
    whole = ct_score(REAL, FRESH[:15], TRAIN, cells=1)
    assert ct_score(REAL, FRESH[:15], TRAIN) == whole
    assert np.isfinite(ct_score(REAL, np.tile(FRESH[:1], (50, 1)), TRAIN))


def test_more_cells_than_distinct_training_images_do_no_harm() -> None:
    assert np.isfinite(ct_score(REAL, FRESH, np.tile(TRAIN[:1], (5, 1)), cells=9))


def test_the_order_of_the_training_images_does_not_matter() -> None:
    assert ct_score(REAL, FRESH, RNG.permutation(TRAIN)) == pytest.approx(ct_score(REAL, FRESH, TRAIN), rel=1e-9)
