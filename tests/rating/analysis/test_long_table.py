"""The long table: what it holds, and what it does not tell."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from rating.studies import make_study

from sbgan_bench.errors import DataError
from sbgan_bench.rating.analysis.long_table import COLUMNS, long_table
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.records import Platform, Rating
from sbgan_bench.rating.study import Purpose, Role

SECRET = b"a secret of the study"
START = datetime(2026, 11, 27, tzinfo=UTC)


@pytest.fixture
def place(tmp_path: Path) -> StudyFolder:
    return make_study(tmp_path / "study", gold=1)


def rating(rater: int, image: str, *, position: int = 0, score: int = 2, response_ms: int = 900,
           purpose: Purpose = Purpose.MAIN, platform: Platform = Platform.INVITED) -> Rating:  # fmt: skip
    received = START + timedelta(seconds=100 * rater + position)
    return Rating(rater, platform, image, purpose, position, score, response_ms, received)


def ratings_of(place: StudyFolder, raters: int = 30) -> list[Rating]:
    images = place.read().of_role(Role.MAIN)
    return [rating(rater, image.id, position=position, score=1 + (rater + position) % 4)
            for rater in range(1, raters + 1) for position, image in enumerate(images)]  # fmt: skip


def test_each_rating_is_a_row_with_whose_image_it_was(place: StudyFolder) -> None:
    key = place.read_key()
    table = long_table(ratings_of(place), key, SECRET)
    assert list(table.columns) == list(COLUMNS)
    assert len(table) == 30 * 6
    for row in table.itertuples():
        identity = key.cells[row.cell]
        assert key.images[row.image].cell == row.cell
        assert (row.dataset, row.model) == (identity.dataset, identity.title)
    assert not table["simulated"].any()


def test_gold_and_practice_belong_to_no_cell(place: StudyFolder) -> None:
    study, key = place.read(), place.read_key()
    gold, practice = study.of_role(Role.GOLD)[0].id, study.of_role(Role.PRACTICE)[0].id
    rows = [rating(1, practice, purpose=Purpose.PRACTICE), rating(1, gold, position=1, purpose=Purpose.GOLD)]
    table = long_table(rows, key, SECRET)
    assert table["cell"].tolist() == [-1, -1]
    assert table["dataset"].tolist() == ["", ""]
    assert table["purpose"].tolist() == ["practice", "gold"]


def test_nothing_tells_who_came_when(place: StudyFolder) -> None:
    key, ratings = place.read_key(), ratings_of(place)
    table = long_table(ratings, key, SECRET)
    assert not any(pd.api.types.is_datetime64_any_dtype(kind) for kind in table.dtypes)
    assert table["rater"].unique().tolist() == [f"R{number:03d}" for number in range(1, 31)]
    by_rater = {name: tuple(rows["score"]) for name, rows in table.groupby("rater")}
    came = [by_rater[f"R{number:03d}"][0] for number in range(1, 31)]
    assert came != [1 + rater % 4 for rater in range(1, 31)]  # the first came with a 2, the second with a 3, ...


def test_nobody_without_the_secret_can_tell_and_with_it_raters_keep_their_order(place: StudyFolder) -> None:
    key, ratings = place.read_key(), ratings_of(place)

    def order(rows: list[Rating], secret: bytes) -> list[int]:
        came = [replace(one, response_ms=one.rater) for one in rows]
        return long_table(came, key, secret)["response_ms"].unique().tolist()

    everybody = order(ratings, SECRET)
    assert everybody != order(ratings, b"another")
    first = order([one for one in ratings if one.rater <= 20], SECRET)
    assert first == [rater for rater in everybody if rater <= 20]


def test_the_order_of_what_the_store_returns_changes_nothing(place: StudyFolder) -> None:
    key, ratings = place.read_key(), ratings_of(place)
    pd.testing.assert_frame_equal(long_table(ratings, key, SECRET), long_table(ratings[::-1], key, SECRET))


def test_excluded_raters_have_their_rules_in_every_row(place: StudyFolder) -> None:
    study, key = place.read(), place.read_key()
    image, other = (image.id for image in study.of_role(Role.MAIN)[:2])
    rows = [rating(1, image, response_ms=20), rating(1, other, position=1, response_ms=30), rating(2, image)]
    table = long_table(rows, key, SECRET)
    assert sorted(table["excluded"]) == ["", "median_ms", "median_ms"]


def test_simulated_raters_are_marked_in_every_row(place: StudyFolder) -> None:
    image = place.read().of_role(Role.MAIN)[0].id
    table = long_table([rating(1, image, platform=Platform.SIMULATED)], place.read_key(), SECRET)
    assert table["simulated"].tolist() == [True]
    assert table["platform"].tolist() == ["simulated"]


def test_a_study_without_ratings_has_an_empty_table(place: StudyFolder) -> None:
    table = long_table([], place.read_key(), SECRET)
    assert len(table) == 0
    assert list(table.columns) == list(COLUMNS)


def test_an_image_of_another_study_is_refused(place: StudyFolder) -> None:
    with pytest.raises(DataError, match="wrong store or wrong key"):
        long_table([rating(1, "f" * 24)], place.read_key(), SECRET)
