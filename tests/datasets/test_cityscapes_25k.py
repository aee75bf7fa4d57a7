import json
import shutil

import numpy as np
import pytest
from cityscapes_trees import (
    DRN_CLASSES,
    both_trees,
    extra_tree,
    fine_tree,
    image_path,
    label_path,
    pseudo_path,
    write_ids,
    write_manifest,
)
from dataset_trees import write_pair
from PIL import Image

from sbgan_bench.annotation.confusion import Evaluation
from sbgan_bench.annotation.manifest import AnnotationManifest
from sbgan_bench.dataset import Pair
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.cityscapes_labels import LABELS
from sbgan_bench.datasets.cityscapes_pseudo import LabelManifest, crop_extra
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import DataError

EXTRA = "train_extra/augsburg/augsburg_000000_000019"


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return both_trees(tmp_path_factory.mktemp("cityscapes"))


@pytest.fixture
def small(tmp_path):
    """A tree to be damaged."""
    return both_trees(tmp_path / "cityscapes")


def opened(root, **settings):
    return open_dataset("cityscapes-25k", {"root": str(root), **settings}, "test")


def test_a_sound_tree_has_no_problems(small):
    assert opened(small).problems() == opened(small).quick_problems() == []


def test_an_epoch_shows_fine_scenes_seven_times_and_extra_ones_once(tree):
    train = opened(tree).splits()["train"]
    assert len(train.keys) == len(set(train.keys)) == 32 + 23
    for key, times in zip(train.keys, train.repeats, strict=True):
        assert times == (1 if key.startswith("train_extra/") else 7)
    assert train.epoch == 7 * 32 + 23
    assert "23 of 55 label maps are predicted by drn_d_105 abababababab, mean IoU 0.756" in train.caution
    assert "predicted by drn_d_105 abababababab" in opened(tree).splits()["test"].caution


def test_each_scene_is_stored_once_and_the_table_knows_the_repeats(tree, tmp_path):
    table = prepare(opened(tree), "train", (8, 16), tmp_path)
    assert table.images.shape == (55, 3, 8, 16)
    assert table.split.epoch == 247


def test_selection_and_test_are_annotated_by_people(tree):
    for selection, sizes in (("held-out", (4, 6)), ("validation", (3, 3)), ("test", (6, 6))):
        splits = opened(tree, selection=selection).splits()
        assert (len(splits["selection"].keys), len(splits["test"].keys)) == sizes
        assert not any("extra" in key for name in ("selection", "test") for key in splits[name].keys)


def test_counts_stand_beside_those_of_the_release(tree):
    counts = {count.what: (count.found, count.published) for count in opened(tree).counts()}
    assert counts["training pairs"] == (36, 2975)
    assert counts["validation pairs"] == (6, 500)
    assert counts["extra images with pseudo-labels"] == (23, 19_997)
    assert counts["training images in all"] == (59, 22_972)
    assert counts["images of an epoch"] == (275, 40_822)
    assert 2975 + 19_997 == 22_972
    assert 7 * 2975 + 19_997 == 40_822


def test_the_crop_is_that_of_the_release():
    ids = np.add.outer(np.arange(1024) // 8, np.arange(2048) // 16).astype(np.uint8)
    image = np.repeat(ids[..., None], 3, axis=2)
    cropped = crop_extra(Pair(image, ids))
    by_pillow = Image.fromarray(image).crop((256, 0, 256 + 1536, 768))
    assert np.array_equal(cropped.image, np.asarray(by_pillow))
    assert np.array_equal(cropped.layout, ids[:768, 256:1792])


def test_extra_pairs_are_cropped_and_fine_ones_are_not(tree):
    dataset = opened(tree)
    assert dataset.read(EXTRA, (8, 16)).layout.shape == (12, 24)
    stored = np.asarray(Image.open(pseudo_path(tree, "augsburg")))
    assert np.array_equal(dataset.read(EXTRA, (8, 16)).layout, stored[:12, 4:28])
    assert dataset.read("train/aachen/aachen_000000_000019", (8, 16)).layout.shape == (16, 32)


def test_pseudo_labels_with_all_of_cityscapes_ids_become_train_ids(small):
    write_manifest(small, [label.name for label in LABELS])
    ids = np.arange(16 * 32).reshape(16, 32) % 34
    ids[0, 8] = 255
    write_ids(pseudo_path(small, "augsburg"), ids)
    write_ids(label_path(small, "train", "aachen"), ids)
    dataset = opened(small)
    fine = dataset.read("train/aachen/aachen_000000_000019", (8, 16)).layout
    assert np.array_equal(dataset.read(EXTRA, (8, 16)).layout, fine[:12, 4:28])
    assert dataset.problems() == []


def test_without_pseudo_labels_the_error_says_how_to_make_them(tmp_path):
    root = fine_tree(tmp_path)
    with pytest.raises(DataError, match=r"has no leftImg8bit/train_extra/"):
        opened(root)
    shutil.rmtree(extra_tree(root) / "pseudo_labels")
    with pytest.raises(DataError, match=r"pseudo_labels holds no labels/.*annotate train.*annotate run SEGMENTER"):
        opened(root)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, "cannot be read"),
        ("{", "is damaged"),
        ("{}", "weights_sha256"),
        ('{"weights_sha256": "a"}', "class_names"),
    ],
)
def test_a_manifest_that_does_not_say_what_the_labels_are_is_refused(small, content, words):
    path = small / "pseudo_labels" / "manifest.json"
    path.unlink() if content is None else path.write_text(content)
    with pytest.raises(DataError, match=rf"manifest\.json.*{words}.*annotate"):
        opened(small)


