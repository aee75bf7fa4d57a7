import shutil
from collections import Counter

import numpy as np
import pytest
from dataset_trees import ADE_SCENES, ade20k_tree, ade_authors_tree, write_pair
from PIL import Image

from sbgan_bench.datasets.ade_classes import class_table
from sbgan_bench.datasets.ade_scenes import SCENES, TRAIN
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import DataError

CHALLENGE = ("images/training", "annotations/training", "images/validation", "annotations/validation")
ARRANGEMENTS = [
    None,
    ("ADE15c_indoor_train_im", "ADE15c_indoor_train_lbl", "ADE15c_indoor_val_im", "ADE15c_indoor_val_lbl"),
    ("train_img", "train_label", "val_img", "val_label"),
    CHALLENGE,
]
ROOMS = {scene: counts for scene, counts in ADE_SCENES.items() if scene in SCENES}


def opened(root, **settings):
    return open_dataset("ade-indoor", {"root": str(root), **settings}, "test")


def problems_of(root, **settings):
    return {problem.file: problem.message for problem in opened(root, **settings).problems()}


def keys_of(dataset):
    return {name: list(split.keys) for name, split in dataset.splits().items()}


@pytest.fixture
def ade20k(tmp_path):
    return ade20k_tree(tmp_path / "ADEChallengeData2016")


def test_the_published_counts_by_scene_add_up():
    assert sum(SCENES.values()) == TRAIN


def test_ade20k_gives_the_ten_kinds_of_room_and_no_other_place(ade20k):
    scenes = dict(line.split() for line in (ade20k / "sceneCategories.txt").read_text().splitlines())
    dataset = opened(ade20k)
    used = Counter(scenes[key.split("/")[1]] for keys in keys_of(dataset).values() for key in keys)
    assert used == {scene: sum(counts) for scene, counts in ROOMS.items()}
    assert dataset.split_name == "selected"
    assert dataset.problems() == []


def test_ids_of_ade20k_become_classes_by_the_table(ade20k):
    dataset = opened(ade20k)
    key = dataset.splits()["train"].keys[3]
    stored = np.asarray(Image.open(ade20k / "annotations/training" / f"{key.split('/')[1]}.png"))
    assert np.array_equal(dataset.read(key, (16, 16)).layout, class_table()[stored])


@pytest.mark.parametrize("folders", ARRANGEMENTS)
def test_the_authors_folder_keeps_its_ids_in_every_arrangement(tmp_path, folders):
    root = ade_authors_tree(tmp_path, folders, ROOMS)
    dataset = opened(root)
    assert dataset.problems() == []
    assert (dataset.split_name, dataset.info.num_classes, dataset.info.ignore_index) == ("authors", 95, None)
    key = dataset.splits()["test"].keys[0]
    images, labels = (folders or ("", "", "ADE15c_indoor_val_img", "ADE15c_indoor_val_lbl"))[2:]
    stored = np.asarray(Image.open(root / labels / f"{key.removeprefix('val/')}.png"))
    assert (root / images / f"{key.removeprefix('val/')}.jpg").exists()
    assert np.array_equal(dataset.read(key, (16, 16)).layout, stored)


def test_other_places_in_the_authors_archive_are_left_out_and_said(tmp_path):
    root = ade_authors_tree(tmp_path)
    assert not any("street" in key for keys in keys_of(opened(root)).values() for key in keys)
    assert "3 pairs are left out" in problems_of(root)["ADE15c_indoor_img/street"]


def test_the_two_sources_can_never_stand_in_one_column(tmp_path):
    """The same files under both readings: other classes, another split name, another fingerprint."""
    root = ade20k_tree(tmp_path)
    for path in (root / "annotations").rglob("*.png"):
        Image.fromarray(np.asarray(Image.open(path)) % 95).save(path)
    selected, authors = opened(root, source="selected"), opened(root, source="authors")
    assert selected.split_name != authors.split_name
    assert selected.fingerprint() != authors.fingerprint()
    assert "not by the authors'" in selected.splits()["test"].caution
    assert "not by the authors'" not in authors.splits()["test"].caution


