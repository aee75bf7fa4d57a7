"""Scoring two folders: the number, its floor, and every refusal."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from sbgan_bench.cli import main


def fill(folder: Path, count: int, seed: int, *, size: tuple[int, int] = (32, 64), blank: bool = False) -> Path:
    folder.mkdir(parents=True)
    numbers = np.random.default_rng(seed)
    base = numbers.integers(0, 255, (count, 4, 8, 3), dtype=np.uint8)
    for index in range(count):
        pixels = np.full((*size, 3), 90, np.uint8) if blank else base[index]
        Image.fromarray(pixels).resize((size[1], size[0]), Image.Resampling.BICUBIC).save(folder / f"{index:03d}.png")
    return folder


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))


def evaluate(real: Path, generated: Path, *options: str) -> Result:
    words = ["evaluate", "--real", str(real), "--generated", str(generated), "--device", "cpu", *options]
    return CliRunner().invoke(main, words)


def summaries(result: Result) -> dict[tuple[str, str], float]:
    assert result.exit_code == 0, result.output
    return {(row["model"], row["metric"]): row["value"] for row in json.loads(result.output)}


def test_the_same_kind_of_images_scores_like_the_floor_and_blank_ones_do_not(tmp_path: Path) -> None:
    real = fill(tmp_path / "real", 60, 0)
    like = summaries(evaluate(real, fill(tmp_path / "like", 60, 1), "--num", "20", "--format", "json"))
    blank = summaries(evaluate(real, fill(tmp_path / "blank", 60, 2, blank=True), "--num", "20", "--format", "json"))
    floor = like["real", "frechet-distance"]
    assert like["like", "frechet-distance"] < 1.5 * floor < blank["blank", "frechet-distance"]
    assert blank["blank", "diversity"] == 0
    assert like["like", "diversity"] == pytest.approx(1, abs=0.1)


def test_collapse_is_said(tmp_path: Path) -> None:
    shown = evaluate(fill(tmp_path / "real", 20, 0), fill(tmp_path / "blank", 20, 2, blank=True))
    assert "collapsed" in shown.output
    assert "is not above the 192 dimensions of texture: the floor" in shown.output


def test_rows_are_kept(tmp_path: Path) -> None:
    out = tmp_path / "rows.jsonl"
    evaluate(fill(tmp_path / "real", 20, 0), fill(tmp_path / "fake", 20, 2), "--num", "10", "--out", str(out))
    rows = [json.loads(line) for line in out.read_text().splitlines()]
    assert {row["origin"] for row in rows} == {"real", "imported"}
    assert {row["trial"] for row in rows} == {0, 1, None}


@pytest.mark.parametrize(
    ("generated", "options", "words"),
    [
        ({"count": 40}, ["--num", "50"], ["40 images", "50"]),
        ({"count": 20, "size": (16, 32)}, [], ["32x64", "16x32"]),
        ({"count": 20}, ["--num", "45"], ["45"]),
        ({"count": 20}, ["--protocol", "scene"], ["needs a judge", "--judge"]),
        ({"count": 20}, ["--protocol", "inception"], ["inception", "texture"]),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path, generated: dict[str, int], options: list[str], words: list[str]
) -> None:
    result = evaluate(fill(tmp_path / "real", 60, 0), fill(tmp_path / "generated", seed=1, **generated), *options)
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert all(word in result.output for word in words), result.output


@pytest.mark.parametrize(
    ("real", "generated", "words"),
    [
        (1, 20, ["Found 1 real images", "N = 2 needs 4", "Provide more"]),
        (3, 20, ["Found 3 real images", "N = 2 needs 4"]),
        (20, 1, ["Found 1 images", "N = 2", "generate more"]),
    ],
)
def test_too_few_images_to_score_at_all(tmp_path: Path, real: int, generated: int, words: list[str]) -> None:
    result = evaluate(fill(tmp_path / "photos", real, 0), fill(tmp_path / "drawn", generated, 1))
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
    assert all(word in result.output for word in words), result.output


def test_a_generated_folder_called_like_the_floor_keeps_a_row_of_its_own(tmp_path: Path) -> None:
    values = summaries(
        evaluate(fill(tmp_path / "photos", 20, 0), fill(tmp_path / "drawn" / "real", 20, 1), "--format", "json")
    )
    assert {model for model, _ in values} == {"real", "drawn/real"}


def test_a_truncated_image_is_named(tmp_path: Path) -> None:
    real, fake = fill(tmp_path / "real", 20, 0), fill(tmp_path / "fake", 20, 1)
    victim = fake / "007.png"
    victim.write_bytes(victim.read_bytes()[:200])
    result = evaluate(real, fake)
    assert result.exit_code == 2
    assert "007.png" in result.output
