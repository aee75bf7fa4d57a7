"""Rows made of rows: over training seeds, and the bottleneck gap."""

import pytest

from sbgan_bench.questions import GAP
from sbgan_bench.results import SMALL_SAMPLE, ResultRow
from sbgan_bench.samples import LayoutSource
from sbgan_bench.scoring import small_sample_note
from sbgan_bench.suite.jobs.summary import bottleneck_gaps, chosen_alike, over_training_seeds


def row(value: float | None, seed: int | None = 0, **other: object) -> ResultRow:
    notes = () if value is None else (small_sample_note(20, 40, "texture", value, 2.0),)
    facts = {"suite": "s", "model": "m", "recipe": "both", "dataset": "d", "resolution": "32x64", "dim": 40,
             "protocol": "texture", "metric": "frechet-distance", "training_seed": seed, "num_real": 20,
             "num_generated": 20, "floor": 2.0, "floor_pool": "others", "notes": notes, "value": value}  # fmt: skip
    return ResultRow.model_validate({**facts, **other})


def test_seeds_become_their_mean_and_spread() -> None:
    [made] = over_training_seeds([row(4.0, 0), row(6.0, 1), row(8.0, 2)])
    assert (made.value, made.spread, made.trials, made.training_seed) == (6.0, 2.0, 3, None)
    assert made.low is not None
    assert made.high is not None
    assert 6 - made.low == pytest.approx(made.high - 6) == pytest.approx(4.302653 * 2 / 3**0.5)


def test_a_single_seed_and_cells_without_a_value_make_no_summary() -> None:
    assert over_training_seeds([row(4.0, 0), row(None, 1, status="failed", reason="r")]) == []


def test_the_share_of_the_floor_is_that_of_the_mean() -> None:
    [made] = over_training_seeds([row(4.0, 0), row(12.0, 1)])
    [note] = made.notes
    assert "the floor, 2, is 25 % of this value" in note


def test_other_notes_of_all_seeds_are_kept_once() -> None:
    [made] = over_training_seeds([row(4.0, 0, notes=("a", "b")), row(6.0, 1, notes=("b", "c"))])
    assert made.notes == ("a", "b", "c")


@pytest.mark.parametrize("barred", [0, 1])
def test_what_may_not_be_ranked_with_one_seed_may_not_over_all(barred: int) -> None:
    [made] = over_training_seeds(
        [row(4.0 + seed, seed, unranked="collapsed" if seed == barred else "") for seed in (0, 1)]
    )
    assert made.unranked == "collapsed"


def test_the_gap_is_a_difference_with_the_image_stage_fixed() -> None:
    rows = [
        row(9.0, layout_source=LayoutSource.GENERATED, notes=("a",)),
        row(5.0, layout_source=LayoutSource.REAL, notes=("b",)),
        row(7.0, seed=1, layout_source=LayoutSource.GENERATED),
        row(1.0, layout_source=LayoutSource.REAL, recipe="none"),
        row(3.0, layout_source=LayoutSource.REAL, metric="kernel-distance"),
    ]
    [gap] = bottleneck_gaps(rows)
    assert (gap.metric, gap.value, gap.training_seed, gap.notes) == (GAP, 4.0, 0, ("a", "b"))


def test_the_gap_has_no_floor_and_no_share_of_one() -> None:
    [gap] = bottleneck_gaps(
        [row(9.0, layout_source=LayoutSource.GENERATED), row(5.0, layout_source=LayoutSource.REAL)]
    )
    assert (gap.floor, gap.floor_pool) == (None, "")
    assert not any(note.startswith(SMALL_SAMPLE) for note in gap.notes)


def test_models_chosen_by_another_rule_than_most_are_not_put_in_order_with_them() -> None:
    usual = [row(value, selection="last", model=model) for model, value in zip("abc", (1.0, 2.0, 3.0), strict=True)]
    imported, other = row(4.0, model="d", selection=""), row(5.0, model="e", selection="best of 5")
    assert chosen_alike([*usual, imported, other]) == [*usual, imported]
    assert chosen_alike([imported]) == [imported]
