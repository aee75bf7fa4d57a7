"""Laws of the metrics that read counts of pixels by class of the layout and class that a segmenter sees."""

import numpy as np
import pytest
from sklearn.metrics import jaccard_score

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics.segmentation import (
    FREQUENCY_WEIGHTED_IOU,
    MEAN_IOU,
    PIXEL_ACCURACY,
    easier_layouts,
    frequency_weighted_iou,
    mean_iou,
    pixel_accuracy,
)

METRICS = (MEAN_IOU, PIXEL_ACCURACY, FREQUENCY_WEIGHTED_IOU)


def counts(*scenes):
    """Return rows of features from one K x K table per scene."""
    return np.array([np.ravel(scene) for scene in scenes], np.float32)


REAL = counts(np.diag([50, 40, 10]), np.diag([30, 60, 10]))


@pytest.mark.parametrize("metric", METRICS)
def test_perfect_images_get_one_and_images_of_other_classes_nothing(metric):
    assert metric.compute(REAL, REAL) == 1
    wrong = counts(np.roll(np.diag([5, 5, 5]), 1, axis=1), np.roll(np.diag([9, 2, 3]), 1, axis=1))
    assert metric.compute(REAL, wrong) == 0


def test_closed_forms():
    """Half of class 0 is seen as class 1; class 2 occurs in no layout."""
    generated = counts([[4, 4, 0], [0, 2, 0], [0, 0, 0]], [[1, 1, 0], [0, 3, 0], [0, 0, 0]])
    assert mean_iou(REAL, generated) == pytest.approx((5 / 10 + 5 / 10) / 2)
    assert pixel_accuracy(REAL, generated) == pytest.approx(10 / 15)
    assert frequency_weighted_iou(REAL, generated) == pytest.approx((10 * 0.5 + 5 * 0.5) / 15)


def test_pixels_of_all_scenes_are_taken_together():
    """As in SPADE's paper: not the mean over scenes of what each scene gets."""
    rng = np.random.default_rng(0)
    truth, seen = rng.integers(0, 3, (2, 6, 40))
    tables = np.zeros((6, 3, 3))
    for scene, table in enumerate(tables):
        np.add.at(table, (truth[scene], seen[scene]), 1)
    expected = jaccard_score(truth.ravel(), seen.ravel(), average="macro")
    assert mean_iou(REAL, counts(*tables)) == pytest.approx(expected)


@pytest.mark.parametrize("metric", METRICS)
def test_neither_the_reals_nor_the_order_enter_the_value(metric):
    rng = np.random.default_rng(1)
    generated = rng.integers(0, 99, (8, 9)).astype(np.float32)
    value = metric.compute(REAL, generated)
    assert metric.compute(REAL[::-1] * 3, generated[::-1]) == value
    assert metric.compute(REAL, np.repeat(generated, 2, axis=0)) == pytest.approx(value)


def test_many_large_counts_are_added_exactly():
    """Sums beyond 2^24, which float32 would round."""
    scene = np.array([[2**24 - 1, 1], [0, 2**24]], np.float32)
    generated = counts(*[scene] * 100)
    assert pixel_accuracy(generated, generated) == 1 - 1 / 2**25


@pytest.mark.parametrize("metric", METRICS)
def test_layouts_that_lack_a_class_of_the_reals_are_told(metric):
    assert metric.caution(REAL, REAL) == ""
    sky = counts(np.diag([100, 0, 0]), np.diag([100, 0, 0]))
    assert metric.compute(REAL, sky) == 1
    assert metric.caution(REAL, sky) == "the layouts lack classes 1, 2, 60 % of the reals' pixels: an easier task"


def test_a_class_that_hardly_occurs_may_be_missing():
    reals = counts(np.diag([5000, 4999, 1]), np.diag([5000, 4999, 1]))
    two = counts(np.diag([50, 50, 0]), np.diag([50, 50, 0]))
    assert easier_layouts(reals, two) == ""


def test_what_is_no_table_of_counts_is_refused():
    for bad in (np.ones((3, 8)), -np.ones((3, 9)), np.full((3, 9), 0.5)):
        with pytest.raises(BenchError, match="segmentation protocol"):
            mean_iou(bad, bad)
    with pytest.raises(BenchError, match="no labelled pixel"):
        pixel_accuracy(REAL, np.zeros((2, 9)))
