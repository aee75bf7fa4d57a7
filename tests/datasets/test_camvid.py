import os
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import CAMVID_TRAIN, CAMVID_VAL, camvid_tree, write_pair
from PIL import Image

from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.splits import partition


@pytest.fixture(scope="module")
def tree(tmp_path_factory) -> Path:
    return camvid_tree(tmp_path_factory.mktemp("camvid"))


@pytest.fixture
def small(tmp_path) -> Path:
    """Thirty-odd frames of one drive, to be damaged."""
    return camvid_tree(tmp_path / "camvid", CAMVID_TRAIN[:40], CAMVID_VAL[:4])


def opened(root, split="blocks"):
    return open_dataset("camvid", {"root": str(root), "split": split}, "test")


def problems_of(root):
    return {problem.file: problem.message for problem in opened(root).problems()}


def test_a_sound_tree_has_no_problems(small):
    assert problems_of(small) == {}


def test_blocks_take_only_published_frames_and_every_key_can_be_read(tree):
    dataset = opened(tree)
    keys = [key for split in dataset.splits().values() for key in split.keys]
    published = {f"train/{stem}" for stem in CAMVID_TRAIN} | {f"val/{stem}" for stem in CAMVID_VAL}
    assert set(keys) <= published
    assert len(set(keys)) == len(keys)
    pair = dataset.read(keys[-1], (9, 18))
    assert np.array_equal(pair.layout, np.asarray(Image.open(tree / "trainannot" / f"{keys[-1].split('/')[1]}.png")))


def test_test_frames_of_one_block_of_time_are_one_group(tree):
    test = opened(tree).splits()["test"]
    assert 4 <= len(set(test.groups)) <= 10
    for num in (10, 20, 30):
        part = partition(len(test.keys), num, 0, 0, test.groups)
        assert part.caution == ""
        assert not {test.groups[i] for i in part.reference} & {test.groups[i] for i in part.other}


def test_the_official_clip_is_one_group_which_draws_from_it_must_say(tree):
    test = opened(tree, "official").splits()["test"]
    assert len(set(test.groups)) == 1
    assert "near-copies" in partition(len(test.keys), 20, 0, 0, test.groups).caution


def test_official_keeps_the_published_folders_and_says_what_val_is(tree):
    splits = opened(tree, "official").splits()
    assert splits["test"].keys == tuple(f"val/{stem}" for stem in CAMVID_VAL)
    assert all(key.startswith("train/") for name in ("train", "selection") for key in splits[name].keys)
    same_drive = sum("0016E5" in key for key in splits["train"].keys)
    for fact in ("101 frames", "6.7 s", "0016E5", f"{same_drive} of the {len(splits['train'].keys)}"):
        assert fact in splits["test"].caution


def test_both_splits_have_one_fingerprint_and_moving_the_folder_keeps_it(small):
    fingerprints = {opened(small).fingerprint(), opened(small, "official").fingerprint()}
    moved = small.rename(small.with_name("elsewhere"))
    assert fingerprints == {opened(moved).fingerprint()}


def test_a_changed_label_changes_the_fingerprint(small):
    before = opened(small).fingerprint()
    write_pair(small / "spare.png", small / "trainannot" / f"{CAMVID_TRAIN[3]}.png", seed=99)
    assert opened(small).fingerprint() != before


def test_frames_of_a_test_folder_join_the_blocks_only_if_annotated(small):
    write_pair(small / "test" / "Seq05VD_f00000.png", small / "testannot" / "Seq05VD_f00000.png", seed=0)
    assert "test/Seq05VD_f00000" in opened(small).splits()["train"].keys
    (small / "testannot").rename(small / "hidden")
    assert not any(key.startswith("test/") for key in opened(small).splits()["train"].keys)


