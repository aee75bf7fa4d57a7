"""Diversity and the detection of collapse."""

import numpy as np
import pytest

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics import distances
from sbgan_bench.metrics.diversity import diversity, is_collapsed, variety, variety_notes

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
    monkeypatch.setattr(distances, "BLOCK", 7)
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


def test_copies_among_the_generated_are_counted_and_named() -> None:
    fresh = np.random.default_rng(1).standard_normal((200, 32))
    planted = fresh.copy()
    planted[160:] = fresh[:40] + 1e-4 * RNG.standard_normal((40, 32))
    found = variety(REAL, planted)
    assert found.distinct == 160
    assert not found.collapse
    assert variety_notes(REAL, planted) == ("40 of 200 generated images are copies of others among them",)
    assert variety_notes(REAL, fresh) == ()


def test_few_copies_may_be_chance_and_those_that_the_reals_have_are() -> None:
    fresh = np.random.default_rng(2).standard_normal((200, 32))
    fresh[199] = fresh[0]
    assert variety_notes(REAL, fresh) == ()
    reals = np.concatenate([REAL[:150], REAL[:50]])
    planted = np.concatenate([fresh[:150], fresh[:50]])
    assert variety_notes(reals, planted) == ()


@pytest.mark.parametrize(("dim", "count"), [(2, 200), (2, 1500), (20, 1500)])
def test_fresh_images_are_never_blamed_however_many_and_however_few_the_dimensions(dim: int, count: int) -> None:
    """Chance puts some points of a plane close together, and the more the more there are."""
    rng = np.random.default_rng(3)
    blamed = sum(
        bool(variety_notes(rng.standard_normal((300, dim)), rng.standard_normal((count, dim)))) for _ in range(10)
    )
    assert blamed == 0


def test_copies_of_the_reals_are_counted_and_named() -> None:
    generated = np.random.default_rng(4).standard_normal((100, 32))
    generated[:4] = REAL[50:54].astype(np.float32)
    assert variety(REAL, generated).copied_reals == 4
    assert variety_notes(REAL, generated) == ("4 of 100 generated images are copies of the reference reals",)
    generated[4:7] = REAL[54:57].astype(np.float32)
    assert variety_notes(REAL, generated) == ("copied: 7 of 100 generated images are copies of the reference reals",)
    assert variety(REAL, REAL).copied_reals == 200


def test_notes_come_in_one_order() -> None:
    notes = variety_notes(REAL, REAL[np.arange(200) % 5])
    assert [note.split(" ")[0] for note in notes] == ["collapsed:", "195", "copied:"]
