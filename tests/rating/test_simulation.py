"""Simulated raters go through a whole study, and everything knows that they are none."""

from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from rating.studies import make_study

from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.rating.analysis.analysing import analyse
from sbgan_bench.rating.analysis.long_table import long_table
from sbgan_bench.rating.expected_score import expected_score
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.simulation import Simulation, SteppingClock, simulate
from sbgan_bench.rating.store.opening import create_store, open_store
from sbgan_bench.rating.store.records import Overview, Platform, Rating
from sbgan_bench.rating.study import Purpose, Timing


@pytest.fixture
def place(tmp_path: Path) -> StudyFolder:
    return make_study(tmp_path / "study", cells=2, images_per_cell=12, ratings_per_image=2, per_rater=16, practice=1,
                      gold=2, repeats=3, timing=Timing(minimum_ms=500))  # fmt: skip


def filled(place: StudyFolder, raters: int = 4, careless: int = 0) -> tuple[Simulation, list[Rating], Overview]:
    study = place.read()
    done = simulate(place.default_store, study, place.read_key(), raters=raters, careless=careless)
    store = open_store(place.default_store, study)
    try:
        return done, store.ratings(), store.overview()
    finally:
        store.dispose()


def test_they_rate_as_people_do(place: StudyFolder) -> None:
    done, ratings, overview = filled(place)
    assert done.scores == len(ratings)
    by_image = Counter(rating.image for rating in ratings if rating.purpose is Purpose.MAIN)
    assert set(by_image.values()) == {2}
    assert len(by_image) == overview.complete_images == 24
    assert {rating.purpose for rating in ratings} == set(Purpose)
    assert min(rating.response_ms for rating in ratings) >= 500
    assert np.median([rating.response_ms for rating in ratings]) > 1500


def test_they_are_marked_in_every_row_and_in_the_study(place: StudyFolder) -> None:
    _, ratings, overview = filled(place)
    study, key = place.read(), place.read_key()
    table = long_table(ratings, key, b"any")
    assert overview.simulated
    assert {rating.platform for rating in ratings} == {Platform.SIMULATED}
    assert table["simulated"].all()
    assert analyse(table, key, study, resamples=50).simulated


def test_careless_ones_are_found_out_and_the_others_are_not(place: StudyFolder) -> None:
    done, ratings, _ = filled(place, careless=1)
    study, key = place.read(), place.read_key()
    found = analyse(long_table(ratings, key, b"any"), key, study, resamples=50).exclusions
    assert done.careless == 1
    assert len(found.excluded) == 1
    (caught,) = (rater for rater in found.raters if rater.rules)
    assert "median_ms" in caught.rules


def test_the_seed_decides_how_good_cells_are(place: StudyFolder, tmp_path: Path) -> None:
    study, key = place.read(), place.read_key()
    one, same, other = (
        simulate(f"sqlite:///{tmp_path / name}.db", study, key, raters=1, seed=seed).cells
        for name, seed in (("one", 0), ("same", 0), ("other", 1))
    )
    assert one == same != other
    assert all(1 < cell.true_mean < 4 for cell in one)


def test_a_study_with_people_is_left_alone(place: StudyFolder) -> None:
    store = create_store(place.default_store, place.read())
    try:
        rater = store.rater_by_token(store.invite(1)[0]).id
        store.consent(rater, "0" * 64)
        trial = store.next_trial(rater)
        assert trial is not None
        store.deliver(trial.slot)
    finally:
        store.dispose()
    quick = place.read().model_copy(update={"timing": Timing(minimum_ms=0)})
    store = open_store(place.default_store, quick)
    try:
        store.record(rater, trial.slot, 3)
    finally:
        store.dispose()
    with pytest.raises(BenchError, match="real raters"):
        simulate(place.default_store, place.read(), place.read_key(), raters=1)


def test_more_careless_raters_than_raters_are_refused(place: StudyFolder) -> None:
    with pytest.raises(DataError, match="5 careless raters of 4"):
        simulate(place.default_store, place.read(), place.read_key(), raters=4, careless=5)


@pytest.mark.parametrize(("quality", "spread"), [(2.2, 0.9), (1.1, 0.5), (3.9, 1.4)])
def test_the_expected_score_is_the_mean_of_rounded_normals(quality: float, spread: float) -> None:
    drawn = np.clip(np.rint(np.random.default_rng(0).normal(quality, spread, 200_000)), 1, 4)
    assert expected_score(quality, spread) == pytest.approx(drawn.mean(), abs=0.01)


def test_without_spread_the_expected_score_is_the_rounded_quality() -> None:
    assert [expected_score(quality, 0.0) for quality in (0.2, 1.6, 3.4, 9.0)] == [1.0, 2.0, 3.0, 4.0]


def test_the_clock_shows_whole_milliseconds() -> None:
    clock = SteppingClock(datetime(2031, 5, 4, 12, 0, 0, 1999, UTC))
    clock.move(3)
    assert clock.now() == datetime(2031, 5, 4, 12, 0, 0, 4000, UTC)
