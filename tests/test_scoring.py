"""From features to rows: floors beside values, warnings where they are due, and planted pathologies called by name."""

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from sbgan_bench.draws import Draws
from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.frechet import METRIC as FRECHET
from sbgan_bench.metrics.kernel import METRIC as KERNEL
from sbgan_bench.metrics.manifold import COVERAGE
from sbgan_bench.metrics.memorisation import METRIC as MEMORISATION
from sbgan_bench.protocol import ProtocolInfo
from sbgan_bench.results import SMALL_SAMPLE, Reals, ResultRow, Status
from sbgan_bench.samples import LayoutSource
from sbgan_bench.scoring import Subject, Yardstick, floor_note, floor_rows, small_sample_note, subject_rows
from sbgan_bench.splits import summarise

Array = NDArray[np.float64]
NUM, TRIALS, DIM = 20, 3, 6
RNG = np.random.default_rng(0)
POOL = RNG.standard_normal((60, DIM))
TRAIN = RNG.standard_normal((80, DIM))
OURS = 0.5 + RNG.standard_normal((NUM * TRIALS, DIM))
INFO = ProtocolInfo(name="p", weights_hash="w", dim=DIM, input="", layers="", numerics="")
FACTS = {"suite": "s", "dataset": "d", "resolution": "32x64"}


def metric(name: str = "m", **other: object) -> Metric:
    known = {"title": name.title(), "better": Better.LOWER, "source": "test", "compute": lambda real, generated: 1.0}
    return Metric(name=name, **{**known, **other})


def yardstick(**other: object) -> Yardstick:
    return Yardstick(**{"info": INFO, "draws": Draws(num=NUM, trials=TRIALS, seed=7), "pool": POOL, **other})


def scored(held: Yardstick, features: Features, *metrics: Metric, **facts: object) -> list[ResultRow]:
    """Rows of one set with the floors of the same yardstick beside them."""
    _, floors = floor_rows(held, metrics, FACTS)
    return subject_rows(held, metrics, floors, Subject(facts={**FACTS, "model": "g", **facts}, features=features))


def summary(rows: list[ResultRow], name: str) -> ResultRow:
    [found] = [row for row in rows if row.trial is None and row.metric == name]
    return found


@pytest.mark.parametrize("source", [LayoutSource.NONE, LayoutSource.REAL])
def test_the_floor_beside_a_value_is_that_of_the_floor_row(source: LayoutSource) -> None:
    held = yardstick()
    floors = {(row.metric, row.trial): row for row in floor_rows(held, [FRECHET, KERNEL], FACTS)[0]}
    ours = OURS[:NUM] if source is LayoutSource.REAL else OURS
    rows = scored(held, ours, FRECHET, KERNEL, layout_source=source)
    assert {row.trial for row in rows} == {None, 0} | (set() if source is LayoutSource.REAL else {1, 2})
    for row in rows:
        assert row.floor == floors[row.metric, row.trial].value
        assert row.floor_pool == "N others of the same 60 test reals"
        assert row.floor_pool in floors[row.metric, row.trial].real_pool


def test_where_no_reals_are_left_over_the_floor_row_says_so_and_none_stands_beside_values() -> None:
    held = yardstick(draws=Draws(num=60, trials=1, seed=7, reals=Reals.WHOLE))
    [floor] = floor_rows(held, [FRECHET], FACTS)[0]
    assert (floor.status, floor.reason) == (Status.SKIPPED, "no reals are left over for a floor")
    assert all((row.floor, row.floor_pool) == (None, "") for row in scored(held, OURS, FRECHET))


def test_rows_are_trials_and_their_mean() -> None:
    seeds = range(100, 100 + len(OURS))
    rows = subject_rows(yardstick(), [FRECHET], {}, Subject(facts={**FACTS, "model": "g"}, features=OURS, seeds=seeds))
    *trials, whole = rows
    assert [row.sampling_seeds for row in trials] == ["100..119", "120..139", "140..159"]
    assert whole.sampling_seeds == "100..159"
    assert whole.value == pytest.approx(np.mean([row.value for row in trials]))
    assert (whole.trials, [row.trials for row in trials]) == (3, [1, 1, 1])


def test_the_floor_note_says_which_share_of_the_value_the_floor_is() -> None:
    wide = replace(INFO, dim=40)
    pool, ours = RNG.standard_normal((60, 40)), 2 + RNG.standard_normal((NUM * TRIALS, 40))
    rows = scored(yardstick(info=wide, pool=pool), ours, FRECHET)
    for row in rows:
        [note] = [note for note in row.notes if note.startswith(SMALL_SAMPLE)]
        whole = summary(rows, FRECHET.name)
        assert whole.floor is not None
        assert whole.value is not None
        share = 100 * whole.floor / whole.value
        assert note.endswith(f"the floor, {whole.floor:.4g}, is {share:.0f} % of this value")
        assert "N = 20 is not above the 40 dimensions of p" in note


