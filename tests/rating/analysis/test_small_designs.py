"""However few and odd the ratings of a cell are, there is a finite number or a reason."""

import numpy as np
import pytest

from sbgan_bench.rating.analysis.bootstrap import bootstrap_interval
from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.intervals import mean_interval
from sbgan_bench.rating.analysis.pairwise import NamedCell, compare_cells
from sbgan_bench.rating.analysis.power import power


def odd_cell(rng: np.random.Generator) -> CellRatings:
    """Return up to six images and raters, with scores by chance, all nearly alike, or as the rater likes."""
    images, raters = rng.integers(1, 7, 2)
    seen = rng.random((images, raters)) < rng.uniform(0.15, 1.0)
    seen[rng.integers(images), rng.integers(raters)] = True
    image, rater = np.nonzero(seen)
    scores = rng.choice(4, len(image), p=rng.dirichlet(np.full(4, rng.choice([0.05, 2.0])))) + 1
    return CellRatings.of(rater % 4 + 1 if rng.random() < 0.2 else scores, image, rater + rng.integers(4))


@pytest.mark.parametrize("seed", range(10))
def test_it_has_numbers_or_reasons(seed: int) -> None:
    rng = np.random.default_rng(seed)
    for _ in range(15):
        cell, other = odd_cell(rng), odd_cell(rng)
        interval, resampled = mean_interval(cell), bootstrap_interval(cell, rng, 50)
        if interval.low is None or interval.high is None:
            assert interval.note
        else:
            assert 1 <= interval.low < interval.estimate < interval.high <= 4
        assert resampled.note or np.isfinite([resampled.low, resampled.high]).all()
        (pair,) = compare_cells("toy", [NamedCell(0, "a", cell), NamedCell(1, "b", other)])
        assert pair.note if pair.p is None else 0 <= pair.p <= 1
        outlook = power(0, "toy", "a", cell, 0.5)
        assert outlook.now is None or np.isfinite(outlook.now.half_width + outlook.now.smallest_difference)
