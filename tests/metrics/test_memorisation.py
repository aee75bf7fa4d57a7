"""Memorisation: training images passed off as samples are caught, and nobody else is."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics.chance import SIGNIFICANT
from sbgan_bench.metrics.memorisation import METRIC, memorisation

Array = NDArray[np.float64]


def images(rng: np.random.Generator, count: int, dim: int = 32, spread: float = 1.0) -> Array:
    """Features as of a network: rectified, of fewer true dimensions than numbers."""
    mixing = np.random.default_rng(99).standard_normal((8, dim))
    return np.maximum(spread * rng.standard_normal((count, 8)) @ mixing + 0.1 * rng.standard_normal((count, dim)), 0)


RNG = np.random.default_rng(0)
REAL, TRAIN, FRESH = images(RNG, 200), images(RNG, 1000), images(RNG, 200)


def test_copies_have_ratio_zero_and_are_named() -> None:
    generated = TRAIN[100:300] + 1e-6 * RNG.standard_normal((200, 32))
    found = memorisation(REAL, generated, TRAIN)
    assert found.ratio < 1e-4
    assert found.copied == 1
    assert found.nearest.tolist() == list(range(100, 300))
    assert found.distances.max() < 1e-4
    assert METRIC.caution(REAL, generated, TRAIN) == (
        "memorised: 100 % of the generated images lie nearer to a training image than 95 % of the held-out reals do"
    )


@pytest.mark.parametrize("share", [0.15, 0.4])
def test_some_copies_among_fresh_images_are_enough(share: float) -> None:
    generated = FRESH.copy()
    generated[: int(share * 200)] = TRAIN[: int(share * 200)]
    found = memorisation(REAL, generated, TRAIN)
    assert share <= found.copied < share + 0.08
    assert "memorised" in METRIC.caution(REAL, generated, TRAIN)


@pytest.mark.parametrize("train", [100, 200, 1000])
@pytest.mark.parametrize("dim", [8, 32])
def test_fresh_images_have_ratio_one_and_are_not_blamed(train: int, dim: int) -> None:
    """Whatever the size of the training set."""
    ratios, blamed = [], 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        real, generated, seen = (images(rng, count, dim) for count in (200, 150, train))
        found = memorisation(real, generated, seen)
        ratios.append(found.ratio)
        blamed += found.chance < SIGNIFICANT
    assert np.median(ratios) == pytest.approx(1, abs=0.05)
    assert blamed == 0


def test_chance_is_no_more_often_small_than_it_says() -> None:
    chances = []
    for seed in range(200):
        rng = np.random.default_rng(seed)
        chances.append(memorisation(*(images(rng, count, 3) for count in (60, 50, 80))).chance)
    assert np.mean(np.array(chances) < 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 200)


def test_images_that_are_near_to_everything_copy_nothing() -> None:
    """A blurred model lies nearer to the training images than any real, and as near to the others."""
    for spread in (0.2, 0.5, 0.8):
        assert METRIC.caution(REAL, images(RNG, 200, spread=spread), TRAIN) == ""
    centre = np.tile(REAL.mean(axis=0), (200, 1))
    assert METRIC.caution(REAL, centre + 0.3 * RNG.standard_normal(centre.shape), TRAIN) == ""


def test_a_collapsed_set_is_blamed_for_its_own_fault_alone() -> None:
    few = FRESH[np.arange(200) % 5] + 1e-6 * RNG.standard_normal((200, 32))
    assert METRIC.caution(REAL, few, TRAIN) == ""
    taken = TRAIN[np.arange(200) % 5]
    assert "100 %" in METRIC.caution(REAL, taken, TRAIN)


def test_the_held_out_reals_themselves_have_a_finite_ratio() -> None:
    found = memorisation(REAL, REAL, TRAIN)
    assert 1 < found.ratio < 100
    assert found.copied == 0


def test_scale_and_place_do_not_matter() -> None:
    moved = [5 * rows + 1 for rows in (REAL, FRESH, TRAIN)]
    assert METRIC.compute(*moved) == pytest.approx(METRIC.compute(REAL, FRESH, TRAIN), rel=1e-9)


def test_held_out_reals_that_are_no_reference_are_refused() -> None:
    with pytest.raises(BenchError, match="200 held-out real images are copies of training images"):
        memorisation(TRAIN[:200], FRESH, TRAIN)
    with pytest.raises(BenchError, match="copies of one another"):
        memorisation(np.repeat(REAL[:50], 2, axis=0), FRESH, TRAIN)
