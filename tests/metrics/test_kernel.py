"""Kernel distance: its definition, its expectation, and agreement with the libraries."""

import itertools

import numpy as np
import pytest
import torch
from cleanfid.fid import kernel_distance as clean_kernel_distance
from torch_fidelity.metric_kid import kid_features_to_metric
from torchmetrics.image.kid import poly_mmd

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics import kernel
from sbgan_bench.metrics.kernel import kernel_distance

RNG = np.random.default_rng(0)
REAL = np.maximum(RNG.standard_normal((120, 40)), 0)
GENERATED = np.maximum(1.2 * RNG.standard_normal((120, 40)) + 0.1, 0)


def test_it_is_the_mean_over_pairs_also_where_sizes_differ() -> None:
    real, generated = REAL[:5], GENERATED[:7]

    def k(x: np.ndarray, y: np.ndarray) -> float:
        return float((x @ y / 40 + 1) ** 3)

    within = [np.mean([k(x, y) for x, y in itertools.permutations(rows, 2)]) for rows in (real, generated)]
    mixed = np.mean([k(x, y) for x in real for y in generated])
    assert kernel_distance(real, generated) == pytest.approx(sum(within) - 2 * mixed, rel=1e-10)


def test_torch_fidelity_clean_fid_and_torchmetrics_agree() -> None:
    value = kernel_distance(REAL, GENERATED)
    tensors = torch.from_numpy(GENERATED), torch.from_numpy(REAL)
    theirs = kid_features_to_metric(*tensors, kid_subsets=2, kid_subset_size=120, verbose=False)
    assert theirs["kernel_inception_distance_mean"] == pytest.approx(value, rel=1e-9)
    assert clean_kernel_distance(REAL, GENERATED, num_subsets=2) == pytest.approx(value, rel=1e-9)
    assert poly_mmd(*tensors).item() == pytest.approx(value, rel=1e-9)


def test_fresh_reals_read_zero_on_average_and_negative_values_are_normal() -> None:
    values = [kernel_distance(*np.random.default_rng(seed).standard_normal((2, 30, 8))) for seed in range(400)]
    assert abs(np.mean(values)) < 3 * np.std(values) / 20
    assert 0.3 < np.mean(np.array(values) < 0) < 0.8


def test_subsets_estimate_the_same_and_are_drawn_alike_in_any_order() -> None:
    value = kernel_distance(REAL, GENERATED, subsets=300, subset_size=60, seed=1)
    assert value == pytest.approx(kernel_distance(REAL, GENERATED), rel=0.05)
    shuffled = np.random.default_rng(1).permutation(REAL), np.random.default_rng(2).permutation(GENERATED)
    assert kernel_distance(*shuffled, subsets=300, subset_size=60, seed=1) == value
    assert kernel_distance(REAL, GENERATED, subsets=3, subset_size=60, seed=2) != value
    assert kernel_distance(REAL, GENERATED, subset_size=120) == pytest.approx(kernel_distance(REAL, GENERATED))


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    value = kernel_distance(REAL, GENERATED)
    monkeypatch.setattr(kernel, "_BLOCK", 7)
    assert kernel_distance(REAL, GENERATED) == pytest.approx(value, rel=1e-10)


def test_subsets_that_cannot_be_are_refused_by_name() -> None:
    with pytest.raises(BenchError, match=r"subset_size = 1000 does not fit 120 real and 90 generated.*2 to 90"):
        kernel_distance(REAL, GENERATED[:90], subsets=100, subset_size=1000)
    with pytest.raises(BenchError, match="5 subsets of all rows"):
        kernel_distance(REAL, GENERATED, subsets=5)
    with pytest.raises(BenchError, match="subsets = 0"):
        kernel_distance(REAL, GENERATED, subsets=0)
