"""Comparing sets on the command line: who is told from the best, how it is said, and every refusal."""

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from dataset_trees import folder_tree
from evaluation.tools import is_one_line, pictures, run, saved_model
from image_trees import archive
from PIL import Image
from scenery import written

from sbgan_bench.comparing.rows import COMPARISONS, read_comparisons

FEW = ("--relabellings", 99)


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SBGAN_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sets")
    for name, seed in {"photos": 0, "good": 1, "alike": 5}.items():
        written(pictures(80, seed), root / name)
    written(255 - pictures(80, 3) // 2, root / "bright")
    return root


def compare(sets: Path, *words: object, real: str = "photos") -> Result:
    return run("compare", *words, "--real", sets / real, *FEW)


def found(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    rows: list[dict[str, object]] = json.loads(result.stdout)
    return rows


def test_what_differs_is_told_apart_and_what_does_not_is_not(sets: Path) -> None:
    rows = found(compare(sets, sets / "good", sets / "bright", "--format", "json"))
    assert {row["metric"] for row in rows} == {"frechet-distance", "kernel-distance"}
    assert {(row["winner"], row["other"], row["rejected"], row["family"]) for row in rows} == {
        ("good", "bright", True, 1)
    }
    words = [sets / "good", sets / "alike", "--metric", "frechet-distance", "--format", "json"]
    (row,) = found(compare(sets, *words))
    assert not row["rejected"]
    assert str(row["words"]).startswith("Not rejected: that the two sets of images, ")


def test_three_sets_are_corrected_for_all_pairs(sets: Path) -> None:
    words = [sets / "good", sets / "alike", sets / "bright", "--metric", "frechet-distance"]
    rows = found(compare(sets, *words, "--format", "json"))
    assert [row["family"] for row in rows] == [3, 3]
    verdicts = {row["other"]: row for row in rows}
    assert verdicts["bright"]["p_holm"] == pytest.approx(3 * verdicts["bright"]["p"])
    assert verdicts["bright"]["rejected"]
    assert len(verdicts) == 2
    shown = compare(sets, *words)
    assert shown.output.count("told apart") == 2
    assert shown.output.count("Holm, 3 comparisons") == 2
    assert "bright  " in shown.output


def test_whatever_the_images_are_kept_in(sets: Path, tmp_path: Path) -> None:
    zipped = archive(tmp_path / "good.zip", sets / "good")
    files = sorted((sets / "bright").iterdir())
    np.savez(tmp_path / "bright.npz", np.stack([np.asarray(Image.open(file)) for file in files]))
    names = {"winner", "other", "words"}
    plain, packed = (
        [{key: value for key, value in row.items() if key not in names} for row in found(result)]
        for result in (
            compare(sets, sets / "good", sets / "bright", "--format", "json"),
            compare(sets, zipped, tmp_path / "bright.npz", "--format", "json"),
        )
    )
    assert plain == packed


def test_pairing_sees_what_pooling_does_not(sets: Path, tmp_path: Path) -> None:
    """Every image a little brighter: less than images differ, but the same for all."""
    shifted = np.clip(pictures(80, 1).astype(int) + 4, 0, 255).astype(np.uint8)
    words = [sets / "good", written(shifted, tmp_path / "shifted"), "--metric", "kernel-distance", "--format", "json"]
    (pooled,), (paired,) = found(compare(sets, *words)), found(compare(sets, *words, "--paired"))
    assert (pooled["pairing"], paired["pairing"]) == ("pooled", "paired")
    assert paired["effect"] == pooled["effect"]
    assert paired["p"] <= pooled["p"]
    assert "paired test" in str(paired["words"])


def test_a_collapsed_set_is_never_the_best(sets: Path, tmp_path: Path) -> None:
    five = np.tile(pictures(5, 0), (16, 1, 1, 1))  # five of the reals
    noise = np.random.default_rng(0).integers(0, 256, (80, 3, 32, 64)).astype(np.uint8)
    words = [written(five, tmp_path / "five"), written(noise, tmp_path / "noise"), "--metric", "frechet-distance"]
    (row,) = found(compare(sets, *words, "--format", "json"))
    assert row["winner"] == "noise"
    assert row["effect"] < 0
    assert "five: cannot be the best: collapsed: 5 distinct images" in compare(sets, *words).output


def test_where_none_may_be_the_best_they_are_compared_all_the_same(sets: Path, tmp_path: Path) -> None:
    words = [written(np.tile(pictures(5, seed), (16, 1, 1, 1)), tmp_path / str(seed)) for seed in (4, 5)]
    shown = compare(sets, *words)
    assert shown.exit_code == 0
    assert "4: collapsed" in shown.output
    assert "5: collapsed" in shown.output


def test_a_run_prints_the_comparisons_it_keeps(sets: Path, tmp_path: Path) -> None:
    out = tmp_path / "run" / COMPARISONS
    shown = compare(sets, sets / "good", sets / "bright", "--out", out)
    again = run("compare", tmp_path / "run")
    assert again.exit_code == 0, again.output
    told = [line for line in shown.output.splitlines() if not line.startswith(("Note: ", "Whether "))]
    assert again.output.splitlines() == told
    printed = found(run("compare", tmp_path / "run", "--format", "json"))
    assert printed == [row.to_json() for row in read_comparisons(out)]


def test_saved_models_given_the_same_layouts_are_paired(tmp_path: Path) -> None:
    models = [saved_model("spade", tmp_path / name, seed, classes=3) for seed, name in enumerate("ab")]
    data = folder_tree(tmp_path / "data", 60)
    words = ["compare", *models, "--dataset", "folder", "--data", data, "--num", 6, "--protocol", "texture", *FEW]
    rows = found(run(*words, "--format", "json"))
    assert {(row["layout_source"], row["pairing"], row["trials"]) for row in rows} == {("real", "paired", 1)}
    assert {row["winner"] for row in rows} | {row["other"] for row in rows} == {
        f"spade: {model}, real layouts" for model in models
    }


def test_the_table_says_whose_weights(sets: Path) -> None:
    shown = compare(sets, sets / "good", sets / "bright", "--metric", "kernel-distance").output
    assert "texture " in shown
    assert "kernel distance" in shown
    assert "KID" not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["good", "--real", "photos"], ["good is one set", "two or more"]),
        (["good", "alike"], ["--real", "--dataset"]),
        (["good", "alike", "--real", "photos", "--dataset", "toy-streets"], ["--real", "or --dataset"]),
        (["good", "good", "--real", "photos"], ["good was given twice"]),
        (["good", "missing", "--real", "photos"], ["missing does not exist"]),
        (["good", "alike", "--real", "photos", "--metric", "frechet"], ["No metric named 'frechet'", "Did you mean"]),
        (["good", "alike", "--real", "photos", "--metric", "memorisation"], ["does not rank", "leave it out"]),
        (["good", "alike", "--real", "photos", "--metric", "diversity", "--metric", "ct-score"], ["does not rank"]),
        (["good", "alike", "--real", "photos", "--protocol", "texur"], ["No protocol named 'texur'"]),
        (["good", "alike", "--real", "photos", "--num", "50"], ["Found 80 real images", "--num 40"]),
        (["good", "alike", "--dataset", "toy-streets"], ["good/model.json is missing"]),
        (["a.jsonl"], ["Two files of rows", "1"]),
        (["a.jsonl", "b.jsonl", "--real", "photos", "--paired"], ["--real and --paired", "leave it out"]),
        (["a.jsonl", "b.jsonl"], ["Cannot read a.jsonl"]),
    ],
)
def test_mistakes_are_one_line(sets: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: list[str]) -> None:
    monkeypatch.chdir(sets)
    result = run("compare", *words)
    assert is_one_line(result, *said), result.output


def test_different_numbers_of_images_are_one_line(sets: Path, tmp_path: Path) -> None:
    few = written(pictures(60, 6), tmp_path / "few")
    assert is_one_line(compare(sets, sets / "good", few, "--reals", "all"), "80", "60", "different N")
    rows = found(compare(sets, sets / "good", few, "--format", "json"))
    assert {row["num_generated"] for row in rows} == {30}  # twice, of 60: as many trials as use every image
