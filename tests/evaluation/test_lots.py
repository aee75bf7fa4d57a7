"""Which images of a set are measured: whatever order their names are in, every trial is a fair draw."""

from pathlib import Path

import numpy as np
import pytest
from evaluation.tools import pictures
from numpy.typing import NDArray
from scenery import written

from sbgan_bench.evaluation import Terms, evaluate_sets
from sbgan_bench.evaluation.drawing_lots import Lots
from sbgan_bench.features import FeatureSource
from sbgan_bench.samples import SampleBatch

TERMS = Terms(protocols=("texture",), metrics=("frechet-distance",), num=20, trials=3)


def values(real: Path, generated: Path) -> list[float]:
    rows = evaluate_sets(real, [generated], TERMS)
    return [
        row.value for row in rows if row.trial is not None and row.model == generated.name and row.value is not None
    ]


def two_kinds(seed: int) -> NDArray[np.uint8]:
    """Sixty pictures, the first half of them dark."""
    kinds = pictures(60, seed).copy()
    kinds[:30] //= 4
    return kinds


def test_files_sorted_by_kind_score_like_files_in_any_order(tmp_path: Path) -> None:
    mixed = np.random.default_rng(0).permutation(60)
    real = written(two_kinds(0)[mixed], tmp_path / "real")
    by_kind = values(real, written(two_kinds(1), tmp_path / "sorted"))
    in_any_order = values(real, written(two_kinds(1)[mixed], tmp_path / "mixed"))
    only_dark = values(real, written(np.repeat(two_kinds(1)[:30], 2, axis=0), tmp_path / "dark"))
    assert np.mean(by_kind) == pytest.approx(np.mean(in_any_order), rel=0.5)
    assert max(by_kind) < 0.5 * min(only_dark)


@pytest.mark.parametrize(("total", "count"), [(10, 10), (50, 20), (7, 1)])
def test_every_image_is_drawn_once_at_most_and_files_are_read_in_order(total: int, count: int) -> None:
    lots = Lots.draw(total, count, seed=3)
    assert len(set(lots.kept.tolist())) == count
    assert np.array_equal(lots.kept, np.sort(lots.kept))
    assert sorted(lots.order.tolist()) == list(range(count))
    every = np.arange(total, dtype=np.uint8)[:, None, None, None].repeat(3, axis=1)
    kept = lots.source(FeatureSource({"name": "a"}, lambda start, stop: SampleBatch(every[start:stop])))
    images = kept.scenes(0, count).images
    assert images is not None
    assert images[:, 0, 0, 0].tolist() == lots.kept.tolist()
    assert (kept.key == {"name": "a"}) is (count == total)


def test_sets_of_one_size_are_drawn_alike_so_that_pairs_stay_pairs() -> None:
    first, second = Lots.draw(30, 20, 5), Lots.draw(30, 20, 5)
    assert np.array_equal(first.kept[first.order], second.kept[second.order])
    assert not np.array_equal(first.kept[first.order], Lots.draw(30, 20, 6).kept[Lots.draw(30, 20, 6).order])
