"""How reals meet generated images: references, floors, words, and what the interval over trials covers."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sbgan_bench.draws import Draws
from sbgan_bench.metric import Better, Metric
from sbgan_bench.metrics.frechet import METRIC as FRECHET
from sbgan_bench.results import Reals
from sbgan_bench.splits import beside_whole, partition, whole

Array = NDArray[np.float64]
SHIFT = Metric(
    name="shift",
    title="Shift",
    better=Better.LOWER,
    source="test",
    compute=lambda real, generated: float(generated.mean() - real.mean()),
)
POOL = np.arange(60.0)[:, None]
DRAWS = Draws(num=20, trials=3, seed=7)


def test_references_are_those_of_the_partitions() -> None:
    found = DRAWS.references(POOL)
    assert [array.tolist() for array in found] == [POOL[partition(60, 20, t, 7).reference].tolist() for t in range(3)]
    same = replace(DRAWS, reals=Reals.WHOLE).references(POOL)
    assert [array.tolist() for array in same] == [POOL[whole(60, 20, 7).reference].tolist()] * 3
    assert all(array is POOL for array in replace(DRAWS, reals=Reals.ALL).references(POOL))


def test_generated_images_are_cut_trial_after_trial() -> None:
    generated = np.repeat([1.0, 2.0, 3.0], 20)[:, None]
    assert [part.mean() for part in DRAWS.generated(generated, given_layouts=False)] == [1, 2, 3]
    assert len(DRAWS.generated(generated[:20], given_layouts=True)) == 1
    assert len(replace(DRAWS, reals=Reals.ALL).generated(generated, given_layouts=False)[0]) == 60


def test_every_image_once_is_the_plain_metric_of_two_sets_of_any_size() -> None:
    draws = replace(DRAWS, reals=Reals.ALL, num=7)
    scores = draws.scores(SHIFT, POOL, np.zeros((7, 1)), given_layouts=False)
    assert scores.values == (-POOL.mean(),)
    assert scores.spread is None


def test_the_floor_comes_from_the_pool_where_it_has_reals_to_spare() -> None:
    floor = DRAWS.floor(SHIFT, POOL, train=np.full((100, 1), 1e9))
    assert floor is not None
    parts = [partition(60, 20, trial, 7) for trial in range(3)]
    expected = [POOL[part.other].mean() - POOL[part.reference].mean() for part in parts]
    assert floor.scores.values == pytest.approx(expected)
    assert floor.pool == "N others of the same 60 test reals"


def test_the_floor_of_one_reference_compares_that_reference_with_others_of_the_pool() -> None:
    draws = replace(DRAWS, reals=Reals.WHOLE)
    pairs: list[tuple[set[float], set[float]]] = []

    def look(real: Array, generated: Array) -> float:
        pairs.append((set(real[:, 0]), set(generated[:, 0])))
        return 0.0

    floor = draws.floor(replace(SHIFT, compute=look), POOL)
    assert floor is not None
    assert floor.pool == "N others of the same 60 test reals"
    reference = set(POOL[whole(60, 20, 7).reference][:, 0])
    assert [real for real, _ in pairs] == [reference] * 3
    assert all(len(other) == 20 and not other & reference for _, other in pairs)
    assert pairs[0][1] != pairs[1][1]


def test_others_beside_one_reference_share_no_group_with_it_where_that_can_be() -> None:
    blocks = tuple(str(index // 2) for index in range(60))  # a reference of 3 has a part of 2 or 3 groups
    others, caution = beside_whole(60, 3, 7, blocks)
    parted = {blocks[index] for index in whole(60, 3, 7).reference}
    assert not parted & {blocks[index] for index in others}
    assert not caution
    floor = replace(DRAWS, reals=Reals.WHOLE, groups=("a", "b") * 30).floor(SHIFT, POOL)
    assert floor is not None
    assert "near-copies" in floor.scores.caution


def test_the_floor_comes_from_the_training_images_where_the_pool_has_none() -> None:
    draws = replace(DRAWS, num=60, reals=Reals.WHOLE)
    assert draws.floor(SHIFT, POOL) is None
    assert draws.floor(SHIFT, POOL, train=np.zeros((59, 1))) is None
    floor = draws.floor(SHIFT, POOL, train=np.full((80, 1), POOL.mean() + 1))
    assert floor is not None
    assert floor.scores.values == pytest.approx([1, 1, 1])
    assert "80 training images" in floor.pool


def test_every_image_once_has_a_floor_from_training_images_alone() -> None:
    draws = replace(DRAWS, num=45, reals=Reals.ALL)
    assert draws.floor(SHIFT, POOL) is None
    assert draws.floor(SHIFT, POOL, train=np.zeros((44, 1))) is None
    floor = draws.floor(SHIFT, POOL, train=np.full((50, 1), POOL.mean() + 2))
    assert floor is not None
    assert floor.scores.values == pytest.approx([2])


@pytest.mark.parametrize("reals", [Reals.DISJOINT, Reals.WHOLE])
def test_painting_given_layouts_is_deterministic_so_there_is_one_value(reals: Reals) -> None:
    draws = replace(DRAWS, reals=reals)
    scores = draws.scores(SHIFT, POOL, np.zeros((20, 1)), given_layouts=True)
    assert scores.values == (-draws.references(POOL, 1)[0].mean(),)
    assert (scores.spread, scores.low, scores.high) == (None, None, None)


def test_words_say_which_reals() -> None:
    assert DRAWS.words(60) == "N drawn without replacement from 60 test reals, split seed 7"
    assert "layouts from N others" in DRAWS.words(60, given_layouts=True)
    assert "near-copies" in replace(DRAWS, groups=("a",) * 60).words(60)
    assert replace(DRAWS, reals=Reals.WHOLE, num=60).words(60) == "the same N in every trial: all test reals"
    assert replace(DRAWS, reals=Reals.ALL).words(60) == "all 60 test reals, once"


@pytest.mark.parametrize("reals", [Reals.DISJOINT, Reals.WHOLE])
def test_the_interval_covers_the_expectation_given_these_weights_and_this_pool(reals: Reals) -> None:
    """The claim is E[distance at N | weights, pool], so the pool stays and everything drawn from it is drawn anew."""
    rng = np.random.default_rng(0)
    pool = rng.standard_normal((100, 3))
    num, trials, repeats = 25, 5, 500

    def generated(count: int) -> Array:
        return 1.2 * rng.standard_normal((count, 3)) + 0.3

    intervals, values = [], []
    for repeat in range(repeats):
        # Reals.WHOLE takes one reference for good: its expectation is given that reference.
        draws = Draws(num=num, trials=trials, seed=0 if reals is Reals.WHOLE else repeat, reals=reals)
        scores = draws.scores(FRECHET, pool, generated(num * trials), given_layouts=False)
        assert scores.low is not None
        assert scores.high is not None
        intervals.append((scores.low, scores.high))
        values += scores.values
    expectation = np.mean(values)  # of 2,500 trials
    covered = np.mean([low <= expectation <= high for low, high in intervals])
    assert covered == pytest.approx(0.95, abs=0.035)
