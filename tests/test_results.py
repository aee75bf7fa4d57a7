"""Rows of the common schema: they come back as they were, and what is no result cannot be published."""

import json
from pathlib import Path

import pytest
from report.fake_rows import Fake, rows
from report.human_rows import score, scores

from sbgan_bench.errors import BenchError
from sbgan_bench.results import (
    HUMAN_SCORE,
    Origin,
    ResultRow,
    check_comparable,
    check_publishable,
    read_rows,
    write_rows,
)


def test_human_scores_come_back_as_they_were(tmp_path: Path) -> None:
    made = [*scores(), *scores(dataset="camvid")]
    write_rows(tmp_path / "results.jsonl", made)
    assert {row.cell(): row for row in read_rows(tmp_path / "results.jsonl")} == {row.cell(): row for row in made}


def test_rows_from_before_there_were_ratings_can_be_read(tmp_path: Path) -> None:
    old = next(rows(Fake())).to_json()
    for name in ("num_ratings", "num_raters"):
        del old[name]
    (tmp_path / "results.jsonl").write_text(json.dumps(old) + "\n", encoding="utf-8")
    (row,) = read_rows(tmp_path / "results.jsonl")
    assert (row.num_ratings, row.num_raters) == (0, 0)


def test_made_up_scores_are_never_publishable() -> None:
    check_publishable([*scores(), *rows(Fake())])
    for place in range(len(scores())):
        made = scores()
        made[place] = made[place].model_copy(update={"origin": Origin.SIMULATED})
        with pytest.raises(BenchError, match="simulated raters"):
            check_publishable(made)


def test_two_studies_are_refused_one_column() -> None:
    other = score("progan", 2.0, protocol="study-000000000000", weights_hash="0" * 64)
    with pytest.raises(BenchError, match="protocol is 'study-abababababab'"):
        check_comparable([*scores(), other])


def test_human_scores_and_metrics_are_refused_one_column() -> None:
    metric = next(row for row in rows(Fake()) if row.value is not None)
    for pair in ([score("progan", 2.0), metric], [metric, score("progan", 2.0)]):
        with pytest.raises(BenchError, match="cannot stand in one column"):
            check_comparable(pair)


def test_the_number_of_images_keeps_no_human_scores_apart() -> None:
    more = score("biggan", 2.0, num_generated=50, num_ratings=150, resolution="64x128", fingerprint="f" * 64)
    check_comparable([*scores(), more])
    assert isinstance(more, ResultRow)
    assert more.metric == HUMAN_SCORE
