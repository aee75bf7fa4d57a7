"""Tail probabilities are those of scipy's distributions."""

import pytest
from scipy import stats

from sbgan_bench.metrics.chance import at_least, at_most


@pytest.mark.parametrize(("count", "trials", "share"), [(0, 9, 0.3), (1, 9, 0.3), (9, 9, 0.3), (40, 45, 0.5)])
def test_binomial(count: int, trials: int, share: float) -> None:
    assert at_least(count, trials=trials, share=share) == pytest.approx(stats.binom.sf(count - 1, trials, share))


@pytest.mark.parametrize(
    ("count", "marked", "drawn", "total"), [(0, 5, 3, 9), (2, 5, 3, 9), (3, 5, 8, 9), (24, 500, 60, 700)]
)
def test_hypergeometric(count: int, marked: int, drawn: int, total: int) -> None:
    expected = stats.hypergeom.cdf(count, total, marked, drawn)
    assert at_most(count, marked=marked, drawn=drawn, total=total) == pytest.approx(expected, rel=1e-9)
