"""Training seeds as the unit: exact tests of very few values."""

import itertools

import numpy as np
import pytest
from scipy import stats

from sbgan_bench.comparing.seeds import seed_test
from sbgan_bench.errors import BenchError


def by_seed(values: list[float]) -> dict[int, float]:
    return dict(enumerate(values))


@pytest.mark.parametrize(("seeds", "least"), [(2, 0.5), (3, 0.25), (5, 0.0625), (6, 0.03125)])
def test_differences_of_one_sign_have_the_least_p_there_is(seeds: int, least: float) -> None:
    second = np.random.default_rng(0).standard_normal(seeds)
    first = second + np.linspace(1, 2, seeds)
    test = seed_test(by_seed(first.tolist()), by_seed(second.tolist()), paired=True)
    assert test.p == test.least_p == least
    assert test.effect == pytest.approx(1.5)


@pytest.mark.parametrize("seed", range(4))
def test_all_sign_flips_are_counted(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.standard_normal(5), rng.standard_normal(5)
    difference = first - second
    flips = [abs(np.mean(difference * signs)) for signs in itertools.product((1, -1), repeat=5)]
    test = seed_test(by_seed(first.tolist()), by_seed(second.tolist()), paired=True)
    assert test.p == pytest.approx(np.mean(np.array(flips) >= abs(difference.mean()) - 1e-12))
    interval = stats.ttest_rel(first, second).confidence_interval()
    assert (test.low, test.high) == pytest.approx(tuple(interval))


def test_unpaired_seeds_may_differ_in_number() -> None:
    rng = np.random.default_rng(1)
    first, second = rng.standard_normal(3) + 9, rng.standard_normal(4)
    test = seed_test(by_seed(first.tolist()), by_seed(second.tolist()), paired=False)
    assert test.p == test.least_p == pytest.approx(2 / 35)
    interval = stats.ttest_ind(first, second, equal_var=False).confidence_interval()
    assert (test.low, test.high) == pytest.approx(tuple(interval))


@pytest.mark.parametrize("paired", [True, False])
def test_the_two_sides_mirror_each_other_and_equal_values_have_p_one(paired: bool) -> None:
    first, second = by_seed([1.0, 4.0, 2.5, 3.0]), by_seed([2.0, 5.5, 2.0, 7.0])
    one, other = seed_test(first, second, paired=paired), seed_test(second, first, paired=paired)
    assert (other.effect, other.p) == (-one.effect, one.p)
    same = seed_test(by_seed([2.0] * 4), by_seed([2.0] * 4), paired=paired)
    assert (same.effect, same.low, same.high, same.p) == (0, 0, 0, 1)


@pytest.mark.parametrize("paired", [True, False])
def test_one_seed_tests_nothing(paired: bool) -> None:
    test = seed_test({7: 3.0}, {7: 1.0}, paired=paired)
    assert (test.effect, test.low, test.high, test.p, test.least_p) == (2, None, None, 1, 1)


def test_of_very_many_relabellings_a_seeded_part_is_drawn() -> None:
    first, second = np.random.default_rng(2).standard_normal((2, 20))
    tests = [seed_test(by_seed(first.tolist()), by_seed(second.tolist()), paired=True) for _ in range(2)]
    assert tests[0] == tests[1]
    assert tests[0].p == pytest.approx(stats.ttest_rel(first, second).pvalue, abs=0.03)


def test_seeds_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BenchError, match=r"\[0, 1\] and \[1, 2\]"):
        seed_test({0: 1.0, 1: 2.0}, {2: 1.0, 1: 2.0}, paired=True)
    with pytest.raises(BenchError, match="single trained seed"):
        seed_test({}, {0: 1.0}, paired=False)
