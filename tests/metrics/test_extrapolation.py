"""Fréchet distance at N → ∞: what the line goes through, and what it comes to."""

import numpy as np
import pytest
from scipy.stats import linregress

from sbgan_bench.errors import BenchError
from sbgan_bench.metrics.arrays import canonical
from sbgan_bench.metrics.extrapolation import METRIC, frechet_infinity
from sbgan_bench.metrics.frechet import frechet_distance

RNG = np.random.default_rng(0)


@pytest.mark.parametrize(("reals", "count", "dim"), [(80, 60, 200), (300, 400, 20), (30, 400, 100), (400, 30, 100)])
def test_every_point_is_the_frechet_distance_of_its_draw(reals: int, count: int, dim: int) -> None:
    """Computed from one product of matrices, they are those of the rows themselves."""
    real, generated = RNG.standard_normal((reals, dim)) + 3, 1.5 * RNG.standard_normal((count, dim)) + 3.2
    found = frechet_infinity(real, generated, seed=4)
    rng, rows = np.random.default_rng(4), canonical(generated)
    expected = [frechet_distance(real, rows[rng.choice(count, size, replace=False)]) for size in found.sizes]
    assert found.values == pytest.approx(expected, rel=1e-9)
    assert (found.sizes[0], found.sizes[-1]) == (count // 10, count)
    assert len(found.sizes) == 15
    assert found.values[-1] == pytest.approx(frechet_distance(real, generated), rel=1e-9)
    line = linregress(1 / np.array(found.sizes), found.values)
    assert found.value == pytest.approx(line.intercept, rel=1e-9)
    assert (found.slope, found.r_squared) == pytest.approx((line.slope, line.rvalue**2), rel=1e-9)


def test_with_enough_images_most_of_the_bias_is_gone() -> None:
    """Two Gaussians whose distance is known, 1: one shifted by a unit vector."""
    shift = np.eye(30)[0]
    errors = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        real, generated = rng.standard_normal((4000, 30)), rng.standard_normal((600, 30)) + shift
        errors.append((frechet_infinity(real, generated).value - 1, frechet_distance(real, generated) - 1))
    extrapolated, plain = np.mean(errors, axis=0)
    assert plain > 0.3
    assert abs(extrapolated) < plain / 4


def test_fewer_images_than_dimensions_are_a_caution_with_the_fit() -> None:
    real, generated = RNG.standard_normal((2, 50, 60))
    fit = frechet_infinity(real, generated).r_squared
    assert METRIC.caution(real, generated) == (
        f"extrapolated from at most N = 50 in 60 dimensions: not to be ranked below N = D (fit R² {fit:.3f})"
    )
    enough = RNG.standard_normal((2, 400, 5))
    assert METRIC.caution(*enough) == ""


def test_a_line_that_does_not_fit_is_a_caution_and_a_level_one_is_none() -> None:
    real = RNG.standard_normal((400, 3))
    outlier = real.copy()
    outlier[0] += 1000
    assert "a line that does not fit: R² 0." in METRIC.caution(real, outlier)
    level = frechet_infinity(real, np.tile(real[:1], (40, 1)))
    assert (level.slope, level.r_squared) == (pytest.approx(0, abs=1e-9), 1)
    assert METRIC.caution(real, np.tile(real[:1], (40, 1))) == ""


def test_the_seed_and_not_the_order_decides() -> None:
    real, generated = RNG.standard_normal((2, 100, 8))
    found = frechet_infinity(real, generated)
    assert frechet_infinity(real, RNG.permutation(generated)) == found
    assert frechet_infinity(real, generated, seed=1).values[:-1] != found.values[:-1]


def test_too_few_images_are_refused() -> None:
    with pytest.raises(BenchError, match="19 generated images are too few"):
        frechet_infinity(RNG.standard_normal((50, 3)), RNG.standard_normal((19, 3)))
