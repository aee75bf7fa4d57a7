"""Ordinal alpha: published values, limits, and the resamples against the library."""

import krippendorff
import numpy as np
import pandas as pd
import pytest

from sbgan_bench.rating.analysis.agreement import agreement, ordinal_alphas, score_counts
from sbgan_bench.rating.study import SCORES


def draws() -> np.random.Generator:
    return np.random.default_rng(0)


def random_counts(images: int = 40) -> np.ndarray:
    return np.random.default_rng(1).multinomial(3, [0.4, 0.3, 0.2, 0.1], images)


def test_raters_who_agree_have_one() -> None:
    found = agreement(3 * np.eye(4, dtype=int)[[0, 1, 2, 3, 0, 1]], draws())
    assert (found.alpha, found.low, found.high) == (1.0, 1.0, 1.0)
    assert (found.n_images, found.n_ratings) == (6, 18)


def test_raters_who_always_take_opposite_ends_have_less_than_none() -> None:
    """Of N images scored 1 by one and 4 by the other, alpha is 1 - (2N - 1)/N."""
    found = agreement(np.tile([1, 0, 0, 1], (10, 1)), draws())
    assert found.alpha == pytest.approx(1 - 19 / 10)


def test_the_value_of_a_published_example() -> None:
    """Krippendorff's own example: 4 coders, 12 units (the last has a single value: left out), 5 values."""
    counts = np.array([
        [3, 0, 0, 0, 0], [0, 3, 1, 0, 0], [0, 0, 4, 0, 0], [0, 0, 4, 0, 0], [0, 4, 0, 0, 0], [1, 1, 1, 1, 0],
        [0, 0, 0, 4, 0], [3, 1, 0, 0, 0], [0, 4, 0, 0, 0], [0, 0, 0, 0, 3], [2, 0, 0, 0, 0],
    ])  # fmt: skip
    assert ordinal_alphas(np.ones((1, 11)), counts)[0] == pytest.approx(0.815, abs=0.0005)


def test_resamples_are_what_the_library_says_of_the_images_drawn() -> None:
    counts, rng = random_counts(), np.random.default_rng(2)
    weights = rng.multinomial(40, np.full(40, 1 / 40), 5).astype(float)
    expected = [
        krippendorff.alpha(value_counts=np.repeat(counts, row.astype(int), axis=0), value_domain=SCORES,
                           level_of_measurement="ordinal")
        for row in weights
    ]  # fmt: skip
    assert ordinal_alphas(weights, counts) == pytest.approx(expected)


def test_chance_agrees_about_nought_and_the_interval_says_so() -> None:
    found = agreement(random_counts(400), draws())
    assert found.low is not None
    assert found.high is not None
    assert found.low < 0 < found.high
    assert found.high - found.low < 0.2


def test_images_with_one_rating_do_not_count() -> None:
    counts = random_counts()
    single = np.vstack([counts, np.tile([0, 0, 0, 1], (30, 1))])
    assert agreement(single, draws()) == agreement(counts, draws())


@pytest.mark.parametrize(
    ("counts", "reason"),
    [
        (np.zeros((0, 4), int), "no image has two ratings"),
        (np.array([[1, 0, 0, 0], [0, 1, 0, 0]]), "no image has two ratings"),
        (np.array([[0, 3, 0, 0], [0, 2, 0, 0]]), "all scores are equal: there is nothing to agree about"),
    ],
)
def test_where_there_is_none_it_says_why(counts: np.ndarray, reason: str) -> None:
    found = agreement(counts, draws())
    assert found.alpha is None
    assert found.reason == reason


def test_scores_are_counted_by_image() -> None:
    rows = pd.DataFrame({"image": ["b", "a", "a", "b"], "score": [4, 1, 3, 4]})
    assert score_counts(rows).tolist() == [[1, 0, 1, 0], [0, 0, 0, 2]]
    assert score_counts(rows.iloc[:0]).shape == (0, 4)
