"""Precision, recall, density and coverage: laws, and agreement with prdc and torch-fidelity."""

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from prdc import compute_prdc
from torch_fidelity.metric_prc import prc_features_to_metric

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics import distances
from sbgan_bench.metrics.manifold import coverage, density, precision, recall

Array = NDArray[np.float64]
RNG = np.random.default_rng(0)
REAL = np.maximum(RNG.standard_normal((150, 12)), 0)
GENERATED = np.maximum(1.1 * RNG.standard_normal((130, 12)) + 0.1, 0)


def copies() -> tuple[Array, Array]:
    """Sets with copies within and between them."""
    real = np.concatenate([REAL[:100], REAL[:20]])
    return real, np.concatenate([GENERATED[:60], np.repeat(GENERATED[:4], 8, axis=0), REAL[30:60]])


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("sets", [(REAL, GENERATED), copies()], ids=["distinct", "copies"])
@pytest.mark.parametrize("spare", [True, False])
def test_torch_fidelity_agrees_exactly_copies_or_not(sets: tuple[Array, Array], k: int, spare: bool) -> None:
    real, generated = sets
    theirs = prc_features_to_metric(
        torch.from_numpy(generated), torch.from_numpy(real), prc_neighborhood=k, save_cpu_ram=spare, verbose=False
    )
    assert precision(real, generated, k) == pytest.approx(theirs["precision"], abs=1e-7)  # theirs is a float32 mean
    assert recall(real, generated, k) == pytest.approx(theirs["recall"], abs=1e-7)


@pytest.mark.parametrize("k", [1, 3, 5])
def test_prdc_agrees_exactly(k: int) -> None:
    theirs = compute_prdc(REAL, GENERATED, nearest_k=k)
    assert precision(REAL, GENERATED, k) == theirs["precision"]
    assert recall(REAL, GENERATED, k) == theirs["recall"]
    assert density(REAL, GENERATED, k) == pytest.approx(theirs["density"], rel=1e-14)
    assert coverage(REAL, GENERATED, k) == theirs["coverage"]


def test_the_surface_of_a_ball_counts_for_precision_and_recall_alone() -> None:
    line, edge = np.array([[0.0], [1.0], [10.0]]), np.array([[2.0], [2.0]])
    assert precision(line, edge, k=1) == recall(edge, line, k=1) == 1
    assert density(line[:2], edge, k=1) == coverage(line[:2], edge, k=1) == 0
    assert density(line[:2], edge - 0.01, k=1) == 1
    assert coverage(line[:2], edge - 0.01, k=1) == 0.5


def test_the_reals_themselves_lie_in_their_own_balls() -> None:
    assert precision(REAL, REAL) == recall(REAL, REAL) == coverage(REAL, REAL) == 1
    assert density(REAL, REAL, k=5) == pytest.approx(1, abs=1e-12)  # each ball holds its centre and k - 1 others


def test_sets_far_apart_have_nothing_in_common_and_a_mode_has_precision_alone() -> None:
    far = GENERATED + 100
    assert precision(REAL, far) == recall(REAL, far) == density(REAL, far) == coverage(REAL, far) == 0
    mode = np.tile(REAL[:1], (50, 1)) + 1e-6 * RNG.standard_normal((50, 12))
    assert precision(REAL, mode) == 1
    assert recall(REAL, mode) <= 1 / 150
    assert coverage(REAL, mode) < 0.2


def test_precision_and_recall_change_places_with_the_sets() -> None:
    assert precision(REAL, GENERATED) == recall(GENERATED, REAL)
    assert precision(3 * REAL + 1, 3 * GENERATED + 1) == precision(REAL, GENERATED)


@pytest.mark.parametrize("k", [1, 5])
def test_fresh_reals_have_the_expected_density_and_coverage(k: int) -> None:
    rng = np.random.default_rng(1)
    pairs = [rng.standard_normal((2, 200, 6)) for _ in range(150)]
    others = 200 - np.arange(1, k + 1)
    expected = 1 - np.prod(others / (others + 200))  # Naeem et al. 2020, lemma 2
    assert np.mean([coverage(*pair, k=k) for pair in pairs]) == pytest.approx(expected, abs=0.01)
    assert np.mean([density(*pair, k=k) for pair in pairs]) == pytest.approx(1, abs=0.03)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    functions = (precision, recall, density, coverage)
    whole = [function(REAL, GENERATED) for function in functions]
    monkeypatch.setattr(distances, "BLOCK", 7)
    assert [function(REAL, GENERATED) for function in functions] == whole


def test_too_few_images_for_k_are_refused() -> None:
    with pytest.raises(BenchError, match=r"k = 3 asks for the neighbours of 3 images: give 1 to 2"):
        precision(REAL[:3], GENERATED)
    with pytest.raises(BenchError, match="k = 0"):
        coverage(REAL, GENERATED, k=0)
