"""Comparisons and correlations as rows on disk."""

from pathlib import Path

import pytest

from sbgan_bench.comparing.correlation import RankCorrelation, read_correlations, write_correlations
from sbgan_bench.comparing.rows import (
    Comparison,
    Pairing,
    Unit,
    not_rejected,
    read_comparisons,
    shared_facts,
    write_comparisons,
)
from sbgan_bench.errors import CorruptFileError
from sbgan_bench.metric import Better
from sbgan_bench.results import ResultRow


def comparison(other: str, p: float = 0.5) -> Comparison:
    return Comparison(
        metric="frechet-distance", better=Better.LOWER, winner="a", other=other, value_winner=1, value_other=2,
        effect=1, low=None, high=None, p=p, p_holm=p, rejected=p < 0.05, words="…", unit=Unit.IMAGES,
        pairing=Pairing.POOLED, family=1,
    )  # fmt: skip


CORRELATION = RankCorrelation(
    dataset="toy", resolution="32x64", protocol="scene", metric="m", other_protocol="ratings",
    other_metric="human-score", models=3, kendall=None, kendall_p=None, spearman=0.5, spearman_p=1.0,
)  # fmt: skip


def test_rows_come_back_as_they_were_in_one_order(tmp_path: Path) -> None:
    rows = [comparison("c"), comparison("b")]
    write_comparisons(tmp_path / "one", rows)
    write_comparisons(tmp_path / "two", rows[::-1])
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()
    assert read_comparisons(tmp_path / "one") == rows[::-1]
    write_correlations(tmp_path / "three", [CORRELATION])
    assert read_correlations(tmp_path / "three") == [CORRELATION]


def test_of_two_answers_to_one_question_the_later_counts(tmp_path: Path) -> None:
    write_comparisons(tmp_path / "rows", [comparison("b", 0.5), comparison("b", 0.01)])
    assert [row.p for row in read_comparisons(tmp_path / "rows")] == [0.01]


def test_damaged_and_missing_files_are_named(tmp_path: Path) -> None:
    write_comparisons(tmp_path / "rows", [comparison("b")])
    with (tmp_path / "rows").open("a") as stream:
        stream.write("{}\n")
    with pytest.raises(CorruptFileError, match="line 2: not a row of kind Comparison"):
        read_comparisons(tmp_path / "rows")
    with pytest.raises(CorruptFileError, match="Cannot read"):
        read_correlations(tmp_path / "nothing")
    (tmp_path / "bytes").write_bytes(b"\xff\xfe\n")
    with pytest.raises(CorruptFileError, match="no text in UTF-8"):
        read_comparisons(tmp_path / "bytes")


def test_a_column_shares_its_facts() -> None:
    row = ResultRow(
        suite="s", model="sbgan", dataset="toy", resolution="32x64", protocol="scene", metric="m", num_real=50
    )
    filled = Comparison(**{**comparison("b").model_dump(), **shared_facts(row)})
    assert (filled.suite, filled.dataset, filled.protocol, filled.num_real) == ("s", "toy", "scene", 50)
    assert filled.metric == "frechet-distance"


def test_bold_is_whoever_was_not_told_apart() -> None:
    assert not_rejected([comparison("b", 0.5), comparison("c", 0.01)]) == {"a", "b"}
    assert not_rejected([]) == frozenset()
