import numpy as np
from annotation.scenes import opened, pairs_of, write_scenes

from sbgan_bench.annotation.pairs import LabelledPairs
from sbgan_bench.annotation.yardsticks import yardsticks


def test_constant_label_maps_get_what_counting_says(tmp_path):
    pairs = pairs_of(write_scenes(tmp_path))
    found = yardsticks(pairs, pairs)
    known = np.concatenate([target[target < 3] for target in (pairs.read(i).target for i in range(len(pairs)))])
    counts = np.bincount(known, minlength=3)
    majority = found.majority.evaluation(("a", "b", "c"), "x", "train")
    assert majority.pixel_accuracy == round(counts.max() / counts.sum(), 4)
    assert sorted(score.iou for score in majority.classes)[:2] == [0, 0]
    by_place = found.by_place.evaluation(("a", "b", "c"), "x", "train")
    assert by_place.pixel_accuracy > majority.pixel_accuracy


def test_one_pair_predicts_itself_but_for_the_grid(tmp_path):
    dataset = opened(write_scenes(tmp_path, size=(60, 80)))
    one = LabelledPairs.of(dataset, dataset.splits()["train"].keys[:1], (60, 80))
    found = yardsticks(one, one).by_place.evaluation(("a", "b", "c"), "x", "train")
    assert found.pixel_accuracy == 1
