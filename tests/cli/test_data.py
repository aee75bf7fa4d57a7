"""``data check`` and ``data prepare`` on trees with faults planted in them."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from dataset_trees import ADE_SCENES, CAMVID_TRAIN, CAMVID_VAL, ade20k_tree, ade_authors_tree, camvid_tree, folder_tree
from PIL import Image

from sbgan_bench.cli import main
from sbgan_bench.cli import preparing as steps
from sbgan_bench.datasets import inspection, preparing
from sbgan_bench.datasets.ade_scenes import SCENES

ROOMS = {scene: counts for scene, counts in ADE_SCENES.items() if scene in SCENES}


@pytest.fixture(autouse=True)
def cache(tmp_path_factory, monkeypatch) -> Path:
    place = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(place))
    return place


def call(*words: object) -> Result:
    return CliRunner().invoke(main, ["data", *map(str, words)])


def prepare(dataset: str, root: Path, *words: object, size: str = "16x16") -> Result:
    return call("prepare", dataset, "--data", root, "--resolution", size, "--workers", 2, *words)


def tables(cache: Path) -> set[str]:
    return {path.name.rsplit("-", 1)[0] for path in (cache / "pairs").glob("*") if path.is_dir()}


def small_camvid(root: Path) -> Path:
    """Forty-odd frames of one drive."""
    return camvid_tree(root, CAMVID_TRAIN[:40], CAMVID_VAL[:4])


def authors_rooms(root: Path) -> Path:
    """The authors' archive without other places."""
    return ade_authors_tree(root, None, ROOMS)


TREES = {
    "ade20k": ("ade-indoor", ade20k_tree, "images/training", "annotations/training", ".jpg"),
    "authors": ("ade-indoor", authors_rooms, "ADE15c_indoor_img", "ADE15c_indoor_lbl", ".jpg"),
    "camvid": ("camvid", small_camvid, "train", "trainannot", ".png"),
    "folder": ("folder", folder_tree, "images", "labels", ".png"),
}


def plant(root: Path, images: str, labels: str, suffix: str) -> dict[str, str]:
    """Plant a fault of every kind in some tree; return what is to be said of which file."""
    kept = [p.relative_to(root / labels).with_suffix("") for p in sorted((root / labels).rglob("*.png"))]
    rooms = [stem for stem in kept if len(stem.parts) > 1 or not _is_elsewhere(root, stem.name)]
    a, b, c, d, e, f, g = (stem.as_posix() for stem in rooms[:7])
    height, width = np.asarray(Image.open(root / labels / f"{a}.png")).shape
    blank = np.zeros((height, width), np.uint8)
    Image.fromarray(np.full_like(blank, 255)).save(root / labels / f"{a}.png")
    path = root / images / f"{b}{suffix}"
    path.write_bytes(path.read_bytes()[:-40])
    (root / labels / f"{c}.png").unlink()
    Image.fromarray(blank).save(root / images / f"{d}{suffix}")
    Image.fromarray(blank.astype(np.uint16)).save(root / labels / f"{e}.png")
    Image.fromarray(np.zeros((height, width + 9), np.uint8)).save(root / labels / f"{f}.png")
    (root / images / f"{g}{suffix}").write_bytes(b"")
    return {
        f"{labels}/{a}.png": f"label id 255 ({height * width} pixels)",
        f"{images}/{b}{suffix}": "truncated",
        f"{images}/{c}{suffix}": "no label map",
        f"{images}/{d}{suffix}": "grey",
        f"{labels}/{e}.png": "more than 8 bits",
        f"{images}/{f}{suffix}": "but its label map is",
        f"{images}/{g}{suffix}": "not an image",
    }


def _is_elsewhere(root: Path, stem: str) -> bool:
    """Whether ADE20K says that an image shows none of the ten kinds of room."""
    path = root / "sceneCategories.txt"
    lines = path.read_text().splitlines() if path.exists() else []
    return any(line.split()[0] == stem and line.split()[1] not in SCENES for line in lines)


@pytest.mark.filterwarnings("ignore:Truncated File Read")
@pytest.mark.parametrize("tree", TREES)
def test_every_planted_fault_is_listed_by_check_and_by_prepare_before_anything_is_made(tree, tmp_path, cache):
    dataset, write, *places = TREES[tree]
    root = write(tmp_path / "tree")
    expected = plant(root, *places)
    checked = call("check", dataset, "--data", root, "--format", "json")
    prepared = prepare(dataset, root)
    assert checked.exit_code == prepared.exit_code == 1
    found = {problem["file"]: problem["message"] for problem in json.loads(checked.stdout)["problems"]}
    assert found.keys() == expected.keys()
    for file, words in expected.items():
        assert words in found[file]
        assert file in prepared.output
        assert words in prepared.output
    assert "nothing was made" in prepared.output
    assert tables(cache) == set()


@pytest.mark.filterwarnings("ignore:Truncated File Read")
@pytest.mark.parametrize("tree", TREES)
def test_where_not_every_file_is_decoded_ahead_headers_still_tell(tree, tmp_path, cache, monkeypatch):
    monkeypatch.setattr(inspection, "_CHEAP", -1.0)
    monkeypatch.setattr(inspection, "_SAMPLE", 0)
    dataset, write, *places = TREES[tree]
    root = write(tmp_path / "tree")
    expected = plant(root, *places)
    result = prepare(dataset, root)
    assert result.exit_code == 1
    assert [file for file in expected if file not in result.output] == list(expected)[:1]  # ids take decoding
    assert tables(cache) == set()


