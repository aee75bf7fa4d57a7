import numpy as np
import pytest
import torch
from annotation.scenes import RECIPE, SIZE, opened, pairs_of, write_scenes
from dataset_trees import folder_tree

from sbgan_bench.annotation.batches import CropStream
from sbgan_bench.annotation.pairs import IGNORED, LabelledPairs, predicted_classes
from sbgan_bench.dataset import DatasetInfo
from sbgan_bench.errors import DataError, UnsupportedError


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    return pairs_of(write_scenes(tmp_path_factory.mktemp("scenes")))


def test_the_unlabelled_class_is_no_class_to_predict_and_teaches_nothing(pairs):
    assert pairs.num_classes == 3
    target = pairs.read(0).target
    assert (target[:3, :3] == IGNORED).all()
    assert set(np.unique(target)) <= {0, 1, 2, IGNORED}


def test_crops_depend_on_seed_and_place_alone(pairs):
    small = CropStream(pairs, RECIPE.model_copy(update={"batch_size": 2}), 7)
    large = CropStream(pairs, RECIPE.model_copy(update={"batch_size": 6}), 7)
    by_two = torch.cat([batch.images for batch in small.batches(0, 6, threads=3)])
    by_six = torch.cat([batch.images for batch in large.batches(0, 2, threads=1)])
    assert torch.equal(by_two, by_six)
    later = torch.cat([batch.targets for batch in small.batches(4, 6)])
    assert torch.equal(later, torch.cat([batch.targets for batch in large.batches(1, 2)])[2:])
    other = next(CropStream(pairs, RECIPE, 8).batches(0, 1))
    assert not torch.equal(other.images, by_two[:4])


@pytest.mark.parametrize(("first", "stop"), [(0, 0), (3, 4), (0, 2), (1, 9)])
def test_as_many_batches_as_asked_for(pairs, first, stop):
    assert len(list(CropStream(pairs, RECIPE, 0).batches(first, stop))) == stop - first


def test_a_damaged_file_is_named(tmp_path):
    root = write_scenes(tmp_path)
    pairs = pairs_of(root)
    (root / "labels" / f"{pairs.keys[0]}.png").write_bytes(b"no image")
    stream = CropStream(pairs, RECIPE, 0)
    with pytest.raises(DataError, match=pairs.keys[0]):
        list(stream.batches(0, len(pairs)))


def info(names, ignore):
    return DatasetInfo(
        name="x", class_names=names, palette=((0, 0, 0),) * len(names), ignore_index=ignore, licence="",
        redistributable=False,
    )  # fmt: skip


def test_which_classes_are_predicted():
    assert predicted_classes(info(("a", "b"), None)) == 2
    assert predicted_classes(info(("a", "b"), 1)) == 1
    assert predicted_classes(info(("a", "b"), 255)) == 2
    with pytest.raises(UnsupportedError, match=r"'a'.*needs it last"):
        predicted_classes(info(("a", "b"), 0))


def test_nothing_to_learn_from_is_an_error(tmp_path):
    with pytest.raises(DataError, match="No labelled pairs"):
        LabelledPairs.of(opened(folder_tree(tmp_path)), (), SIZE)
