"""Raters against themselves."""

import numpy as np
import pytest
from rating.analysis.tables import table_of
from sklearn.metrics import cohen_kappa_score

from sbgan_bench.rating.analysis.consistency import consistency


def repeated(first: list[int], again: list[int]) -> list[dict[str, object]]:
    return [
        {"rater": f"R{number % 3:03d}", "image": f"c0-{number}", "score": score, "purpose": purpose}
        for number, pair in enumerate(zip(first, again, strict=True))
        for score, purpose in zip(pair, ("main", "repeat"), strict=True)
    ]


def test_the_figures_are_those_of_the_pairs() -> None:
    first, again = [1, 2, 3, 4, 2, 2], [1, 3, 3, 2, 2, 1]
    found = consistency(table_of(repeated(first, again)))
    assert (found.n_pairs, found.n_raters) == (6, 3)
    assert found.exact == pytest.approx(3 / 6)
    assert found.mean_difference == pytest.approx(4 / 6)
    assert found.weighted_kappa == pytest.approx(cohen_kappa_score(first, again, weights="quadratic"))


def test_perfect_memory_has_a_kappa_of_one_and_guessing_of_nought() -> None:
    rng = np.random.default_rng(0)
    first, guesses = (rng.integers(1, 5, 4000).tolist() for _ in range(2))
    assert consistency(table_of(repeated(first, first))).weighted_kappa == pytest.approx(1.0)
    assert consistency(table_of(repeated(first, guesses))).weighted_kappa == pytest.approx(0.0, abs=0.05)


def test_where_a_figure_is_missing_it_says_why() -> None:
    none = consistency(table_of([{"rater": "R001", "image": "c0-0"}]))
    assert none.exact is None
    assert none.reason == "no image was shown twice to anybody"
    same = consistency(table_of(repeated([2, 2], [2, 2])))
    assert same.exact == 1.0
    assert same.weighted_kappa is None
    assert "kappa has no value" in same.reason