@pytest.mark.parametrize(
    ("value", "floor", "words"),
    [
        (8.0, 2.0, "2, is 25 % of"),
        (1.0, 2.0, "this value is not above the floor, 2"),
        (0.0, 2.0, "this value is not above the floor, 2"),
        (3.0, None, "no reals for a"),
    ],
)
def test_shares_of_the_floor(value: float, floor: float | None, words: str) -> None:
    assert words in small_sample_note(10, 20, "p", value, floor)


@pytest.mark.parametrize(
    ("num_real", "num_generated", "dim", "fits_covariance", "due"),
    [
        (20, 20, 20, True, True), (21, 21, 20, True, False), (500, 20, 20, True, True), (20, 500, 20, True, True),
        (20, 20, 2048, False, False),
    ],
)  # fmt: skip
def test_the_floor_note_is_due_only_where_a_covariance_is_fitted_and_n_is_not_above_its_dimension(
    num_real: int, num_generated: int, dim: int, fits_covariance: bool, due: bool
) -> None:
    facts = {"num_real": num_real, "num_generated": num_generated, "dim": dim, "protocol": "p"}
    fitting = metric(fits_covariance=fits_covariance)
    assert bool(floor_note(fitting, facts, summarise([1.0]), None)) is due


def test_a_metric_that_fails_becomes_a_failed_row_and_the_rest_stands() -> None:
    def broken(real: Features, generated: Features) -> float:
        raise BenchError(f"no value of {len(real)} and {len(generated)}")

    held = yardstick()
    rows = scored(held, OURS, metric("broken", compute=broken), metric("sound"))
    failed = summary(rows, "broken")
    assert (failed.status, failed.reason, failed.value) == (Status.FAILED, "no value of 20 and 20", None)
    assert summary(rows, "sound").value == 1.0
    floor, _ = floor_rows(held, [metric("broken", compute=broken), metric("sound")], FACTS)
    assert {row.metric: row.status for row in floor} == {"broken": Status.FAILED, "sound": Status.DONE}


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_value_that_is_no_finite_number_is_a_failure_that_names_it(value: float) -> None:
    rows = scored(yardstick(), OURS, metric("odd", compute=lambda real, generated: value), metric("sound"))
    assert summary(rows, "odd").status is Status.FAILED
    assert f"Odd gave {value}" in summary(rows, "odd").reason
    assert summary(rows, "sound").status is Status.DONE


def test_fewer_images_than_a_metric_needs_skip_it_with_both_numbers() -> None:
    held = yardstick(draws=Draws(num=5, trials=2, seed=0))
    rows = scored(held, OURS[:10], COVERAGE, FRECHET)
    assert summary(rows, "coverage").status is Status.SKIPPED
    assert summary(rows, "coverage").reason == "Coverage needs 6 images or more, N is 5"
    assert summary(rows, FRECHET.name).status is Status.DONE
    floor, _ = floor_rows(held, [COVERAGE], FACTS)
    assert [row.status for row in floor] == [Status.SKIPPED]


EVERY = (FRECHET, KERNEL, MEMORISATION, metric("own"))


def test_training_images_passed_off_as_samples_are_named_and_unranked_by_every_metric() -> None:
    stolen = TRAIN[np.random.default_rng(1).permutation(len(TRAIN))[: NUM * TRIALS]]
    rows = scored(yardstick(train=TRAIN), stolen, *EVERY)
    assert {row.metric for row in rows} == {one.name for one in EVERY}
    assert all(row.unranked.startswith("memorised: ") for row in rows)
    assert all(any(note.startswith("memorised: ") for note in row.notes) for row in rows)


def test_fresh_images_are_ranked_by_the_metrics_that_rank() -> None:
    fresh = np.random.default_rng(2).standard_normal((NUM * TRIALS, DIM))
    rows = scored(yardstick(train=TRAIN), fresh, *EVERY)
    ranked = {one.name for one in EVERY if one.ranks}
    assert {row.metric for row in rows if not row.unranked} == ranked
    assert summary(rows, "memorisation").unranked == "Memorisation ratio does not rank models"
    assert not any(note for row in rows for note in row.notes)


def test_collapse_to_five_images_is_named_and_unranked() -> None:
    rows = scored(yardstick(), OURS[np.arange(NUM * TRIALS) % 5], FRECHET, metric("own"))
    assert all(row.unranked.startswith("collapsed: 5 distinct images among 60") for row in rows)