def test_every_fault_is_listed_at_once(small, caplog):
    stems = CAMVID_TRAIN
    labels = small / "trainannot"
    planted = np.array(Image.open(labels / f"{stems[0]}.png"))
    planted[:2, :5] = 200
    Image.fromarray(planted).save(labels / f"{stems[0]}.png")
    whole = (small / "train" / f"{stems[1]}.png").read_bytes()
    (small / "train" / f"{stems[1]}.png").write_bytes(whole[: len(whole) // 2])
    (labels / f"{stems[2]}.png").unlink()
    Image.fromarray(np.zeros((18, 24, 4), np.uint8)).save(small / "train" / f"{stems[3]}.png")
    Image.fromarray(np.zeros((18, 24), np.uint16)).save(labels / f"{stems[4]}.png")
    Image.fromarray(np.zeros((18, 24), np.uint8)).save(small / "train" / f"{stems[5]}.png")
    Image.fromarray(np.zeros((18, 26), np.uint8)).save(labels / f"{stems[6]}.png")
    (small / "train" / "readme.txt").write_text("hello")
    write_pair(small / "train" / "holiday.png", labels / "holiday.png", seed=0)
    write_pair(small / "val" / f"{stems[7]}.png", small / "valannot" / f"{stems[7]}.png", seed=0)
    found = problems_of(small)
    expected = {
        f"trainannot/{stems[0]}.png": "label id 200 (10 pixels)",
        f"train/{stems[1]}.png": "truncated",
        f"train/{stems[2]}.png": "no label map",
        f"train/{stems[3]}.png": "transparency",
        f"trainannot/{stems[4]}.png": "more than 8 bits",
        f"train/{stems[5]}.png": "grey",
        f"train/{stems[6]}.png": "18x24 but its label map is 18x26",
        "train/readme.txt": "is not one of",
        "train/holiday.png": "does not say its drive",
        f"val/{stems[7]}.png": "is also in train/",
    }
    assert found.keys() == expected.keys()
    for file, message in expected.items():
        assert message in found[file]
    assert "files are left out" in caplog.text

    stopping = {problem.file for problem in opened(small).problems() if problem.stops}
    assert stopping == set(list(expected)[:2]) | set(list(expected)[3:5]) | {f"train/{stems[6]}.png"}
    quick = {problem.file for problem in opened(small).quick_problems()}
    assert quick == set(expected) - {f"trainannot/{stems[0]}.png"}  # ids show only when decoded


@pytest.mark.parametrize("split", ["blocks", "official"])
@pytest.mark.parametrize("level", ["..", "../..", "train", "valannot"])
def test_another_level_of_the_tree_is_refused_with_the_right_one(tmp_path, split, level):
    root = camvid_tree(tmp_path / "data" / "CamVid", CAMVID_TRAIN[:3], CAMVID_VAL[:2])
    with pytest.raises(DataError, match=f"It seems to be {root}: give that one"):
        opened(root / level, split)


def test_reading_a_bad_label_names_file_id_count_and_remedy(small):
    path = small / "trainannot" / f"{CAMVID_TRAIN[0]}.png"
    Image.fromarray(np.full((18, 24), 200, np.uint8)).save(path)
    with pytest.raises(DataError, match=rf"{path.name}: label id 200 \(432 pixels\).*11 is void"):
        opened(small).read(f"train/{CAMVID_TRAIN[0]}", (8, 16))


def test_splits_without_frames_are_a_problem(tmp_path):
    root = camvid_tree(tmp_path, CAMVID_TRAIN[:5], ())
    assert [p.message for p in opened(root).problems() if "has no frames" in p.message]


@pytest.mark.parametrize("split", ["blocks", "official"])
def test_a_folder_that_is_not_camvid_is_refused(tmp_path, split):
    with pytest.raises(DataError, match="trainannot"):
        opened(tmp_path, split)


def test_settings_are_checked():
    with pytest.raises(ConfigError, match="Did you mean 'root'"):
        open_dataset("camvid", {"root": "x", "rooot": "x"}, "suite a.toml")
    with pytest.raises(ConfigError, match=r"blocks.*official"):
        opened("x", "random")


@pytest.mark.skipif("SBGAN_BENCH_CAMVID" not in os.environ, reason="SBGAN_BENCH_CAMVID does not name a CamVid folder")
def test_the_real_camvid_is_sound_and_large_enough():
    dataset = opened(os.environ["SBGAN_BENCH_CAMVID"])
    assert dataset.problems() == []
    test = dataset.splits()["test"]
    assert len(test.keys) >= 80
    assert not any(partition(len(test.keys), 33, trial, 0, test.groups).caution for trial in range(5))