@pytest.mark.parametrize("sample", [0, 1000])
def test_what_only_decoding_shows_is_listed_in_full_and_no_table_is_left_half_made(
    sample, tmp_path, cache, monkeypatch
):
    """Two wrong label maps: a sample that meets one reads all; else the first that is met does."""
    monkeypatch.setattr(inspection, "_CHEAP", -1.0)
    monkeypatch.setattr(inspection, "_SAMPLE", sample)
    root = small_camvid(tmp_path)
    paths = sorted((root / "trainannot").glob("*.png"))[10:12]
    for path in paths:
        Image.fromarray(np.full((18, 24), 99, np.uint8)).save(path)
    result = prepare("camvid", root)
    assert result.exit_code == 1
    assert all(f"trainannot/{path.name}" in result.output for path in paths)
    assert ("Broken off" in result.output) == (sample == 0)
    assert not any("train" in name for name in tables(cache))


def test_faults_that_do_not_stand_in_the_way_are_listed_and_passed_over_unless_strict(tmp_path, cache):
    root = folder_tree(tmp_path / "mine", count=30)
    (root / "images" / "notes.txt").write_text("hello")
    Image.fromarray(np.zeros((18, 24), np.uint8)).save(root / "images" / "003.png")
    strict = prepare("folder", root, "--strict")
    assert strict.exit_code == 1
    assert tables(cache) == set()
    result = prepare("folder", root)
    assert result.exit_code == 0, result.output
    for output in (strict.output, result.output):
        assert "images/notes.txt" in output
        assert "is grey" in output
    assert len(tables(cache)) == 3


def test_counts_that_differ_are_reported_and_stop_only_the_strict(tmp_path, cache):
    root = ade20k_tree(tmp_path / "ade")
    strict = prepare("ade-indoor", root, "--strict")
    assert strict.exit_code == 1
    assert "not all is as published" in strict.output
    assert tables(cache) == set()
    result = prepare("ade-indoor", root)
    assert result.exit_code == 0, result.output
    for words in ("training pairs, bedroom", "1355", "-1331", "12 of 12 counts differ"):
        assert words in strict.output
        assert words in result.output
    checked = call("check", "ade-indoor", "--data", root, "--format", "json")
    assert checked.exit_code == 0
    counts = {count["what"]: count for count in json.loads(checked.stdout)["counts"]}
    assert counts["validation pairs"]["difference"] == sum(val for _, val in ROOMS.values()) - 433
    complete = prepare("camvid", camvid_tree(tmp_path / "camvid"), "--strict")
    assert complete.exit_code == 0, complete.output
    assert "All 2 counts are as published" in complete.output


def test_prepared_tables_lie_where_it_says_and_a_second_call_makes_nothing(tmp_path, cache, monkeypatch):
    root = small_camvid(tmp_path)
    words = ("--resolution", "8x16", "--split", "test", "--format", "json")
    first = json.loads(prepare("camvid", root, *words).stdout)["tables"]
    assert [(table["split"], table["resolution"], table["reused"]) for table in first] == [
        ("test", [16, 16], False),
        ("test", [8, 16], False),
    ]
    for table in first:
        folder = Path(table["folder"])
        assert folder.parent == cache / "pairs"
        images = np.load(folder / "images.npy")
        assert images.shape == (table["pairs"], 3, *table["resolution"])
        assert table["bytes"] == images.size * 4 // 3
        assert table["pairs_per_second"] == pytest.approx(table["pairs"] / table["seconds"], rel=0.1)
    shown = prepare("camvid", root, "--split", "test", size="32x32").output
    assert re.search(r"test +32x32 +\d+ +0\.\d +\d+\.\d +/", shown), shown
    assert re.search(r"Made \d+ pairs in .* pairs/s with 2 threads", shown)
    monkeypatch.setattr(steps, "inspect", None)  # nothing is looked over again
    second = prepare("camvid", root, *words[:4])
    assert second.exit_code == 0, second.output
    assert "nothing was made" in second.output
    assert str(first[1]["folder"]) in second.output


def test_a_dry_run_says_what_would_be_made_and_makes_nothing(tmp_path, cache):
    result = prepare("camvid", small_camvid(tmp_path), "--dry-run")
    assert result.exit_code == 0, result.output
    assert "train 16x16: 2" in result.output
    assert str(cache) in result.output
    assert tables(cache) == set()


def test_too_small_a_disk_is_an_error_before_anything_is_made(tmp_path, cache, monkeypatch):
    monkeypatch.setattr(preparing.shutil, "disk_usage", lambda place: type("Usage", (), {"free": 1000})())
    result = prepare("camvid", small_camvid(tmp_path))
    assert result.exit_code == 2
    assert "GiB left" in result.output
    assert tables(cache) == set()


@pytest.mark.parametrize("command", ["check", "prepare"])
def test_another_level_of_the_tree_ends_in_one_line_with_the_right_one(command, tmp_path):
    root = ade20k_tree(tmp_path / "ADEChallengeData2016", {"bedroom": (1, 1)})
    result = call(command, "ade-indoor", "--data", root / "images")
    assert result.exit_code == 2
    assert f"It seems to be {root}" in result.output


def test_a_missing_list_of_scenes_is_said_by_both(tmp_path):
    root = ade20k_tree(tmp_path)
    (root / "sceneCategories.txt").unlink()
    for result in (call("check", "ade-indoor", "--data", root), prepare("ade-indoor", root)):
        assert result.exit_code == 1
        assert "restore it from ADEChallengeData2016.zip" in result.output


def test_a_drawn_dataset_needs_no_folder(monkeypatch):
    monkeypatch.setattr(inspection, "_SAMPLE", 2)
    result = call("prepare", "toy-streets", "--resolution", "16x32", "--split", "selection", "--dry-run")
    assert result.exit_code == 0, result.output
    assert "selection 16x32: 200 pairs" in result.output
