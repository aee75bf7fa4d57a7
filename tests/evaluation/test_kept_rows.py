"""Files of rows side by side: what differs in how they were measured is named, and nothing is compared across it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from evaluation.tools import is_one_line, pictures, run, summaries
from scenery import written

from sbgan_bench.results import ResultRow, read_rows, write_rows


@pytest.fixture
def rows(images: Path, tmp_path: Path) -> Callable[..., Path]:
    """Measures a set of images and returns the file of its rows."""

    def measured(name: str, *words: object, real: Path = images / "photos", generated: str | Path = "fresh") -> Path:
        out = tmp_path / f"{name}.jsonl"
        result = run("evaluate", "--real", real, "--generated", images / generated, "--out", out, *words)
        assert result.exit_code == 0, result.output
        return out

    return measured


def test_the_difference_and_its_interval_over_trials(rows: Callable[..., Path]) -> None:
    first, second = rows("a", "--num", 50), rows("b", "--num", 50, generated="other")
    found = {one["metric"]: one for one in summaries(run_compare(first, second, "--format", "json"))}
    distance = found["frechet-distance"]
    assert distance["effect"] == pytest.approx(distance["value_second"] - distance["value_first"])
    assert distance["low"] < distance["effect"] < distance["high"]
    shown = run_compare(first, second)
    assert "fresh | other" in shown.output
    assert "for p-values" in shown.output


def test_trials_that_met_other_reals_give_no_interval(rows: Callable[..., Path]) -> None:
    first, second = rows("a", "--num", 50), rows("b", "--num", 50, "--trials", 2, generated="other")
    assert {one["low"] for one in summaries(run_compare(first, second, "--format", "json"))} == {None}
    second = rows("b", "--num", 50, "--seed", 1, generated="other")
    assert {one["low"] for one in summaries(run_compare(first, second, "--format", "json"))} == {None}


def test_other_numbers_of_images_sizes_and_reals_are_refused(
    rows: Callable[..., Path], images: Path, tmp_path: Path
) -> None:
    first = rows("a", "--num", 50)
    assert is_one_line(run_compare(first, rows("b", "--num", 40)), "number of real images is '50' for fresh", "'40'")
    whole = rows("b", "--num", 50, "--reals", "whole")
    assert is_one_line(run_compare(first, whole), "choice of real images", "'disjoint'", "'whole'")
    assert is_one_line(run_compare(first, rows("b", "--num", 50, real=images / "train")), "dataset", "'train'")
    large = [written(pictures(100, seed, (64, 96)), tmp_path / name / "photos") for seed, name in enumerate("ab")]
    other = rows("b", "--num", 50, real=large[0], generated=large[1])
    assert is_one_line(run_compare(first, other), "resolution is '32x64'", "'64x96'")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"protocol": "scene"}, ["no protocol and metric in common", "texture", "scene", "Score both by the same"]),
        ({"weights_hash": "f" * 64}, ["protocol weights", "'ffff"]),
        ({"num_generated": 49}, ["number of generated images", "'49'", "'50'"]),
        ({"resolution": "64x96"}, ["resolution", "'32x64'", "'64x96'"]),
        ({"split": "test"}, ["split", "'folder'", "'test'"]),
    ],
)
def test_each_difference_is_named(rows: Callable[..., Path], change: dict[str, object], said: list[str]) -> None:
    first = rows("a", "--num", 50, "--metric", "frechet-distance")
    swapped = [ResultRow.model_validate({**row.model_dump(), **change}) for row in read_rows(first)]
    second = first.with_name("b.jsonl")
    write_rows(second, swapped)
    result = run_compare(first, second)
    assert is_one_line(result, *said), result.output


def test_a_damaged_file_and_one_of_floors_alone_are_one_line(rows: Callable[..., Path]) -> None:
    first = rows("a", "--num", 50)
    damaged = first.with_name("damaged.jsonl")
    damaged.write_text(first.read_text()[:-40])
    assert is_one_line(run_compare(first, damaged), "damaged.jsonl", "line ", "not a result row")
    floors = first.with_name("floors.jsonl")
    write_rows(floors, [row for row in read_rows(first) if row.model == "real"])
    assert is_one_line(run_compare(first, floors), "floors.jsonl holds no values of generated images")


def run_compare(*words: object):
    return run("compare", *words)
