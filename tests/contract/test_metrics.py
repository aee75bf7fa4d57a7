"""What every registered metric must do, those of other packages included."""

import math

import numpy as np
import pytest

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Metric
from sbgan_bench.plugins import PluginGroup, installed, load_plugin

RNG = np.random.default_rng(0)
REAL = RNG.standard_normal((60, 12)).astype(np.float32)
#: Generated sets, good to bad.
SETS = {"other": RNG.standard_normal((50, 12)), "few": REAL[np.arange(60) % 3], "one": np.tile(REAL[:1], (60, 1))}


@pytest.fixture(params=list(installed(PluginGroup.METRICS)))
def metric(request: pytest.FixtureRequest) -> Metric:
    metric = load_plugin(PluginGroup.METRICS, request.param)
    assert isinstance(metric, Metric)
    assert metric.name == request.param
    assert metric.title
    assert metric.source
    return metric


@pytest.mark.parametrize("name", list(SETS))
def test_values_are_finite_plain_numbers(metric: Metric, name: str) -> None:
    value = metric.compute(REAL, SETS[name])
    assert type(value) is float
    assert math.isfinite(value)


def test_the_reals_themselves_are_better_than_a_collapsed_set(metric: Metric) -> None:
    sign = 1 if metric.better is Better.LOWER else -1
    values = [sign * metric.compute(REAL, generated) for generated in (REAL, SETS["few"], SETS["one"])]
    assert values == sorted(values)
    assert values[0] < values[-1]


def test_order_and_precision_of_the_input_do_not_matter(metric: Metric) -> None:
    generated = SETS["other"].astype(np.float32)
    value = metric.compute(REAL, generated)
    assert metric.compute(RNG.permutation(REAL), RNG.permutation(generated)) == pytest.approx(value, rel=1e-6)
    assert metric.compute(REAL.astype(np.float64), generated.astype(np.float64)) == pytest.approx(value, rel=1e-9)


def test_inputs_are_left_alone(metric: Metric) -> None:
    real, generated = REAL.copy(), SETS["other"].copy()
    metric.compute(real, generated)
    assert np.array_equal(real, REAL)
    assert np.array_equal(generated, SETS["other"])


def test_bad_features_are_errors_in_words(metric: Metric) -> None:
    holes = REAL.copy()
    holes[0, 0] = np.nan
    for generated in (holes, REAL[:1], REAL[:, :5]):
        with pytest.raises(BenchError):
            metric.compute(REAL, generated)
