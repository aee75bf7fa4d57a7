"""What every registered metric must do, those of other packages included."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.layout_statistics import GRID
from sbgan_bench.metric import FEATURES, Better, Metric
from sbgan_bench.plugins import PluginGroup, installed, load_plugin

Array = NDArray[np.floating[Any]]
CLASSES = 4


def _shares(rng: np.random.Generator, count: int, far: bool, cells: int, width: int) -> Array:
    """Class shares in cells; unlike them (``far``): the common classes are the rare ones."""
    weights = np.geomspace(0.2, 5, width)
    drawn = rng.dirichlet(weights[::-1] if far else weights, (count, cells))
    return drawn.reshape(count, cells * width)


def _features(rng: np.random.Generator, count: int, far: bool) -> Array:
    return rng.standard_normal((count, 12)) * (3 if far else 1) + (5 if far else 0)


def _logits(rng: np.random.Generator, count: int, far: bool) -> Array:
    """Confident guesses; unlike them: none."""
    return rng.standard_normal((count, 12)) * (0.1 if far else 5)


def _components(rng: np.random.Generator, count: int, far: bool) -> Array:
    counts = rng.poisson(np.arange(1, CLASSES + 1) * (5 if far else 1), (count, CLASSES))
    return np.concatenate([counts, (counts > 0) * rng.random((count, CLASSES)) / (1 + counts)], axis=1)


def _confusion(rng: np.random.Generator, count: int, far: bool) -> Array:
    """Pixels by class of the layout and class seen, mostly the same; unlike them: seen at random."""
    likely = np.full((CLASSES, CLASSES), 20) if far else 5 + 100 * np.eye(CLASSES)
    return rng.poisson(likely, (count, CLASSES, CLASSES)).reshape(count, -1).astype(float)


#: How to draw the rows of a block; a block not named here is drawn like ``features``.
BLOCKS: Mapping[str, Callable[[np.random.Generator, int, bool], Array]] = {
    FEATURES: _features,
    "logits": _logits,
    "areas": lambda rng, count, far: _shares(rng, count, far, 1, CLASSES),
    "adjacency": lambda rng, count, far: _shares(rng, count, far, 1, CLASSES * (CLASSES + 1) // 2),
    "grid": lambda rng, count, far: _shares(rng, count, far, GRID * GRID, CLASSES),
    "components": _components,
    "confusion": _confusion,
}

#: What a metric must notice, by name or by block. All others must notice collapse.
NOTICES = {
    "precision": "strangers",  # one good image many times is in the reals' manifold
    "density": "strangers",
    "confusion": "strangers",  # images may agree with their layouts and be all alike
    "memorisation": "copies",
    "ct-score": "copies",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A metric, and sets of the kind of features that it reads."""

    metric: Metric
    real: Array
    other: Array  #: fresh, of the same distribution
    train: Array
    worse: Mapping[str, tuple[Array, ...]]  #: by what is wrong with them: good to bad

    def __call__(self, generated: Array, real: Array | None = None, train: Array | None = None) -> float:
        return self.metric.compute(*self.arguments(generated, real, train))

    def caution(self, generated: Array) -> str:
        return self.metric.caution(*self.arguments(generated))

    def arguments(self, generated: Array, real: Array | None = None, train: Array | None = None) -> tuple[Array, ...]:
        third = (self.train if train is None else train,) if self.metric.uses_train else ()
        return (self.real if real is None else real, generated, *third)


@pytest.fixture(params=list(installed(PluginGroup.METRICS)))
def case(request: pytest.FixtureRequest) -> Case:
    metric = load_plugin(PluginGroup.METRICS, request.param)
    assert isinstance(metric, Metric)
    assert metric.name == request.param
    assert metric.title
    assert metric.source
    rng = np.random.default_rng(0)
    draw = BLOCKS.get(metric.reads, _features)
    real, train, other, far = (
        draw(rng, count, unlike).astype(np.float32)
        for count, unlike in ((60, False), (150, False), (80, False), (80, True))
    )
    worse = {
        "collapse": (real, real[np.arange(60) % 3], np.tile(real[:1], (60, 1))),
        "strangers": (other, np.concatenate([other[:40], far[40:]]), far),
        "copies": (other, np.concatenate([other[:40], train[40:80]]), train[:80]),
    }
    return Case(metric, real, other, train, worse)


def test_values_are_finite_plain_numbers_and_cautions_are_words(case: Case) -> None:
    for generated in (case.other, *(worse for sets in case.worse.values() for worse in sets)):
        value = case(generated)
        assert type(value) is float
        assert math.isfinite(value)
        assert isinstance(case.caution(generated), str)


def test_worse_sets_have_worse_values(case: Case) -> None:
    metric = case.metric
    sign = 1 if metric.better is Better.LOWER else -1
    sets = case.worse[NOTICES.get(metric.name, NOTICES.get(metric.reads, "collapse"))]
    values = [sign * case(generated) for generated in sets]
    assert values == sorted(values)
    assert values[0] < values[-1]


def test_order_and_precision_of_the_input_do_not_matter(case: Case) -> None:
    value = case(case.other)
    rng = np.random.default_rng(1)
    shuffled = case.arguments(*(rng.permutation(rows) for rows in (case.other, case.real, case.train)))
    assert case.metric.compute(*shuffled) == pytest.approx(value, rel=1e-6)
    assert case.metric.caution(*shuffled) == case.caution(case.other)
    finer = case.arguments(*(rows.astype(np.float64) for rows in (case.other, case.real, case.train)))
    assert case.metric.compute(*finer) == pytest.approx(value, rel=1e-9)


def test_inputs_are_left_alone(case: Case) -> None:
    arguments = case.arguments(case.other)
    copies = [rows.copy() for rows in arguments]
    case.metric.compute(*arguments)
    case.metric.caution(*arguments)
    assert all(np.array_equal(rows, copy) for rows, copy in zip(arguments, copies, strict=True))


def test_bad_features_are_errors_in_words(case: Case) -> None:
    for number, rows in enumerate(case.arguments(case.other)):
        holes = rows.copy()
        holes[0, 0] = np.nan
        for bad in (holes, rows[:1], rows[:, :-1]):
            arguments = list(case.arguments(case.other))
            arguments[number] = bad
            with pytest.raises(BenchError):
                case.metric.compute(*arguments)
