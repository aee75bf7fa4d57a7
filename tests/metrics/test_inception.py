"""Inception Score: closed forms, and agreement with torch-fidelity."""

import numpy as np
import pytest
import torch
from torch_fidelity.metric_isc import isc_features_to_metric

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics.inception import inception_score

LOGITS = 4 * np.random.default_rng(0).standard_normal((103, 30)).astype(np.float32)


@pytest.mark.parametrize("splits", [1, 5, 10])
def test_torch_fidelity_agrees(splits: int) -> None:
    theirs = isc_features_to_metric(torch.from_numpy(LOGITS), splits=splits, shuffle=False)
    assert inception_score(LOGITS, splits) == pytest.approx(theirs["inception_score_mean"], rel=1e-12)


@pytest.mark.parametrize("classes", [2, 7, 1008])
def test_certain_and_even_guesses_score_the_number_of_classes(classes: int) -> None:
    certain = 1000 * np.eye(classes)
    assert inception_score(np.concatenate([certain, certain])) == pytest.approx(classes)


def test_guesses_that_are_all_alike_score_one() -> None:
    assert inception_score(np.tile(LOGITS[:1], (9, 1))) == pytest.approx(1)
    assert inception_score(np.zeros((9, 4))) == pytest.approx(1)
    assert inception_score(LOGITS, splits=103) == pytest.approx(1)


def test_a_constant_added_to_the_logits_of_an_image_changes_nothing() -> None:
    shifted = LOGITS.astype(np.float64) + np.arange(103)[:, None] * 50
    assert inception_score(shifted) == pytest.approx(inception_score(LOGITS), rel=1e-9)


def test_splits_that_cannot_be_are_refused() -> None:
    with pytest.raises(BenchError, match=r"splits = 104 do not fit 103"):
        inception_score(LOGITS, 104)
