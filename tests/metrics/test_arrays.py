"""Bad feature arrays are refused with their numbers."""

import numpy as np
import pytest

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics.arrays import canonical, checked, checked_with_train

GOOD = np.zeros((5, 4), np.float32)


def test_good_arrays_become_float64() -> None:
    assert [array.dtype for array in checked(GOOD, GOOD)] == [np.float64, np.float64]


def test_faults_are_named_with_their_numbers() -> None:
    bad = GOOD.copy()
    bad[3, 1:] = np.nan
    bad[4, 0] = np.inf
    with pytest.raises(BenchError, match=r"generated features hold 4 NaN or infinite values in 2 of 5 rows .*row 3"):
        checked(GOOD, bad)
    with pytest.raises(BenchError, match=r"1 real feature rows.*at least 2"):
        checked(GOOD[:1], GOOD)
    with pytest.raises(BenchError, match="dimension 4 and generated ones 3"):
        checked(GOOD, GOOD[:, :3])
    with pytest.raises(BenchError, match=r"shape \(5,\)"):
        checked(GOOD[:, 0], GOOD)


def test_training_features_are_checked_like_the_others() -> None:
    with pytest.raises(BenchError, match="dimension 4 and training ones 3"):
        checked_with_train(GOOD, GOOD, GOOD[:, :3])
    with pytest.raises(BenchError, match="1 training feature rows"):
        checked_with_train(GOOD, GOOD, GOOD[:1])


def test_the_canonical_order_depends_on_the_values_alone() -> None:
    rng = np.random.default_rng(0)
    rows = np.maximum(rng.standard_normal((50, 6)), 0)
    expected = canonical(rows)
    for other in (rng.permutation(rows), np.asfortranarray(rng.permutation(rows)), rng.permutation(rows) * 1.0 - 0.0):
        assert np.array_equal(canonical(other), expected)
    assert np.array_equal(canonical(np.where(rows == 0, -0.0, rows)), expected)
    assert sorted(map(tuple, expected)) == sorted(map(tuple, rows))
