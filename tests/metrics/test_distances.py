"""Distances by matrix products are those by differences."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from sbgan_bench.metrics import distances
from sbgan_bench.metrics.distances import distance_blocks, have_earlier_copies, nearest, to_neighbour

RNG = np.random.default_rng(0)
ROWS = RNG.standard_normal((70, 40)) + 100
OTHERS = np.concatenate([ROWS[:5], ROWS[5:10] + 1e-5, RNG.standard_normal((80, 40)) + 100])


@pytest.mark.parametrize("block", [1, 7, 1000])
def test_every_distance_is_that_of_the_differences_and_copies_are_at_zero(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distances, "BLOCK", block)
    found = np.concatenate([part.copy() for _, part in distance_blocks(ROWS, OTHERS)])
    np.testing.assert_allclose(found, cdist(ROWS, OTHERS), rtol=distances.TIE / 100)
    assert np.all(found[np.arange(5), np.arange(5)] == 0)


def test_where_all_rows_are_close_together_no_digit_is_lost() -> None:
    close = ROWS[:1] + 1e-7 * ROWS
    found = np.concatenate([part.copy() for _, part in distance_blocks(close, close)])
    np.testing.assert_allclose(found, cdist(close, close), rtol=1e-12)
    assert not np.diag(found).any()


def test_neighbours_leave_out_selves_but_not_copies() -> None:
    line = np.array([[0.0], [1.0], [3.0], [3.0]])
    assert to_neighbour(line).tolist() == [1, 1, 0, 0]
    assert to_neighbour(line, k=2).tolist() == [3, 2, 2, 2]
    assert have_earlier_copies(line, 0.5).tolist() == [False, False, False, True]
    assert have_earlier_copies(line, 1.0).tolist() == [False, True, False, True]
    assert [values.tolist() for values in nearest(line, line[1:3])] == [[1, 0, 0, 0], [0, 0, 1, 1]]
