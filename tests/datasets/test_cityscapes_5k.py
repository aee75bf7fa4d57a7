import shutil
from itertools import combinations

import numpy as np
import pytest
from cityscapes_trees import fine_tree, image_path, label_path, write_ids
from dataset_trees import write_pair
from PIL import Image

from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.cityscapes_files import CITIES, FINE_IMAGES, Part
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import ConfigError, DataError


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    return fine_tree(tmp_path_factory.mktemp("cityscapes"))


@pytest.fixture
def small(tmp_path):
    """A tree to be damaged."""
    return fine_tree(tmp_path / "cityscapes")


def opened(root, **settings):
    return open_dataset("cityscapes-5k", {"root": str(root), **settings}, "test")


def problems_of(root, quick=False):
    dataset = opened(root)
    found = dataset.quick_problems() if quick else dataset.problems()
    return {problem.file: problem.message for problem in found}


def test_the_published_numbers_add_up():
    assert [sum(FINE_IMAGES[part].values()) for part in (Part.TRAIN, Part.VAL)] == [2975, 500]
    assert [len(CITIES[part]) for part in Part] == [18, 3, 23]
    assert not any(set(CITIES[a]) & set(CITIES[b]) for a, b in combinations(Part, 2))


def test_a_sound_tree_has_no_problems(small):
    assert problems_of(small) == problems_of(small, quick=True) == {}


@pytest.mark.parametrize(
    ("selection", "sizes"), [("held-out", (32, 4, 6)), ("validation", (36, 3, 3)), ("test", (36, 6, 6))]
)
def test_splits_by_what_serves_selection(tree, selection, sizes):
    dataset = opened(tree, selection=selection)
    splits = dataset.splits()
    assert tuple(len(split.keys) for split in splits.values()) == sizes
    assert all(key.startswith("train/") for key in splits["train"].keys)
    assert all(key.startswith("val/") for key in splits["test"].keys)
    assert selection in dataset.split_name
    train, chosen, test = (set(split.keys) for split in splits.values())
    assert not train & (chosen | test)
    assert (
        (chosen == test)
        == (selection == "test")
        == ("the selection split is the test split" in splits["test"].caution)
    )
    assert not chosen & test or selection == "test"


def test_by_default_whole_cities_are_set_apart_and_nothing_needs_a_caution(tree):
    splits = opened(tree).splits()
    assert {key.split("/")[1] for key in splits["selection"].keys} == {"jena", "ulm"}
    assert not any(split.caution for split in splits.values())
    assert {key.split("/")[1] for key in splits["test"].keys} == set(CITIES[Part.VAL])


@pytest.mark.parametrize(
    ("cities", "apart"),
    [
        (("aachen", "bochum", "ulm"), {"ulm"}),
        (("aachen", "bochum", "zurich"), {"zurich"}),
        (("aachen",), {"aachen"}),
    ],
)
def test_part_of_the_release_has_a_selection_split_too(small, cities, apart):
    for city in set(CITIES[Part.TRAIN]) - set(cities):
        shutil.rmtree(small / "leftImg8bit" / "train" / city)
        shutil.rmtree(small / "gtFine" / "train" / city)
    dataset = opened(small)
    train, selection = (dataset.splits()[name].keys for name in ("train", "selection"))
    assert {key.split("/")[1] for key in selection} == apart
    assert len(train) + len(selection) == 2 * len(cities)
    assert train
    assert not set(train) & set(selection)
    assert not any(problem.stops for problem in dataset.problems())


def test_ids_become_channels(small):
    ids = np.arange(16 * 32).reshape(16, 32) % 34
    ids[0, 0] = 255
    write_ids(label_path(small, "train", "aachen"), ids)
    key = "train/aachen/aachen_000000_000019"
    ids[0, 0] = 34
    assert np.array_equal(opened(small).read(key, (8, 16)).layout, ids)
    printed = opened(small, channels="printed")
    assert printed.info.num_classes == 33
    assert np.array_equal(printed.read(key, (8, 16)).layout, np.where(np.isin(ids, (0, 34)), 2, ids - 1))
    assert opened(small, channels="train-ids").read(key, (8, 16)).layout.max() == 19
    fingerprints = {opened(small, channels=name).fingerprint() for name in ("released", "printed", "train-ids")}
    assert len(fingerprints) == 3


def test_counts_stand_beside_the_published_ones(tree):
    totals, cities = opened(tree).counts()[:2], opened(tree).counts()[2:]
    assert [(count.found, count.published) for count in totals] == [(36, 2975), (6, 500)]
    assert len(cities) == 21
    assert ("training pairs of ulm", 2, 95) in {(count.what, count.found, count.published) for count in cities}


