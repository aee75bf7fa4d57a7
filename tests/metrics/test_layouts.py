"""Laws of the metrics on layouts: closed forms, invariances, agreement with other libraries, and what each sees."""

from collections.abc import Callable

import numpy as np
import pytest
import torch
from cleanfid.fid import fid_from_feats
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.distance import braycurtis, jensenshannon
from scipy.stats import wasserstein_distance
from torch_fidelity.metric_fid import fid_features_to_statistics, fid_statistics_to_metric

from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Metric
from sbgan_bench.metrics import layout_components, layouts
from sbgan_bench.metrics.layout_components import component_count, component_size, wasserstein
from sbgan_bench.metrics.layouts import (
    class_adjacency,
    class_co_occurrence,
    class_frequency_divergence,
    frechet_segmentation_distance,
    spatial_prior,
)
from sbgan_bench.protocol import LayoutClasses, Opening
from sbgan_bench.protocols.layout import LayoutProtocol
from sbgan_bench.samples import SampleBatch

N = 120
METRICS = [
    *(value for value in vars(layouts).values() if isinstance(value, Metric)),
    *(value for value in vars(layout_components).values() if isinstance(value, Metric)),
]
Layouts = NDArray[np.uint8]


class Streets:
    """Toy streets, and what the metrics say of layouts against N of them."""

    def __init__(self) -> None:
        dataset = open_dataset("toy-streets", {}, "tests")
        self.classes = dataset.info.num_classes
        self.protocol = LayoutProtocol.open(
            Opening(device=torch.device("cpu"), classes=LayoutClasses(dataset.info.class_names))
        )
        drawn = [dataset.read(f"train/{index:06d}", (32, 64)).layout for index in range(2 * N)]
        self.reals, self.fresh = np.stack(drawn[:N]), np.stack(drawn[N:])

    def features(self, layouts: Layouts) -> NDArray[np.float32]:
        return self.protocol.features(SampleBatch(layouts=np.ascontiguousarray(layouts)))

    def value(self, metric: Metric, generated: Layouts, reals: Layouts | None = None) -> float:
        block = self.protocol.info.block(metric.reads)
        real = self.features(self.reals if reals is None else reals)
        return metric.compute(real[:, block], self.features(generated)[:, block])

    def values(self, generated: Layouts) -> dict[str, float]:
        return {metric.name: self.value(metric, generated) for metric in METRICS}


@pytest.fixture(scope="module")
def streets() -> Streets:
    return Streets()


def shares(rng: np.random.Generator, count: int, classes: int) -> NDArray[np.float64]:
    return rng.dirichlet(np.full(classes, 0.5), count)


def test_equal_sets_differ_by_nothing_whatever_their_order(streets: Streets) -> None:
    shuffled = np.random.default_rng(0).permutation(streets.reals)
    for metric in METRICS:
        assert streets.value(metric, streets.reals) == pytest.approx(0, abs=1e-9)
        assert streets.value(metric, shuffled) == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_permuting_ids_in_both_sets_and_swapping_the_sets_changes_nothing(streets: Streets, metric: Metric) -> None:
    order = np.random.default_rng(1).permutation(streets.classes).astype(np.uint8)
    value = streets.value(metric, streets.fresh)
    assert streets.value(metric, order[streets.fresh], order[streets.reals]) == pytest.approx(value, rel=1e-5)
    assert streets.value(metric, streets.reals, streets.fresh) == pytest.approx(value, rel=1e-5)


def test_layouts_of_another_size_are_compared_as_they_are(streets: Streets) -> None:
    larger = streets.fresh.repeat(2, axis=1).repeat(2, axis=2)
    assert streets.values(larger) == pytest.approx(streets.values(streets.fresh), rel=1e-5)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_collapsed_layouts_are_worse_than_fresh_ones(streets: Streets, metric: Metric) -> None:
    fresh, five, one = (streets.value(metric, streets.fresh[np.arange(N) % modes]) for modes in (N, 5, 1))
    assert fresh < five < one


#: What is done to fresh layouts, and the metrics that must see it; all others must not see it at all.
SEEN_BY: dict[str, tuple[Callable[[Layouts], Layouts], set[str]]] = {
    "mirrored": (lambda fresh: fresh[:, :, ::-1], {"spatial-prior"}),
    "upside down": (lambda fresh: fresh[:, ::-1], {"spatial-prior"}),
    "pixels shuffled": (
        lambda fresh: np.random.default_rng(2).permuted(fresh.reshape(N, -1), axis=1).reshape(fresh.shape),
        {"spatial-prior", "class-adjacency", "component-count", "component-size"},
    ),
}


@pytest.mark.parametrize("change", SEEN_BY)
def test_each_change_is_seen_by_those_that_should(streets: Streets, change: str) -> None:
    damage, seen_by = SEEN_BY[change]
    before, after = streets.values(streets.fresh), streets.values(damage(streets.fresh))
    for name, value in before.items():
        if name in seen_by:
            assert after[name] > 5 * value, name
        else:
            assert after[name] == pytest.approx(value, rel=1e-5), name


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_divergences_are_scipys(seed: int) -> None:
    rng = np.random.default_rng(seed)
    real, generated = shares(rng, 5, 7), shares(rng, 9, 7)
    expected = jensenshannon(real.mean(0), generated.mean(0), base=2) ** 2
    assert class_frequency_divergence(real, generated) == pytest.approx(expected, rel=1e-9)
    assert class_adjacency(real, generated) == pytest.approx(expected, rel=1e-9)
    cells = [rng.dirichlet(np.ones(3), (count, 64)) for count in (5, 9)]
    expected = np.mean(jensenshannon(cells[0].mean(0), cells[1].mean(0), base=2, axis=1) ** 2)
    assert spatial_prior(*(each.reshape(len(each), -1) for each in cells)) == pytest.approx(expected, rel=1e-9)