def test_classes_that_are_not_cityscapes_are_refused(small):
    write_manifest(small, ["sky", "tree"])
    with pytest.raises(DataError, match="'tree'"):
        opened(small)


def test_the_labels_may_lie_elsewhere_and_decide_the_fingerprint(small, tmp_path):
    before = opened(small).fingerprint()
    assert opened(small, selection="test").fingerprint() == before
    (small / "pseudo_labels").rename(tmp_path / "elsewhere")
    moved = {"pseudo_labels": str(tmp_path / "elsewhere")}
    assert opened(small, **moved).fingerprint() == before
    assert opened(small, **moved).problems() == []
    (tmp_path / "elsewhere").rename(small / "pseudo_labels")
    write_manifest(small, weights="cd" * 32)
    other_weights = opened(small).fingerprint()
    write_manifest(small, (*DRN_CLASSES[::-1],))
    other_meaning = opened(small).fingerprint()
    write_manifest(small)
    write_ids(pseudo_path(small, "augsburg"), np.ones((16, 32)))
    assert len({before, other_weights, other_meaning, opened(small).fingerprint()}) == 4


def test_labels_made_of_the_whole_image_folder_are_found(small):
    labels = small / "pseudo_labels" / "labels"
    labels.rename(small / "pseudo_labels" / "deeper")
    labels.mkdir()
    (small / "pseudo_labels" / "deeper").rename(labels / "train_extra")
    assert opened(small).problems() == []


def test_the_black_picture_of_the_archive_is_left_out_silently(small):
    broken = image_path(small, "train_extra", "troisdorf", 0).with_name("troisdorf_000000_000073_leftImg8bit.png")
    Image.fromarray(np.zeros((16, 32), np.uint8)).save(broken)
    dataset = opened(small)
    assert dataset.problems() == []
    assert not any("000073" in key for key in dataset.splits()["train"].keys)


def test_every_fault_is_listed_at_once(small, caplog):
    pseudo_path(small, "bamberg").unlink()
    image_path(small, "train_extra", "bayreuth").unlink()
    write_ids(pseudo_path(small, "dortmund"), np.full((16, 32), 19))
    write_ids(pseudo_path(small, "dresden"), np.zeros((8, 16)))
    whole = image_path(small, "train_extra", "erlangen").read_bytes()
    image_path(small, "train_extra", "erlangen").write_bytes(whole[: len(whole) // 2])
    shutil.rmtree(small / "pseudo_labels/labels/freiburg")
    label_path(small, "val", "lindau").unlink()
    (small / "pseudo_labels/labels/heidelberg/notes.txt").write_text("x")
    write_pair(image_path(small, "train_extra", "aachen"), pseudo_path(small, "aachen"), 5)
    found = {problem.file: problem.message for problem in opened(small).problems()}
    labels = "pseudo_labels/labels"
    expected = {
        "leftImg8bit/train_extra/bamberg/bamberg_000000_000019_leftImg8bit.png": "has no pseudo-label pseudo_labels/l",
        f"{labels}/bayreuth/bayreuth_000000_000019_leftImg8bit.png": "has no image leftImg8bit/train_extra/bayreuth/",
        f"{labels}/dortmund/dortmund_000000_000019_leftImg8bit.png": "label id 19 (512 pixels)",
        "leftImg8bit/train_extra/dresden/dresden_000000_000019_leftImg8bit.png": "its label map is 8x16",
        "leftImg8bit/train_extra/erlangen/erlangen_000000_000019_leftImg8bit.png": "truncated",
        f"{labels}/freiburg": "is missing, so that 1 files have no pseudo-label",
        "leftImg8bit/val/lindau/lindau_000000_000019_leftImg8bit.png": "has no label map",
        f"{labels}/heidelberg/notes.txt": "is not called",
        "leftImg8bit/train_extra/aachen/aachen_000000_000019_leftImg8bit.png": "no city of train_extra/ but of train/",
        f"{labels}/aachen/aachen_000000_000019_leftImg8bit.png": "no city of train_extra/ but of train/",
    }
    assert found.keys() == expected.keys()
    for file, message in expected.items():
        assert message in found[file], file
    assert "are left out" in caplog.text


def test_the_manifest_of_annotate_is_understood(small):
    """The file says more than is read here; what is read, it says."""
    assert set(LabelManifest.model_fields) <= set(AnnotationManifest.model_fields)
    assert "mean_iou" in Evaluation.model_fields
    path = small / "pseudo_labels" / "manifest.json"
    values = json.loads(path.read_text())
    path.write_text(json.dumps({**values, "palette": [], "evaluation": None, "faults": {}, "source": "x"}))
    assert "not measured" in opened(small).splits()["train"].caution
