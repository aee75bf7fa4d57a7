"""Rank correlations: orientation, exactness, and who takes part."""

import itertools
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sbgan_bench.comparing.correlation import RankCorrelation, rank_correlations
from sbgan_bench.errors import BenchError
from sbgan_bench.results import FLOOR, ResultRow

MODELS = "abcdefghijkl"


def column(values: list[float], metric: str = "one", better: str = "lower", **facts: Any) -> list[ResultRow]:
    known = {"suite": "s", "dataset": "toy", "resolution": "32x64", "protocol": "scene", **facts}
    return [
        ResultRow(model=model, value=value, metric=metric, better=better, **known)
        for model, value in zip(MODELS, values, strict=False)
    ]


def one_pair(*columns: list[ResultRow]) -> RankCorrelation:
    (found,) = rank_correlations(itertools.chain(*columns))
    return found


def test_plus_one_is_the_same_order_from_best_to_worst() -> None:
    falling, rising = [4.0, 3.0, 2.0, 1.0], [1.0, 20.0, 30.0, 31.0]
    human = column(rising, "human-score", "higher", protocol="study")
    agreed = one_pair(column(falling), human)
    assert (agreed.kendall, agreed.spearman, agreed.models) == (1, pytest.approx(1), 4)
    assert agreed.kendall_p == agreed.spearman_p == pytest.approx(2 / 24)
    opposed = one_pair(column(rising), human)
    assert (opposed.kendall, opposed.spearman) == (-1, pytest.approx(-1))
    assert (opposed.metric, opposed.other_protocol, opposed.other_metric) == ("one", "study", "human-score")


@pytest.mark.parametrize("count", [3, 5, 7, 12])
@pytest.mark.parametrize("ties", [False, True])
def test_coefficients_and_p_values_are_those_of_all_orders(count: int, ties: bool) -> None:
    rng = np.random.default_rng(count)
    first, second = rng.permutation(count).astype(float), rng.permutation(count).astype(float)
    if ties:
        first[0] = first[1]
    found = one_pair(column(first.tolist()), column(second.tolist(), "two"))
    kendall = stats.kendalltau(first, second)
    assert found.kendall == pytest.approx(kendall.statistic)
    assert found.spearman == pytest.approx(stats.spearmanr(first, second).statistic)
    if not ties:
        assert found.kendall_p == pytest.approx(kendall.pvalue)
    if count <= 5:
        ranks = stats.rankdata(first)
        orders = [np.corrcoef(ranks[list(order)], second)[0, 1] for order in itertools.permutations(range(count))]
        tails = [np.mean(sign * np.array(orders) >= sign * found.spearman - 1e-12) for sign in (1, -1)]
        assert found.spearman_p == pytest.approx(min(1, 2 * min(tails)))


def test_the_models_that_both_columns_have_count_averaged_over_training_seeds() -> None:
    first = [row for seed in (0, 1) for row in column([1.0 + seed, 2.0, 3.0, 4.0 - 3 * seed], training_seed=seed)]
    found = one_pair(first, column([1.0, 2.0, 3.0], "two"))
    assert (found.models, found.kendall) == (3, pytest.approx(1))  # means 1.5, 2, 3


def test_floors_trials_empty_cells_and_what_may_not_be_ranked_take_no_part() -> None:
    rows = [*column([1.0, 2.0, 3.0]), *column([1.0, 2.0, 3.0], "two")]
    more = [row.model_copy(update={"variant": "x", "value": 0.5}) for row in rows]
    for update in ({"model": FLOOR}, {"trial": 0}, {"value": None}, {"unranked": "collapsed"}):
        assert rank_correlations([*rows, *(row.model_copy(update=update) for row in more)]) == rank_correlations(rows)
    assert rank_correlations([*rows, *more])[0].models == 6


def test_too_few_models_other_datasets_and_constant_columns() -> None:
    assert rank_correlations([*column([1.0, 2.0]), *column([2.0, 1.0], "two")]) == []
    other = column([1.0, 2.0, 3.0], "two", dataset="other")
    assert rank_correlations([*column([1.0, 2.0, 3.0]), *other]) == []
    constant = one_pair(column([1.0, 2.0, 3.0]), column([5.0, 5.0, 5.0], "two"))
    assert (constant.models, constant.kendall, constant.spearman_p) == (3, None, None)


def test_a_column_of_different_sizes_is_refused() -> None:
    rows = column([1.0, 2.0, 3.0], num_generated=50)
    rows[1] = rows[1].model_copy(update={"num_generated": 500})
    with pytest.raises(BenchError, match="number of generated images"):
        rank_correlations(rows)
