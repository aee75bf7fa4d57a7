"""Diversity and the detection of collapse."""

import numpy as np
import pytest

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics.diversity import diversity, is_collapsed, variety

RNG = np.random.default_rng(0)
REAL = RNG.standard_normal((200, 32))


def test_the_reals_are_as_diverse_as_themselves_and_scale_is_a_ratio() -> None:
    assert diversity(REAL, REAL) == pytest.approx(1)
    assert diversity(REAL, 0.3 * REAL + 7) == pytest.approx(0.3)
    assert diversity(5 * REAL, 5 * REAL) == pytest.approx(1)


def test_it_is_the_mean_over_pairs() -> None:
    triangle = np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 4.0]])
    segment = np.array([[0.0, 0.0], [2.0, 0.0]])
    assert diversity(segment, triangle) == pytest.approx((3 + 4 + 5) / 3 / 2)


def test_blocks_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    generated = np.concatenate([REAL[:60], REAL[:30] + 1e-9])
    whole = variety(REAL, generated)
    monkeypatch.setattr("sbgan_bench.metrics.diversity._BLOCK", 7)
    blocks = variety(REAL, generated)
    assert blocks.diversity == pytest.approx(whole.diversity)
    assert blocks.distinct == whole.distinct == 60


@pytest.mark.parametrize("modes", [1, 5, 20])
def test_few_distinct_images_are_a_collapse(modes: int) -> None:
    generated = REAL[np.arange(200) % modes] + 1e-6 * RNG.standard_normal((200, 32))
    found = variety(REAL, generated)
    assert found.distinct == modes
    assert f"{modes} distinct images among 200" in found.collapse
    assert is_collapsed(REAL, generated)


def test_images_that_differ_too_little_are_a_collapse() -> None:
    found = variety(REAL, 0.2 * REAL)
    assert "diversity 0.2" in found.collapse
    assert found.distinct == 200


def test_fresh_images_of_the_same_kind_are_none() -> None:
    assert not variety(REAL, RNG.standard_normal((100, 32))).collapse
    doubled = np.repeat(REAL[:100], 2, axis=0)
    assert not is_collapsed(doubled, doubled)  # what the reals do is no fault of a generator


def test_reals_that_are_all_one_give_no_reference() -> None:
    with pytest.raises(BenchError, match="All 9 real images"):
        diversity(np.ones((9, 3)), REAL[:, :3])
