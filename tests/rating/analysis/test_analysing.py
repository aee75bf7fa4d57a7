"""The whole analysis of a long table."""

from pathlib import Path

import pandas as pd
import pytest
from rating.analysis.tables import key_of, rated_table, table_of
from rating.studies import make_study

from sbgan_bench.rating.analysis.analysing import analyse, find
from sbgan_bench.rating.study import FrozenStudy


@pytest.fixture
def study(tmp_path: Path) -> FrozenStudy:
    return make_study(tmp_path / "study").read()


def careless(rater: str, cell: int, images: int) -> list[dict[str, object]]:
    """Return ratings of 4 within no time."""
    return [{"rater": rater, "image": f"c{cell}-{number}", "cell": cell, "dataset": "toy", "model": f"Model {cell}",
             "score": 4, "response_ms": 10} for number in range(images)]  # fmt: skip


def test_exclusions_change_the_result_and_both_are_given(study: FrozenStudy) -> None:
    key = key_of()
    honest = rated_table(key, qualities=(2.0, 2.5))
    table = pd.concat([honest, table_of(careless("R099", 0, 30))], ignore_index=True)
    found = analyse(table, key, study, resamples=100)
    assert found.exclusions.excluded == ("R099",)
    assert found.kept == find(honest, key, study.seed, 100)
    assert found.everyone.n_raters == found.kept.n_raters + 1
    assert (found.everyone.cells[0].mean or 0) > (found.kept.cells[0].mean or 0)
    assert found.everyone.cells[1] == found.kept.cells[1]


def test_without_exclusions_both_are_the_same(study: FrozenStudy) -> None:
    key = key_of()
    found = analyse(rated_table(key, qualities=(2.0, 2.5)), key, study, resamples=100)
    assert found.kept == found.everyone
    assert found.study == study.hash
    assert not found.simulated


def test_figures_of_a_cell_are_those_of_its_main_ratings(study: FrozenStudy) -> None:
    key = key_of()
    table = rated_table(key, qualities=(2.0, 2.5))
    again = table[table["cell"] == 0].head(5).assign(purpose="repeat", score=4)
    gold = table_of([{"rater": "R001", "image": "bad", "purpose": "gold", "score": 4}])
    found = analyse(pd.concat([table, again, gold], ignore_index=True), key, study, resamples=100).kept
    for cell, rows in table.groupby("cell"):
        one = found.cells[int(str(cell))]
        assert one.mean == pytest.approx(rows["score"].mean())
        assert (one.n_images, one.n_ratings, one.n_raters) == (30, 120, 8)
        assert list(one.counts) == [int((rows["score"] == score).sum()) for score in (1, 2, 3, 4)]
        assert one.low is not None
        assert one.high is not None
        assert one.mean is not None
        assert one.low < one.mean < one.high
    assert found.consistency.n_pairs == 5
    assert found.n_ratings == 240


def test_pairs_are_within_datasets(study: FrozenStudy) -> None:
    key = key_of(datasets=("streets", "streets", "rooms", "streets"))
    found = analyse(rated_table(key, qualities=(2.0, 2.5, 2.2, 3.0)), key, study, resamples=100).kept
    assert [(pair.first, pair.second) for pair in found.pairs] == [(0, 1), (0, 3), (1, 3)]
    assert list(found.agreement_by_dataset) == ["streets", "rooms"]
    assert found.agreement_by_dataset["rooms"] == found.cells[2].agreement
    assert found.agreement.n_images == 120


def test_a_cell_that_nobody_rated_is_there_and_empty(study: FrozenStudy) -> None:
    key = key_of(datasets=("toy", "toy", "toy"))
    found = analyse(rated_table(key, qualities=(2.0, 2.5)), key, study, resamples=100).kept
    last = found.cells[2]
    assert (last.mean, last.interval, last.n_ratings, last.note) == (None, None, 0, "not rated")
    assert len(found.pairs) == 1
    assert found.power[2].now is None


def test_a_study_without_ratings_has_an_analysis(study: FrozenStudy) -> None:
    found = analyse(table_of([]), key_of(), study)
    assert found.kept.n_ratings == 0
    assert found.kept.agreement.alpha is None
    assert found.exclusions.raters == ()


def test_one_simulated_rater_marks_the_whole(study: FrozenStudy) -> None:
    key = key_of()
    table = rated_table(key, qualities=(2.0, 2.5))
    table.loc[table["rater"] == "R003", "simulated"] = True
    assert analyse(table, key, study, resamples=100).simulated


def test_the_same_table_gives_the_same_numbers(study: FrozenStudy) -> None:
    key = key_of()
    table = rated_table(key, qualities=(2.0, 2.5))
    shuffled = table.sample(frac=1, random_state=1)
    assert analyse(table, key, study, resamples=100) == analyse(table, key, study, resamples=100)
    one, other = (analyse(rows, key, study, resamples=100).kept.cells[0] for rows in (table, shuffled))
    assert (one.low, one.high) == pytest.approx((other.low, other.high))