def test_every_kind_of_room_is_held_out_in_proportion(ade20k):
    splits = keys_of(opened(ade20k))
    scenes = dict(line.split() for line in (ade20k / "sceneCategories.txt").read_text().splitlines())
    held = Counter(scenes[key.split("/")[1]] for key in splits["selection"])
    assert held == {scene: -(-train // 20) for scene, (train, _) in ROOMS.items()}
    assert all(key.startswith("val/") for key in splits["test"])
    assert len(splits["test"]) == sum(val for _, val in ROOMS.values())


def test_selecting_on_validation_trains_on_all_that_was_published(ade20k):
    dataset = opened(ade20k, selection="validation")
    splits = keys_of(dataset)
    assert len(splits["train"]) == sum(train for train, _ in ROOMS.values())
    assert sorted(splits["selection"] + splits["test"]) == sorted(keys_of(opened(ade20k))["test"])
    assert abs(len(splits["selection"]) - len(splits["test"])) <= 1
    assert dataset.split_name == "selected-validation"
    assert "every other of the published validation pairs" in dataset.splits()["test"].caution
    assert dataset.fingerprint() == opened(ade20k).fingerprint()


def test_the_papers_practice_is_offered_and_said(ade20k):
    splits = opened(ade20k, selection="test").splits()
    assert splits["selection"].keys == splits["test"].keys == opened(ade20k).splits()["test"].keys
    assert len(splits["train"].keys) == sum(train for train, _ in ROOMS.values())
    assert all("has seen the images that numbers" in splits[name].caution for name in ("selection", "test"))


def test_counts_stand_beside_the_published_ones(ade20k, tmp_path):
    counts = {count.what: (count.found, count.published) for count in opened(ade20k).counts()}
    assert counts["training pairs"] == (sum(train for train, _ in ROOMS.values()), 4377)
    assert counts["validation pairs"] == (sum(val for _, val in ROOMS.values()), 433)
    assert counts["training pairs, bedroom"] == (24, 1355)
    assert counts["training pairs, airport terminal"] == (2, 86)
    assert len(counts) == 12
    flat = opened(ade_authors_tree(tmp_path / "flat", ARRANGEMENTS[2], ROOMS))
    assert [count.what for count in flat.counts()] == ["training pairs", "validation pairs"]


def test_of_two_sizes_of_one_shape_the_larger_is_used(ade20k):
    key = opened(ade20k).splits()["train"].keys[0]
    label = ade20k / "annotations/training" / f"{key.split('/')[1]}.png"
    Image.open(label).resize((14, 10), Image.Resampling.NEAREST).save(label)
    assert opened(ade20k).read(key, (8, 8)).layout.shape == (20, 28)
    (problem,) = opened(ade20k).problems()
    assert "brought to the larger" in problem.message
    assert not problem.stops


def test_rooms_are_cut_square_to_their_centre(ade20k, tmp_path):
    dataset = opened(ade20k)
    table = prepare(dataset, "selection", (20, 20), tmp_path)
    whole = dataset.read(table.split.keys[0], (20, 20))
    assert np.array_equal(table.layouts[0], whole.layout[:, 4:24])


def plant_faults(root, train_images, train_labels, stems, beyond):
    """Plant one fault of every kind; return what is to be said of which file."""
    images, labels = root / train_images, root / train_labels
    blank = np.zeros((20, 28), np.uint8)
    planted = np.array(Image.open(labels / f"{stems[0]}.png"))
    planted[:, :] = 1
    planted[:2, :5] = beyond
    Image.fromarray(planted).save(labels / f"{stems[0]}.png")
    for path in (images / f"{stems[1]}.jpg", labels / f"{stems[2]}.png"):
        path.write_bytes(path.read_bytes()[:-40])
    (labels / f"{stems[3]}.png").unlink()
    (images / f"{stems[4]}.jpg").unlink()
    Image.fromarray(blank).save(images / f"{stems[5]}.jpg")
    Image.fromarray(blank.astype(np.uint16)).save(labels / f"{stems[6]}.png")
    Image.fromarray(np.zeros((20, 33), np.uint8)).save(labels / f"{stems[7]}.png")
    Image.fromarray(np.stack([blank] * 3, axis=-1)).save(labels / f"{stems[8]}.png")
    return {
        f"{train_labels}/{stems[0]}.png": f"label id {beyond} (10 pixels)",
        f"{train_images}/{stems[1]}.jpg": "truncated",
        f"{train_labels}/{stems[2]}.png": "truncated",
        f"{train_images}/{stems[3]}.jpg": "no label map",
        f"{train_labels}/{stems[4]}.png": "no image",
        f"{train_images}/{stems[5]}.jpg": "grey",
        f"{train_labels}/{stems[6]}.png": "more than 8 bits",
        f"{train_images}/{stems[7]}.jpg": "20x28 but its label map is 20x33",
        f"{train_labels}/{stems[8]}.png": "colour mode RGB",
    }


def check_found(found, expected):
    assert found.keys() == expected.keys()
    for file, message in expected.items():
        assert message in found[file]


def bedrooms(root):
    lines = (line.split() for line in (root / "sceneCategories.txt").read_text().splitlines())
    return [stem for stem, scene in lines if scene == "bedroom" and "train" in stem]


@pytest.mark.filterwarnings("ignore:Truncated File Read")
def test_every_fault_in_ade20k_is_listed_at_once(ade20k):
    stems = bedrooms(ade20k)
    expected = plant_faults(ade20k, *CHALLENGE[:2], stems, beyond=151)
    with (ade20k / "sceneCategories.txt").open("a") as stream:
        stream.write("ADE_train_00099999 kitchen\nADE_train_00099998 street\n")
    write_pair(ade20k / "images/training/a.jpg", ade20k / "annotations/training/a.png", seed=0, size=(20, 28))
    expected["sceneCategories.txt"] = "names ADE_train_00099999 (kitchen), and there is no image"
    expected["images/training/a.jpg"] = "has no line in sceneCategories.txt"
    check_found(problems_of(ade20k), expected)
    quick = {problem.file for problem in opened(ade20k).quick_problems()}
    assert quick == expected.keys() - {f"annotations/training/{stems[0]}.png"}


@pytest.mark.filterwarnings("ignore:Truncated File Read")
@pytest.mark.parametrize("folders", ARRANGEMENTS[:3])
def test_every_fault_in_the_authors_folder_is_listed_at_once(tmp_path, folders):
    root = ade_authors_tree(tmp_path, folders, ROOMS)
    images, labels = (folders or ("ADE15c_indoor_img", "ADE15c_indoor_lbl"))[:2]
    stems = [key.removeprefix("train/") for key in keys_of(opened(root))["train"]]
    expected = plant_faults(root, images, labels, stems, beyond=95)
    check_found(problems_of(root), expected)


@pytest.mark.filterwarnings("ignore:Truncated File Read")
def test_without_the_list_of_scenes_every_other_fault_is_still_found(ade20k):
    expected = plant_faults(ade20k, *CHALLENGE[:2], bedrooms(ade20k), beyond=200)
    (ade20k / "sceneCategories.txt").unlink()
    check_found(problems_of(ade20k), {**expected, "sceneCategories.txt": "restore it from ADEChallengeData2016.zip"})
    with pytest.raises(DataError, match=r"sceneCategories\.txt is missing"):
        opened(ade20k).splits()


@pytest.mark.parametrize("text", ["", "\n\n", "\xff"])
def test_a_list_of_scenes_that_says_nothing_is_a_fault_and_not_an_empty_dataset(ade20k, text):
    (ade20k / "sceneCategories.txt").write_bytes(text.encode("latin-1"))
    assert problems_of(ade20k).keys() == {"sceneCategories.txt"}
    with pytest.raises(DataError, match=r"sceneCategories\.txt"):
        opened(ade20k).splits()


def test_faulty_lines_of_the_list_are_named(ade20k):
    path = ade20k / "sceneCategories.txt"
    first = path.read_text().splitlines()[0].split()[0]
    path.write_text(path.read_text() + f"{first} moon\nADE_train_00055555\n")
    messages = [problem.message for problem in opened(ade20k).problems()]
    assert any(f"{first} is 'moon' here and 'airport_terminal' before" in message for message in messages)
    assert any("'ADE_train_00055555' has no scene" in message for message in messages)


def test_a_list_cut_short_is_one_fault_not_thousands(tmp_path):
    root = ade20k_tree(tmp_path, {"bedroom": (60, 3), "kitchen": (2, 2)})
    path = root / "sceneCategories.txt"
    path.write_text("\n".join(path.read_text().splitlines()[-5:]) + "\n")
    assert any(
        "62 images" in problem.message and "cut short" in problem.message for problem in opened(root).problems()
    )


def test_faults_of_other_places_are_nobodys_business(ade20k):
    street = next(
        line.split()[0] for line in (ade20k / "sceneCategories.txt").read_text().splitlines() if "street" in line
    )
    (ade20k / "annotations/training" / f"{street}.png").unlink()
    assert problems_of(ade20k) == {}


def test_an_empty_half_is_a_problem(ade20k):
    for folder in ("images/validation", "annotations/validation"):
        shutil.rmtree(ade20k / folder)
        (ade20k / folder).mkdir()
    messages = [problem.message for problem in opened(ade20k).problems()]
    assert any("split 'test' of 'selected' has no pairs" in message for message in messages)


@pytest.mark.parametrize("level", ["..", "../..", "images", "images/training", "annotations/validation"])
def test_another_level_of_the_tree_is_refused_with_the_right_one(tmp_path, level):
    root = ade20k_tree(tmp_path / "data" / "ADEChallengeData2016", {"bedroom": (1, 1)})
    with pytest.raises(DataError, match=f"It seems to be {root}: give that one"):
        opened(root / level)


def test_a_missing_folder_is_named(ade20k):
    shutil.rmtree(ade20k / "annotations" / "validation")
    with pytest.raises(DataError, match="has no annotations/validation/"):
        opened(ade20k)
