"""What sets of images may be given as, how many of them are taken, and where the output goes."""

import json
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
import torch
from evaluation.tools import is_one_line, pictures, row_of, run, scores, summaries
from image_trees import archive
from scenery import written

from sbgan_bench.metrics.frechet import frechet_distance
from sbgan_bench.protocol import Opening
from sbgan_bench.protocols.texture import TextureProtocol
from sbgan_bench.samples import SampleBatch


def test_folders_archives_and_packs_have_one_value(images: Path, tmp_path: Path) -> None:
    stack = pictures(200, 2).transpose(0, 2, 3, 1)
    np.savez(tmp_path / "plain.npz", stack)
    np.savez_compressed(tmp_path / "packed.npz", stack)
    archive(tmp_path / "fresh.zip", images / "fresh")
    archive(tmp_path / "photos.zip", images / "photos")
    sets = [images / "fresh", *(tmp_path / name for name in ("fresh.zip", "plain.npz", "packed.npz"))]
    words = [word for one in sets for word in ("--generated", one)]
    result = run("evaluate", "--real", images / "photos", *words, "--format", "json")
    values = [scores(result, one.name) for one in sets]
    assert values[0]["texture", "frechet-distance"] > 0
    assert all(one == values[0] for one in values)
    zipped = run("evaluate", "--real", tmp_path / "photos.zip", "--generated", sets[0], "--format", "json")
    assert scores(zipped, "fresh") == values[0]


@pytest.mark.parametrize(
    ("words", "trials", "pool"),
    [
        ([], 2, "N drawn without replacement from 200 reals, split seed 0"),
        (["--num", 25, "--seed", 3], 5, "N drawn without replacement from 200 reals, split seed 3"),
        (["--reals", "whole"], 1, "the same N in every trial: all reals"),
        (["--reals", "whole", "--num", 50], 4, "the same N in every trial: 50 of 200 reals, split seed 0"),
        (["--reals", "all"], 1, "all 200 reals, once"),
    ],
)
def test_which_reals_are_taken_is_in_the_row(images: Path, words: list[object], trials: int, pool: str) -> None:
    result = run("evaluate", "--real", images / "photos", "--generated", images / "fresh", *words, "--format", "json")
    row = row_of(result, "fresh")
    assert (row["trials"], row["real_pool"]) == (trials, pool)
    assert (row["spread"] is None) == (trials == 1)


def test_a_floor_of_training_images_where_no_reals_are_left(images: Path) -> None:
    words = ["evaluate", "--real", images / "photos", "--generated", images / "fresh", "--reals", "all"]
    words += ["--metric", "frechet-distance"]
    alone = run(*words)
    assert "Note: floor skipped: no reals are left over for a floor\n" in alone.output
    assert "Fréchet distance skipped" not in alone.output
    row = row_of(run(*words, "--train", images / "train", "--format", "json"), "fresh")
    assert row["floor_pool"] == "N of 200 training images"
    assert row["floor"] == pytest.approx(row["value"], rel=0.3)


def test_notes_say_which_of_several_sets_they_are_about(images: Path, tmp_path: Path) -> None:
    five = written(np.tile(pictures(5, 0), (40, 1, 1, 1)), tmp_path / "five")
    words = ["--generated", images / "fresh", "--generated", five, "--metric", "frechet-distance", "--num", 100]
    shown = run("evaluate", "--real", images / "photos", *words)
    assert "Note: five: collapsed: 5 distinct images among 200" in shown.output
    assert "Note: fresh: small sample" in shown.output


def test_what_cannot_be_measured_has_a_reason_and_no_trials(images: Path) -> None:
    words = ["--num", 10, "--metric", "frechet-distance-infinity"]
    shown = run("evaluate", "--real", images / "photos", "--generated", images / "fresh", *words)
    assert shown.exit_code == 0
    (line,) = [line.split() for line in shown.output.splitlines() if "skipped" in line and "Note" not in line]
    assert line[-5:] == ["skipped", "–", "–", "–", "–"]
    assert shown.output.count("needs 20 images or more, N is 10") == 1