def test_every_fault_is_listed_at_once(small, caplog):
    image, label = (
        (lambda city, n=0: image_path(small, "train", city, n)),
        (lambda city, n=0: label_path(small, "train", city, n)),
    )
    label("aachen").unlink()
    image("bochum").unlink()
    write_pair(image("bremen"), small / "spare.png", 1, (16, 34))
    ids = np.zeros((16, 32))
    ids[:2, :5] = 200
    write_ids(label("cologne"), ids)
    whole = image("darmstadt").read_bytes()
    image("darmstadt").write_bytes(whole[: len(whole) // 2])
    whole = label("dusseldorf").read_bytes()
    label("dusseldorf").write_bytes(whole[: len(whole) // 2])
    (small / "leftImg8bit/train/erfurt/notes.txt").write_text("hello")
    shutil.rmtree(small / "leftImg8bit/train/hamburg")
    shutil.rmtree(small / "gtFine/train/hamburg")
    shutil.rmtree(small / "gtFine/train/hanover")
    label("jena").rename(small / "gtFine/train/krefeld" / label("jena").name)
    Image.fromarray(np.zeros((16, 32, 3), np.uint8)).save(label("monchengladbach"))
    shutil.copyfile(image("strasbourg"), image("strasbourg", 1))
    write_pair(image("stuttgart"), label("stuttgart"), 1, (32, 64), 34)
    write_pair(image_path(small, "train", "frankfurt"), label_path(small, "train", "frankfurt"), 99)
    write_pair(image_path(small, "val", "berlin"), label_path(small, "val", "berlin"), 98)
    (small / "spare.png").unlink()
    expected = {
        "leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png": "has no label map gtFine/train/aachen/aachen",
        "gtFine/train/bochum/bochum_000000_000019_gtFine_labelIds.png": "has no image leftImg8bit/train/bochum/bochum",
        "leftImg8bit/train/bremen/bremen_000000_000019_leftImg8bit.png": "16x34 but its label map is 16x32",
        "gtFine/train/cologne/cologne_000000_000019_gtFine_labelIds.png": "label id 200 (10 pixels)",
        "leftImg8bit/train/darmstadt/darmstadt_000000_000019_leftImg8bit.png": "truncated",
        "gtFine/train/dusseldorf/dusseldorf_000000_000019_gtFine_labelIds.png": "truncated",
        "leftImg8bit/train/erfurt/notes.txt": "is not called CITY_000000_000000_leftImg8bit.png",
        "leftImg8bit/train/hamburg": "is missing (248 images in the release)",
        "gtFine/train/hanover": "is missing, so that 2 files have no label map",
        "gtFine/train/krefeld/jena_000000_000019_gtFine_labelIds.png": "named after jena but does not lie in jena/",
        "leftImg8bit/train/jena/jena_000000_000019_leftImg8bit.png": "has no label map",
        "gtFine/train/monchengladbach/monchengladbach_000000_000019_gtFine_labelIds.png": "one class id per pixel",
        "leftImg8bit/train/strasbourg/strasbourg_000001_000019_leftImg8bit.png": "same bytes as leftImg8bit/train/s",
        "leftImg8bit/train/stuttgart/stuttgart_000000_000019_leftImg8bit.png": "is 32x64 where the others are 16x32",
        "leftImg8bit/train/frankfurt/frankfurt_000000_000019_leftImg8bit.png": "no city of train/ but of val/",
        "gtFine/train/frankfurt/frankfurt_000000_000019_gtFine_labelIds.png": "no city of train/ but of val/",
        "leftImg8bit/val/berlin/berlin_000000_000019_leftImg8bit.png": "is of berlin, which is no city of val/; rem",
        "gtFine/val/berlin/berlin_000000_000019_gtFine_labelIds.png": "is of berlin, which is no city of val/; rem",
    }  # fmt: skip
    found = problems_of(small)
    assert found.keys() == expected.keys()
    for file, message in expected.items():
        assert message in found[file], file
    assert "are left out" in caplog.text
    undecoded = {file for file, message in expected.items() if "label id" in message or "same bytes" in message}
    assert problems_of(small, quick=True).keys() == expected.keys() - undecoded


def test_a_faulty_pair_stops_its_split_by_name_and_the_others_are_made(small, tmp_path):
    write_ids(label_path(small, "train", "weimar", 1), np.full((16, 32), 200))
    dataset = opened(small)
    with pytest.raises(DataError, match=r"weimar_000001_000019_gtFine_labelIds\.png: label id 200 \(512 pixels\)"):
        prepare(dataset, "train", (8, 16), tmp_path / "cache", workers=2)
    assert prepare(dataset, "test", (8, 16), tmp_path / "cache", workers=2).layouts.shape == (6, 8, 16)


def test_a_folder_that_is_not_cityscapes_is_refused_and_the_right_one_is_pointed_out(small):
    with pytest.raises(DataError, match=rf"no leftImg8bit/train/ .*It seems to be {small}: give that one"):
        opened(small / "gtFine")
    shutil.rmtree(small / "gtFine" / "val")
    with pytest.raises(DataError, match=r"has no gtFine/val/\. Point"):
        opened(small)


def test_settings_are_checked():
    with pytest.raises(ConfigError, match=r"released.*printed.*train-ids"):
        opened("x", channels="35")
    with pytest.raises(ConfigError, match=r"held-out.*validation.*test"):
        opened("x", selection="cities")
