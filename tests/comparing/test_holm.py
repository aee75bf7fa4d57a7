"""Holm's adjustment: closed cases, order, and the level it promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from sbgan_bench.comparing.holm import ALPHA, holm
from sbgan_bench.errors import BenchError

P_VALUES = st.lists(st.floats(0, 1), max_size=8)


def test_closed_cases() -> None:
    assert holm([]) == ()
    assert holm([0.03]) == (0.03,)
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx((0.03, 0.06, 0.06, 0.02))
    assert holm([0.5, 0.9]) == (1.0, 1.0)
    assert holm([0.01, 0.04], family=6) == pytest.approx((0.06, 0.2))


@given(P_VALUES, st.integers(0, 20))
def test_adjusted_values_keep_the_order_and_lie_between_p_and_bonferroni(p: list[float], extra: int) -> None:
    family = len(p) + extra
    adjusted = holm(p, family)
    for value, result in zip(p, adjusted, strict=True):
        assert value <= result <= min(1.0, family * value)
    order = np.argsort(p, kind="stable")
    assert list(np.array(adjusted)[order]) == sorted(adjusted)


@given(P_VALUES, st.data())
def test_tests_never_looked_at_can_only_make_it_more_careful(p: list[float], data: st.DataObject) -> None:
    known = data.draw(st.integers(0, len(p)))
    for partial, full in zip(holm(p[:known], family=len(p)), holm(p)[:known], strict=True):
        assert partial >= full - 1e-12


def test_the_family_of_all_pairs_keeps_the_level_where_the_winner_is_chosen_by_its_value() -> None:
    """Five equal models; correcting for the four comparisons with the winner alone does not keep it."""
    means = np.sort(np.random.default_rng(0).standard_normal((4000, 5)), axis=1)
    p = 2 * norm.sf((means[:, 1:] - means[:, :1]) / np.sqrt(2))
    false = {family: np.mean([min(holm(row, family)) <= ALPHA for row in p.tolist()]) for family in (4, 10)}
    assert false[10] <= ALPHA
    assert false[4] > 1.5 * ALPHA


def test_what_is_no_p_value_is_refused() -> None:
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(BenchError, match="no p-value"):
            holm([0.2, wrong])
    with pytest.raises(BenchError, match="family of 1"):
        holm([0.1, 0.2], family=1)
