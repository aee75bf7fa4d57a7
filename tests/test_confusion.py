"""Counts and shares against pixel-by-pixel definitions and other libraries."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import confusion_matrix, jaccard_score
from torchmetrics.functional.classification import multiclass_accuracy, multiclass_jaccard_index

from sbgan_bench.confusion import (
    class_accuracies,
    class_ious,
    confusion_counts,
    frequency_weighted_iou,
    mean_accuracy,
    mean_iou,
    pixel_accuracy,
)

CLASSES = 5
labels = arrays(np.uint8, (6, 7), elements=st.integers(0, CLASSES - 1))


@given(labels, labels)
def test_counts_are_those_of_scikit_learn(truth, predicted):
    expected = confusion_matrix(truth.ravel(), predicted.ravel(), labels=range(CLASSES))
    assert np.array_equal(confusion_counts(truth, predicted, CLASSES), expected)


@given(labels, labels)
def test_shares_are_those_of_scikit_learn_over_the_classes_of_the_truth(truth, predicted):
    counts = confusion_counts(truth, predicted, CLASSES)
    there = np.unique(truth)
    ious = jaccard_score(truth.ravel(), predicted.ravel(), labels=there, average=None)
    weights = counts.sum(axis=1)[there] / truth.size
    assert class_ious(counts)[there] == pytest.approx(ious)
    assert np.isnan(np.delete(class_ious(counts), there)).all()
    assert mean_iou(counts) == pytest.approx(ious.mean())
    assert frequency_weighted_iou(counts) == pytest.approx((weights * ious).sum())
    assert pixel_accuracy(counts) == pytest.approx((truth == predicted).mean())
    assert mean_accuracy(counts) == pytest.approx(np.mean([(predicted == k)[truth == k].mean() for k in there]))


def test_torchmetrics_agrees_where_every_class_occurs():
    rng = np.random.default_rng(0)
    truth, predicted = rng.integers(0, CLASSES, (2, 4, 16, 32)).astype(np.uint8)
    counts = confusion_counts(truth, predicted, CLASSES)
    seen, true = torch.from_numpy(predicted).long(), torch.from_numpy(truth).long()
    macro = multiclass_jaccard_index(seen, true, CLASSES, average="macro").item()
    weighted = multiclass_jaccard_index(seen, true, CLASSES, average="weighted").item()
    micro = multiclass_accuracy(seen, true, CLASSES, average="micro").item()
    assert mean_iou(counts) == pytest.approx(macro, abs=1e-6)
    assert frequency_weighted_iou(counts) == pytest.approx(weighted, abs=1e-6)
    assert pixel_accuracy(counts) == pytest.approx(micro, abs=1e-6)


def test_a_class_that_the_truth_lacks_counts_only_against_the_others():
    counts = np.array([[8, 0, 2], [0, 5, 0], [0, 0, 0]])
    assert class_ious(counts)[:2] == pytest.approx([0.8, 1])
    assert mean_iou(counts) == pytest.approx(0.9)
    assert frequency_weighted_iou(counts) == pytest.approx((10 * 0.8 + 5) / 15)


def test_without_a_pixel_there_is_no_share():
    nothing = np.zeros((3, 3), np.int64)
    for share in (mean_iou, mean_accuracy, pixel_accuracy, frequency_weighted_iou):
        assert np.isnan(share(nothing))
    assert np.isnan(class_accuracies(nothing)).all()


def test_other_shapes_and_ids_are_errors():
    ids = np.zeros((2, 2), np.uint8)
    with pytest.raises(ValueError, match="shape"):
        confusion_counts(ids, ids[:1], 3)
    with pytest.raises(ValueError, match="true id 3 of 3"):
        confusion_counts(ids + np.uint8(3), ids, 3)
    with pytest.raises(ValueError, match="predicted id 4 of 3"):
        confusion_counts(ids, ids + np.uint8(4), 3)
