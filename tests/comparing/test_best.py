"""Everyone against the best: who wins, what is corrected, and what the row says."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sbgan_bench.comparing.best import compare_seeds_with_best, compare_with_best
from sbgan_bench.comparing.holm import holm
from sbgan_bench.comparing.rows import Comparison, Pairing, Unit, not_rejected
from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.diversity import METRIC as DIVERSITY
from sbgan_bench.metrics.frechet import METRIC as FRECHET

RNG = np.random.default_rng(0)
REFERENCES = [RNG.standard_normal((30, 12)) for _ in range(3)]
GOOD = [RNG.standard_normal((30, 12)) for _ in range(3)]
#: As good but for a little more of the difference from the reals that chance gave it; and far off.
NEAR = [good + 0.2 * (good.mean(axis=0) - real.mean(axis=0)) for good, real in zip(GOOD, REFERENCES, strict=True)]
SETS = {"good": GOOD, "near": NEAR, "bad": [RNG.standard_normal((30, 12)) + 0.8 for _ in range(3)]}
FACTS = {"dataset": "toy", "resolution": "32x64", "protocol": "scene"}


def by_other(comparisons: list[Comparison]) -> dict[str, Comparison]:
    return {row.other: row for row in comparisons}


def test_each_model_meets_the_best_once_and_p_is_adjusted_for_all_pairs() -> None:
    told: list[tuple[int, int]] = []
    rows = compare_with_best(
        SETS, REFERENCES, FRECHET, facts=FACTS, replicates=199, report=lambda *progress: told.append(progress)
    )
    assert {row.winner for row in rows} == {"good"}
    assert [row.other for row in rows] == ["near", "bad"]
    assert [row.p_holm for row in rows] == list(holm([row.p for row in rows], family=3))
    for row in rows:
        assert row.effect == pytest.approx(row.value_other - row.value_winner)
        assert row.low is not None
        assert row.high is not None
        assert row.low < row.effect < row.high
        assert (row.unit, row.pairing, row.trials, row.replicates) == (Unit.IMAGES, Pairing.POOLED, 3, 199)
        assert (row.dataset, row.metric, row.better) == ("toy", "frechet-distance", Better.LOWER)
        assert row.rejected == (row.p_holm <= 0.05)
    assert not_rejected(rows) == {"good", "near"}
    assert told[-1] == (398, 398)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_the_words_say_what_was_tested_and_no_more() -> None:
    words = {row.other: row.words for row in compare_with_best(SETS, REFERENCES, FRECHET, replicates=99)}
    assert words["bad"].startswith("Rejected: that the two sets of images, good and bad, are exchangeable; ")
    assert words["near"].startswith("Not rejected: that the two sets of images")
    assert "higher for bad" in words["bad"]
    assert "pooled test" in words["bad"]
    assert "Holm, 3 comparisons" in words["bad"]
    assert all(
        "One training seed: the test speaks of these weights, not of the method." in text for text in words.values()
    )
    few = compare_with_best(SETS, REFERENCES, FRECHET, replicates=19)[0]
    assert not few.rejected
    assert "With so few relabellings no p below 0.15 is possible" in few.words


def test_models_with_the_same_start_are_paired() -> None:
    starts = {"good": "pre-training", "near": "pre-training", "bad": "another"}
    rows = by_other(compare_with_best(SETS, REFERENCES, FRECHET, starts=starts, replicates=9))
    assert rows["near"].pairing is Pairing.PAIRED
    assert rows["bad"].pairing is Pairing.POOLED


def test_a_barred_set_never_wins_and_is_compared_all_the_same() -> None:
    rows = compare_with_best(SETS, REFERENCES, FRECHET, barred={"good"}, replicates=9)
    assert {row.winner for row in rows} == {"near"}
    assert {row.other for row in rows} == {"good", "bad"}
    assert by_other(rows)["good"].effect < 0
    assert compare_with_best(SETS, REFERENCES, FRECHET, barred=set(SETS), replicates=9) == []


def test_higher_may_be_better_and_a_rival_may_be_named_beforehand() -> None:
    sets = {**SETS, "wide": [3 * features for features in SETS["good"]]}
    wide = replace(DIVERSITY, ranks=True)
    assert {row.winner for row in compare_with_best(sets, REFERENCES, wide, replicates=9)} <= {"wide"}
    rows = compare_with_best(SETS, REFERENCES, FRECHET, against="bad", replicates=39)
    assert {(row.winner, row.family) for row in rows} == {("bad", 2)}
    assert all(row.effect < 0 for row in rows)


def test_the_training_images_reach_metrics_that_ask_for_them() -> None:
    train: NDArray[np.float64] = RNG.standard_normal((20, 12))

    def beside_train(real: Features, generated: Features, seen: Features) -> float:
        assert seen is train
        return float(abs(generated.mean() - real.mean()))

    metric = Metric(name="m", title="M", better=Better.LOWER, source="here", compute=beside_train, uses_train=True)
    assert len(compare_with_best(SETS, REFERENCES, metric, train=train, replicates=5)) == 2
    with pytest.raises(BenchError, match="training images"):
        compare_with_best(SETS, REFERENCES, metric, replicates=5)


def test_what_cannot_be_compared_is_refused() -> None:
    with pytest.raises(BenchError, match="does not rank"):
        compare_with_best(SETS, REFERENCES, replace(FRECHET, ranks=False))
    with pytest.raises(BenchError, match="'near' has 2 trials"):
        compare_with_best({**SETS, "near": SETS["near"][:2]}, REFERENCES, FRECHET)
    short = [features[:20] for features in SETS["bad"]]
    with pytest.raises(BenchError, match=r"N = 20 for 'bad', N = 30 for"):
        compare_with_best({**SETS, "bad": short}, REFERENCES, FRECHET)
    with pytest.raises(BenchError, match="'nobody' is not among"):
        compare_with_best(SETS, REFERENCES, FRECHET, against="nobody")
    with pytest.raises(BenchError, match="'b' has no trained seed"):
        compare_seeds_with_best({"a": {0: 1.0}, "b": {}}, FRECHET)


def test_training_seeds_are_paired_where_start_and_seeds_are_shared() -> None:
    values = {
        "a": {seed: 10.0 + seed for seed in range(6)},
        "b": {seed: 12.0 + seed + 0.1 * (seed % 2) for seed in range(6)},
        "c": {0: 14.0, 1: 15.0},
        "d": {seed: 10.5 + seed for seed in range(6)},
    }
    rows = by_other(compare_seeds_with_best(values, FRECHET, starts=dict.fromkeys("abc", "pre-training"), facts=FACTS))
    assert [rows[name].pairing for name in "bcd"] == [Pairing.PAIRED, Pairing.POOLED, Pairing.POOLED]
    assert rows["b"].p == 2 / 64
    assert {row.unit for row in rows.values()} == {Unit.SEEDS}
    assert (rows["b"].training_seeds, rows["c"].training_seeds) == (6, 2)
    assert "training runs" in rows["b"].words
    assert "these weights" not in rows["b"].words
    pair = compare_seeds_with_best({name: values[name] for name in "ab"}, FRECHET, starts={"a": "x", "b": "x"})
    assert pair[0].rejected


def test_too_few_training_seeds_are_said_to_be_too_few() -> None:
    values = {"a": {0: 1.0, 1: 1.1, 2: 0.9}, "b": {0: 5.0, 1: 5.2, 2: 5.1}}
    (row,) = compare_seeds_with_best(values, FRECHET, starts={"a": "x", "b": "x"})
    assert row.p == 0.25
    assert not row.rejected
    assert "With 3 training seeds no p below 0.25 is possible" in row.words
    (single,) = compare_seeds_with_best({"a": {0: 1.0}, "b": {0: 2.0}}, FRECHET)
    assert (single.low, single.high, single.rejected) == (None, None, False)
    assert "With 1 training seed no p below 1 is possible" in single.words