def test_duplicates_are_named() -> None:
    twins = OURS.copy()
    twins[1::3] = twins[::3]
    rows = scored(yardstick(), twins, FRECHET)
    assert all("20 of 60 generated images are copies of others among them" in row.notes for row in rows)


def test_copies_of_the_reals_are_named_whichever_trial_they_are_in() -> None:
    some = OURS.copy()
    some[-1] = POOL[3]
    rows = scored(yardstick(), some, FRECHET)
    assert all("1 of 60 generated images are copies of the reference reals" in row.notes for row in rows)


def test_collapse_is_named_even_where_memorisation_cannot_be_judged() -> None:
    rows = scored(yardstick(train=POOL), OURS[np.arange(NUM * TRIALS) % 5], FRECHET)
    assert all(row.unranked.startswith("collapsed") for row in rows)
    assert all(any("copies of training images" in note for note in row.notes) for row in rows)


def test_what_is_known_of_a_model_bars_it_too() -> None:
    rows = scored(yardstick(), OURS, FRECHET, notes=("collapsed at step 79", "frames of one drive"))
    assert all(row.unranked == "collapsed at step 79" for row in rows)
    assert all("frames of one drive" in row.notes for row in rows)


def test_a_caution_of_a_metric_bars_its_own_values_alone() -> None:
    wary = metric("wary", caution=lambda real, generated: f"N = {len(real)} is too small")
    rows = scored(yardstick(), OURS, wary, metric("plain"))
    assert summary(rows, "wary").unranked == "N = 20 is too small"
    assert "N = 20 is too small" in summary(rows, "wary").notes
    assert summary(rows, "plain").unranked == ""


BLOCKS = replace(INFO, blocks={"features": (0, 4), "logits": (4, 6)})


def test_a_metric_sees_only_the_block_that_it_reads() -> None:
    seen: list[tuple[str, Array]] = []

    def reading(block: str) -> Metric:
        def compute(*sets: Features) -> float:
            seen.extend((block, one) for one in sets)
            return 1.0

        return metric(block, reads=block, uses_train=True, compute=compute, caution=lambda *sets: f"{len(sets)} sets")

    held = yardstick(info=BLOCKS, train=TRAIN)
    rows = scored(held, OURS, reading("features"), reading("logits"))
    own = {"features": slice(0, 4), "logits": slice(4, 6)}
    lines = {
        block: {tuple(line) for one in (POOL, OURS, TRAIN) for line in one[:, part]} for block, part in own.items()
    }
    assert seen
    for block, array in seen:
        assert {tuple(line) for line in array} <= lines[block]
    assert {row.metric: row.dim for row in rows} == {"features": 4, "logits": 2}
    assert {row.unranked for row in rows} == {"3 sets"}


def test_metrics_that_find_nothing_to_read_have_no_rows() -> None:
    layouts = replace(INFO, blocks={"areas": (0, 3), "grid": (3, 6)})
    rows = scored(yardstick(info=layouts), OURS[np.arange(60) % 5], metric(), metric("areas", reads="areas"))
    assert {row.metric for row in rows} == {"areas"}
    assert all(row.unranked == "" for row in rows), "pieces of layouts repeat; collapse is judged by features"
    assert not yardstick().applies(MEMORISATION), "without training images"
    assert yardstick(train=TRAIN).applies(MEMORISATION)


@pytest.mark.parametrize(
    ("reals", "num", "sizes"),
    [(Reals.DISJOINT, NUM, (20, 20)), (Reals.WHOLE, NUM, (20, 20)), (Reals.ALL, 45, (60, 45))],
)
def test_rows_say_how_many_of_what_were_compared(reals: Reals, num: int, sizes: tuple[int, int]) -> None:
    seen = set()

    def compute(real: Features, generated: Features) -> float:
        seen.add((len(real), len(generated)))
        return 1.0

    trials = 1 if reals is Reals.ALL else TRIALS
    held = yardstick(draws=Draws(num=num, trials=trials, seed=0, reals=reals), info=replace(INFO, published=False))
    rows = subject_rows(
        held, [metric(compute=compute)], {}, Subject(facts={**FACTS, "model": "g"}, features=OURS[: num * trials])
    )
    assert seen == {sizes}
    for row in rows:
        assert (row.num_real, row.num_generated, row.dim) == (*sizes, DIM)
        assert (row.reals, row.published, row.weights_hash, row.protocol) == (reals, False, "w", "p")


def test_floors_of_metrics_about_training_images_never_take_these_for_a_perfect_model() -> None:
    held = yardstick(draws=Draws(num=60, trials=1, seed=0, reals=Reals.WHOLE), train=TRAIN)
    assert held.floor(FRECHET) is not None
    assert held.floor(MEMORISATION) is None