def test_divergences_have_their_closed_forms() -> None:
    one, other, both = (np.tile(row, (2, 1)) for row in ([1.0, 0.0], [0.0, 1.0], [0.5, 0.5]))
    assert class_frequency_divergence(one, other) == 1
    # H(3/4, 1/4) - H(1/2, 1/2) / 2, in bits.
    expected = 0.75 * np.log2(4 / 3) + 0.25 * np.log2(4) - 0.5
    assert class_frequency_divergence(one, both) == pytest.approx(expected)
    assert class_frequency_divergence(one, np.concatenate([one, other])) == pytest.approx(expected)
    half_the_cells = [np.tile(np.concatenate([row] * 32 + [[1.0, 0.0]] * 32), (2, 1)) for row in (one[0], other[0])]
    assert spatial_prior(*half_the_cells) == pytest.approx(0.5)


def test_classes_occur_together_if_both_have_more_than_a_speck() -> None:
    real = np.array([[0.5, 0.5, 0.0], [0.5, 0.0, 0.5]])  # pairs 01 and 02, half of the layouts each
    speck = np.array([[0.4995, 0.4995, 0.001 / 2], [0.5, 0.0, 0.5]])
    apart = np.array([[1.0, 0.0, 0.0], [0.0, 0.5, 0.5]])  # pair 12
    assert class_co_occurrence(real, speck) == class_co_occurrence(real, real) == 0
    assert class_co_occurrence(real, apart) == 1
    assert class_co_occurrence(real, real[[0, 0]]) == pytest.approx(braycurtis([0.5, 0.5, 0], [1, 0, 0]))
    assert class_co_occurrence(np.eye(3), np.eye(3)[::-1]) == 0  # no pairs anywhere
    assert class_co_occurrence(np.eye(3), real) == 1


@pytest.mark.filterwarnings("ignore:Matrix is singular")  # whether SciPy notices depends on the processor's rounding
def test_the_segmentation_distance_is_that_of_torch_fidelity_and_clean_fid() -> None:
    """Both take a square root of a product that is singular, since areas sum to 1: hence the tolerance."""
    rng = np.random.default_rng(3)
    real, generated = shares(rng, 300, 12), shares(rng, 400, 12) ** 1.2
    generated /= generated.sum(axis=1, keepdims=True)
    value = frechet_segmentation_distance(real, generated)
    statistics = (fid_features_to_statistics(torch.from_numpy(100 * each)) for each in (real, generated))
    theirs = fid_statistics_to_metric(*statistics, False)["frechet_inception_distance"]
    assert theirs == pytest.approx(value, rel=1e-5)
    assert fid_from_feats(100 * real, 100 * generated) == pytest.approx(value, rel=1e-5)


@given(st.integers(0, 10_000), st.integers(1, 8), st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_wasserstein_distances_are_scipys(seed: int, count: int, other: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.integers(0, 4, (count, 3)).astype(float), rng.standard_normal((other, 3))
    expected = [wasserstein_distance(first[:, column], second[:, column]) for column in range(3)]
    assert wasserstein(first, second) == pytest.approx(np.array(expected), abs=1e-12)
    assert np.array_equal(wasserstein(first, first), np.zeros(3))


def test_twice_as_many_pieces_or_four_times_their_size_are_that_many_doublings() -> None:
    counts, sizes = np.full((4, 3), 1.0), np.full((4, 3), 3 / 4096)
    real = np.concatenate([counts, sizes], axis=1)
    assert component_count(real, np.concatenate([counts * 3, sizes], axis=1)) == pytest.approx(1)  # 1 + 3 = 2 (1 + 1)
    assert component_size(real, np.concatenate([counts, sizes * 5], axis=1)) == pytest.approx(2)  # 1 + 15 = 4 (1 + 3)
    never = np.concatenate([counts, np.zeros((4, 5)), sizes, np.zeros((4, 5))], axis=1)
    changed = np.concatenate([counts * 3, np.zeros((4, 5)), sizes, np.zeros((4, 5))], axis=1)
    assert component_count(never, changed) == pytest.approx(1)  # classes that never occur dilute nothing


def test_arrays_of_another_kind_are_refused() -> None:
    with pytest.raises(BenchError, match="generated features are no shares: the least is -1"):
        class_frequency_divergence(np.ones((2, 2)), -np.ones((2, 2)))
    with pytest.raises(BenchError, match="the smallest sum 0"):
        class_adjacency(np.zeros((2, 2)), np.ones((2, 2)))
    with pytest.raises(BenchError, match="dimension 65, which fits no grid of 8x8"):
        spatial_prior(np.ones((2, 65)), np.ones((2, 65)))
    with pytest.raises(BenchError, match="two equal halves"):
        component_count(np.ones((2, 3)), np.ones((2, 3)))
    with pytest.raises(BenchError, match="No layout has a connected piece"):
        component_size(np.zeros((2, 4)), np.zeros((2, 4)))
