import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sbgan_bench.annotation.confusion import Confusion

CLASSES = 4
NAMES = ("a", "b", "c", "d")
truths = arrays(np.uint8, (5, 7), elements=st.sampled_from([0, 1, 2, 3, 255]))
guesses = arrays(np.uint8, (5, 7), elements=st.integers(0, CLASSES - 1))


def counted(*images):
    confusion = Confusion.empty(CLASSES)
    for truth, predicted in images:
        confusion = confusion.plus(truth, predicted)
    return confusion


@given(truths, guesses)
def test_it_agrees_with_counting_pixel_by_pixel(truth, predicted):
    found = counted((truth, predicted)).evaluation(NAMES, "x", "test")
    known = truth != 255
    for name, score in zip(range(CLASSES), found.classes, strict=True):
        here, there = (truth == name) & known, (predicted == name) & known
        assert score.pixels == here.sum()
        if not here.any():
            assert score.iou is None
            assert score.accuracy is None
            continue
        assert score.iou == pytest.approx((here & there).sum() / (here | there).sum(), abs=6e-5)
        assert score.accuracy == pytest.approx((here & there).sum() / here.sum(), abs=6e-5)
    assert found.ignored_pixels == (~known).sum()
    assert found.pixels == known.sum()
    ious = [score.iou for score in found.classes if score.iou is not None]
    if ious:
        assert found.mean_iou == pytest.approx(np.mean(ious), abs=2e-4)
        assert found.pixel_accuracy == pytest.approx((truth == predicted)[known].mean(), abs=6e-5)
    else:
        assert found.mean_iou is found.pixel_accuracy is None


@given(truths, guesses, truths, guesses)
def test_images_add_up(first, guess, second, other):
    both = counted((first, guess), (second, other))
    joined = counted((np.hstack([first, second]), np.hstack([guess, other])))
    assert np.array_equal(both.counts, joined.counts)
    assert (both.images, both.ignored) == (2, joined.ignored)


def test_the_truth_is_perfect_and_one_class_everywhere_gets_its_share():
    truth = np.repeat(np.arange(4, dtype=np.uint8), 5)[None]
    perfect = counted((truth, truth)).evaluation(NAMES, "x", "test")
    assert (perfect.mean_iou, perfect.mean_accuracy, perfect.pixel_accuracy) == (1, 1, 1)
    constant = counted((truth, np.zeros_like(truth))).evaluation(NAMES, "x", "test")
    assert [score.iou for score in constant.classes] == [0.25, 0, 0, 0]
    assert (constant.mean_iou, constant.mean_accuracy, constant.pixel_accuracy) == (0.0625, 0.25, 0.25)


def test_a_class_that_only_the_prediction_has_lowers_the_others_and_is_no_row_of_its_own():
    truth = np.array([[0, 0, 1, 1]], np.uint8)
    found = counted((truth, np.array([[0, 2, 1, 1]], np.uint8))).evaluation(NAMES, "x", "test")
    assert [score.iou for score in found.classes] == [0.5, 1, None, None]
    assert found.mean_iou == 0.75


def test_what_is_unlabelled_cannot_matter():
    truth = np.array([[0, 255, 1]], np.uint8)
    scores = [counted((truth, np.array([[0, guess, 1]], np.uint8))).evaluation(NAMES, "x", "test") for guess in (0, 3)]
    assert scores[0] == scores[1]


def test_other_shapes_and_ids_are_errors():
    with pytest.raises(ValueError, match="shape"):
        Confusion.empty(2).plus(np.zeros((2, 2), np.uint8), np.zeros((2, 3), np.uint8))
    with pytest.raises(ValueError, match="predicted id 2 of 2"):
        Confusion.empty(2).plus(np.zeros((2, 2), np.uint8), np.full((2, 2), 2, np.uint8))
