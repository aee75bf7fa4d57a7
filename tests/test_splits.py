"""Repeated splits: disjoint, repeatable, nested, and honest about a single value."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Metric
from sbgan_bench.splits import (
    Partition,
    fixed_scores,
    floor_scores,
    partition,
    repeated_scores,
    single_score,
    summarise,
    whole,
)

MEANS = Metric(
    name="means",
    title="Difference of means",
    better=Better.LOWER,
    source="",
    compute=lambda real, generated: float(generated.mean() - real.mean()),
)


@given(st.integers(1, 60), st.integers(0, 40), st.integers(0, 9), st.integers(0, 99))
def test_draws_are_disjoint_repeatable_and_nested(num: int, extra: int, trial: int, seed: int) -> None:
    pool = 2 * num + extra
    part = partition(pool, num, trial, seed)
    both = np.concatenate([part.reference, part.other])
    assert len(set(both.tolist())) == 2 * num
    assert both.min() >= 0
    assert both.max() < pool
    again = partition(pool, num, trial, seed)
    assert np.array_equal(part.reference, again.reference)
    smaller = partition(pool, (num + 1) // 2, trial, seed)
    assert np.array_equal(smaller.reference, part.reference[: len(smaller.reference)])
    assert np.array_equal(smaller.other, part.other[: len(smaller.other)])


def test_trials_and_seeds_draw_anew() -> None:
    draws = [partition(100, 50, trial, seed).reference for trial, seed in ((0, 0), (1, 0), (0, 1))]
    assert not np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


@given(st.lists(st.integers(1, 9), min_size=2, max_size=12), st.integers(1, 30), st.integers(0, 9))
def test_groups_stay_whole_or_the_draw_says_that_they_do_not(sizes: list[int], num: int, trial: int) -> None:
    groups = [f"block {index}" for index, size in enumerate(sizes) for _ in range(size)]
    pool = len(groups)
    num = min(num, pool // 2)
    part = partition(pool, num, trial, 0, groups)
    both = np.concatenate([part.reference, part.other])
    assert len(part.reference) == len(part.other) == num
    assert len(set(both.tolist())) == 2 * num
    assert np.array_equal(both, np.concatenate([*drawn(partition(pool, num, trial, 0, groups))]))
    shared = {groups[i] for i in part.reference} & {groups[i] for i in part.other}
    if part.caution:
        assert f"N = {num} " in part.caution
        assert f"{len(sizes)} groups" in part.caution
        assert np.array_equal(both, np.concatenate([*drawn(partition(pool, num, trial, 0))]))
    else:
        assert not shared


def drawn(part: Partition) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    return part.reference, part.other


@given(st.lists(st.integers(1, 9), min_size=2, max_size=7), st.integers(1, 30))
def test_a_caution_is_given_only_where_no_deal_of_the_groups_would_do(sizes: list[int], num: int) -> None:
    groups = [str(index) for index, size in enumerate(sizes) for _ in range(size)]
    num = min(num, len(groups) // 2)
    sums = {0}
    for size in sizes:
        sums |= {total + size for total in sums}
    possible = any(num <= total <= len(groups) - num for total in sums)
    assert bool(partition(len(groups), num, 0, 0, groups).caution) is not possible


def test_with_groups_every_real_is_on_either_side_at_times() -> None:
    groups = [str(index // 5) for index in range(40)]
    parts = [partition(40, 10, trial, 0, groups) for trial in range(100)]
    assert set(np.concatenate([part.reference for part in parts])) == set(range(40))
    assert set(np.concatenate([part.other for part in parts])) == set(range(40))


def test_scores_take_the_groups_draws_and_carry_the_caution() -> None:
    reals, groups = np.arange(40.0)[:, None], [str(index // 10) for index in range(40)]
    floor = floor_scores(MEANS, reals, num=20, trials=2, seed=5, groups=groups)
    ours = repeated_scores(MEANS, reals, np.zeros((40, 1)), num=20, trials=2, seed=5, groups=groups)
    for trial in range(2):
        part = partition(40, 20, trial, 5, groups)
        assert floor.values[trial] == pytest.approx(reals[part.other].mean() - reals[part.reference].mean())
        assert ours.values[trial] == pytest.approx(-reals[part.reference].mean())
    assert floor.caution == ""
    one_block = floor_scores(MEANS, reals, num=20, trials=2, seed=5, groups=["a"] * 40)
    assert "near-copies" in one_block.caution


def test_every_real_is_as_likely_as_any_other() -> None:
    counts = np.zeros(20)
    for trial in range(2000):
        counts[partition(20, 5, trial, 3).reference] += 1
    assert stats.chisquare(counts).pvalue > 1e-3


def test_a_pool_too_small_is_refused_with_both_numbers_and_a_remedy() -> None:
    with pytest.raises(BenchError, match=r"99 real images.*N = 50.*need 100.*at most 49"):
        partition(99, 50, 0, 0)


def test_each_trial_takes_its_own_generated_rows_and_its_own_reals() -> None:
    reals = np.arange(40.0)[:, None]
    generated = np.repeat([100.0, 200.0, 300.0], 10)[:, None]
    scores = repeated_scores(MEANS, reals, generated, num=10, trials=3, seed=5)
    references = [reals[partition(40, 10, trial, 5).reference].mean() for trial in range(3)]
    assert scores.values == pytest.approx([100 - references[0], 200 - references[1], 300 - references[2]])


def test_the_floor_compares_reference_with_other() -> None:
    reals = np.arange(40.0)[:, None]
    scores = floor_scores(MEANS, reals, num=20, trials=2, seed=5)
    for trial, value in enumerate(scores.values):
        part = partition(40, 20, trial, 5)
        assert value == pytest.approx(reals[part.other].mean() - reals[part.reference].mean())


def test_too_few_generated_images_are_refused_with_the_numbers() -> None:
    with pytest.raises(BenchError, match=r"40 generated images.*5 trials of N = 10.*need 50"):
        repeated_scores(MEANS, np.zeros((30, 1)), np.zeros((40, 1)), num=10, trials=5, seed=0)


def test_one_value_has_no_spread_and_no_interval() -> None:
    scores = single_score(MEANS, np.zeros((4, 1)), np.ones((4, 1)))
    assert scores.values == (1.0,)
    assert scores.mean == 1.0
    assert scores.spread is scores.low is scores.high is None
    with pytest.raises(BenchError, match="4 reference reals stand against 3"):
        single_score(MEANS, np.zeros((4, 1)), np.ones((3, 1)))


def test_the_summary_is_the_textbook_one() -> None:
    values = [3.0, 5.0, 4.0, 8.0, 6.0]
    scores = summarise(values)
    assert scores.mean == pytest.approx(np.mean(values))
    assert scores.spread == pytest.approx(np.std(values, ddof=1))
    expected = stats.t.interval(0.95, 4, np.mean(values), stats.sem(values))
    assert (scores.low, scores.high) == pytest.approx(expected)


def test_the_interval_covers_the_mean_of_normal_trials_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    intervals = [summarise(rng.normal(7, 2, 5).tolist()) for _ in range(4000)]
    covered = np.mean([s.low is not None and s.high is not None and s.low <= 7 <= s.high for s in intervals])
    assert covered == pytest.approx(0.95, abs=0.015)


@given(st.integers(1, 40), st.integers(0, 40), st.integers(0, 9))
def test_one_reference_for_all_trials_is_that_of_the_first(num: int, extra: int, seed: int) -> None:
    part = whole(num + extra, num, seed)
    assert len(set(part.reference.tolist())) == num
    assert np.array_equal(part.reference, part.other)
    if extra >= num:
        assert np.array_equal(part.reference, partition(num + extra, num, 0, seed).reference)
    with pytest.raises(BenchError, match=f"at most {num + extra}"):
        whole(num + extra, num + extra + 1, seed)


def test_trials_against_one_reference_differ_by_their_images_alone() -> None:
    reference = np.zeros((4, 2), np.float32)
    generated = np.repeat(np.arange(3, dtype=np.float32), 4)[:, None].repeat(2, axis=1)
    scores = fixed_scores(MEANS, reference, generated, trials=3)
    assert scores.values == (0.0, 1.0, 2.0)
    with pytest.raises(BenchError, match="12 generated images are too few for 4 trials"):
        fixed_scores(MEANS, reference, generated, trials=4)