def test_how_to_come_by_fid_is_said_unless_protocols_were_chosen(images: Path) -> None:
    words = ["evaluate", "--real", images / "photos", "--generated", images / "fresh", "--metric", "frechet-distance"]
    hint = "FID was not measured: its weights are not here. Run: sbgan-bench weights fetch inception"
    assert hint in run(*words).output
    assert hint not in run(*words, "--protocol", "texture").output


def test_progress_goes_to_standard_error_alone(images: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("sbgan_bench.cli.evaluate"), "QUIET", 0.0)
    result = run("evaluate", "--real", images / "photos", "--generated", images / "fresh", "--format", "json")
    assert "reals: 200 of 200" in result.stderr
    assert json.loads(result.stdout)


def test_a_cache_that_cannot_be_written_is_one_line(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "file"))
    result = run("evaluate", "--real", images / "photos", "--generated", images / "fresh")
    assert is_one_line(result, str(tmp_path / "file"), "SBGAN_BENCH_CACHE"), result.output


def statistics(path: Path, features: np.ndarray) -> Path:
    np.savez(path, mu=features.mean(axis=0), sigma=np.cov(features, rowvar=False))
    return path


def test_statistics_on_both_sides_are_the_plain_distance(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    sets = rng.standard_normal((50, 6)), 2 * rng.standard_normal((70, 6)) + 1
    one, two = (statistics(tmp_path / f"{index}.npz", rows) for index, rows in enumerate(sets))
    (row,) = summaries(run("evaluate", "--real", one, "--generated", two, "--format", "json"))
    assert row["value"] == pytest.approx(frechet_distance(*sets), rel=1e-9)
    assert (row["protocol"], row["num_real"], row["floor"]) == ("statistics", 0, None)
    assert row["unranked"]
    assert "1 × N unknown" in run("evaluate", "--real", one, "--generated", two).output


def test_statistics_on_one_side_are_met_by_the_images_of_the_other(images: Path, tmp_path: Path) -> None:
    words = ["--protocol", "texture", "--metric", "frechet-distance", "--reals", "all", "--format", "json"]
    plain = row_of(run("evaluate", "--real", images / "photos", "--generated", images / "fresh", *words), "fresh")
    kept = statistics(tmp_path / "photos.npz", texture(pictures(200, 0)))
    words = ["--protocol", "texture", "--format", "json"]
    (row,) = summaries(run("evaluate", "--real", kept, "--generated", images / "fresh", *words))
    assert row["value"] == pytest.approx(plain["value"], rel=1e-6)
    assert (row["num_real"], row["num_generated"]) == (0, 200)
    (back,) = summaries(run("evaluate", "--real", images / "fresh", "--generated", kept, *words))
    assert back["value"] == pytest.approx(row["value"], rel=1e-9)


def texture(images: np.ndarray) -> np.ndarray:
    features = TextureProtocol.open(Opening(device=torch.device("cpu"))).features(SampleBatch(images))
    return features.astype(np.float64)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--generated", "seven.npz"], ["six.npz has 6 dimensions and seven.npz has 7"]),
        (["--generated", "six.npz", "--metric", "kernel-distance"], ["frechet-distance alone", "kernel-distance"]),
        (["--generated", "six.npz", "--train", "six.npz", "--num", 5], ["--train and --num", "leave the options out"]),
        (["--generated", "fresh"], ["the one protocol", "--protocol"]),
        (["--generated", "fresh", "--protocol", "texture"], ["6 dimensions", "192"]),
    ],
)
def test_what_statistics_cannot_do_is_one_line(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[object], said: list[str]
) -> None:
    rng = np.random.default_rng(1)
    for name, dim in (("six", 6), ("seven", 7)):
        statistics(tmp_path / f"{name}.npz", rng.standard_normal((20, dim)))
    (tmp_path / "fresh").symlink_to(images / "fresh")
    monkeypatch.chdir(tmp_path)
    result = run("evaluate", "--real", "six.npz", *words)
    assert is_one_line(result, *said), result.output
