"""What every registered dataset must keep to, those of other packages included."""

from collections.abc import Callable, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cityscapes_trees import both_trees, fine_tree
from dataset_trees import ade20k_tree, camvid_tree, folder_tree

from sbgan_bench.config import Settings
from sbgan_bench.dataset import AbstractDataset
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.contact_sheet import contact_sheet
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.plugins import PluginGroup, installed, load_plugin

SIZE = (16, 32)

#: How to lay out a small instance and what to open it with; a dataset not named here opens with its defaults.
MAKERS: Mapping[str, Callable[[Path], dict[str, Any]]] = {
    "ade-indoor": lambda folder: {"root": str(ade20k_tree(folder))},
    "camvid": lambda folder: {"root": str(camvid_tree(folder))},
    "cityscapes-25k": lambda folder: {"root": str(both_trees(folder))},
    "cityscapes-5k": lambda folder: {"root": str(fine_tree(folder))},
    "folder": lambda folder: {"root": str(folder_tree(folder, count=30))},
    "toy-streets": lambda folder: {"train": 20, "selection": 12, "test": 20},
}


@pytest.fixture(scope="module", params=list(installed(PluginGroup.DATASETS)))
def opening(request, tmp_path_factory) -> tuple[str, dict[str, Any]]:
    maker = MAKERS.get(request.param, lambda folder: {})
    return request.param, maker(tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def dataset(opening) -> AbstractDataset:
    return open_dataset(*opening, "contract")


def test_the_kind_and_its_settings_are_what_the_contract_says(opening):
    kind = load_plugin(PluginGroup.DATASETS, opening[0])
    assert issubclass(kind, AbstractDataset)
    assert issubclass(kind.Settings, Settings)
    settings = kind.Settings.parse(opening[1], "contract")
    assert kind.Settings.parse(settings.to_json(), "again") == settings


def test_unknown_settings_are_refused(opening):
    name, values = opening
    with pytest.raises(ConfigError, match="no_such_key"):
        open_dataset(name, {**values, "no_such_key": 1}, "contract")


def test_info_is_consistent(opening, dataset):
    info = dataset.info
    assert info.name == opening[0]
    assert len(set(info.class_names)) == info.num_classes == len(info.palette) <= 256
    assert len(set(info.palette)) == len(info.palette)
    assert all(0 <= channel <= 255 for colour in info.palette for channel in colour)
    assert info.ignore_index is None or 0 <= info.ignore_index < info.num_classes
    assert info.licence
    assert dataset.split_name


def test_the_three_splits_are_disjoint_and_not_empty(dataset):
    splits = dataset.splits()
    assert list(splits) == ["train", "selection", "test"]
    for name, split in splits.items():
        assert split.name == name
        assert len(set(split.keys)) == len(split.keys) > 0
    assert all(not set(a.keys) & set(b.keys) for a, b in combinations(splits.values(), 2))


def test_groups_lie_beside_the_keys_and_stay_there(dataset):
    for split in dataset.splits().values():
        assert len(split.groups) in (0, len(split.keys))
        part = split.subset([len(split.keys) - 1, 0])
        assert part.keys == (split.keys[-1], split.keys[0])
        assert part.groups == ((split.groups[-1], split.groups[0]) if split.groups else ())


def test_a_size_that_cannot_be_is_said_before_anything_is_read(dataset):
    assert dataset.unsupported(SIZE) == ""
    key = dataset.splits()["train"].keys[0]
    for odd in ((17, 31), (32, 32)):
        reason = dataset.unsupported(odd)
        if reason:
            with pytest.raises(DataError, match=f"{odd[0]}x{odd[1]}"):
                dataset.read(key, odd)


def test_opening_again_gives_the_same_dataset(opening, dataset):
    again = open_dataset(*opening, "contract")
    assert again.info == dataset.info
    assert again.splits() == dataset.splits()
    assert again.split_name == dataset.split_name
    assert again.fingerprint() == dataset.fingerprint()
    assert len(dataset.fingerprint()) == 64


def test_pairs_are_images_with_class_ids_and_do_not_change(opening, dataset):
    again = open_dataset(*opening, "contract")
    for split in dataset.splits().values():
        for key in (split.keys[0], split.keys[-1]):
            pair, repeated = dataset.read(key, SIZE), again.read(key, SIZE)
            assert pair.image.dtype == pair.layout.dtype == np.uint8
            assert pair.image.shape == (*pair.layout.shape, 3)
            assert pair.layout.max() < dataset.info.num_classes
            assert np.array_equal(pair.image, repeated.image)
            assert np.array_equal(pair.layout, repeated.layout)


def test_unknown_keys_are_refused(dataset):
    with pytest.raises(DataError, match="no-such-key"):
        dataset.read("no-such-key", SIZE)


def test_a_sound_dataset_has_no_problems(dataset):
    assert dataset.problems() == []
    assert dataset.quick_problems() == []


def test_a_split_can_be_prepared_and_shown(dataset, tmp_path):
    table = prepare(dataset, "selection", SIZE, tmp_path)
    assert table.split == dataset.splits()["selection"]
    assert table.images.shape == (len(table), 3, *SIZE)
    assert table.layouts.shape == (len(table), *SIZE)
    assert table.layouts.max() < dataset.info.num_classes
    assert contact_sheet(table, 4).shape[2] == 3
