"""Laws of the layout protocol and of the statistics behind it."""

import numpy as np
import pytest
import scipy.ndimage
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.layout_statistics import GRID, border_shares, class_areas, components, grid_shares
from sbgan_bench.protocol import LayoutClasses, Opening
from sbgan_bench.protocols.layout import LayoutProtocol
from sbgan_bench.samples import SampleBatch

CLASSES = 4
CPU = torch.device("cpu")
RNG = np.random.default_rng(0)
Layout = NDArray[np.uint8]

#: Layouts of any shape, down to one pixel.
layouts = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=21), elements=st.integers(0, CLASSES - 1))
several = settings(max_examples=60, deadline=None)


def opened(classes: int = CLASSES, ignore_index: int | None = None) -> LayoutProtocol:
    names = tuple(f"class {index}" for index in range(classes))
    return LayoutProtocol.open(Opening(device=CPU, classes=LayoutClasses(names, ignore_index)))


def described(*of: Layout) -> NDArray[np.float32]:
    return opened().features(SampleBatch(layouts=np.stack(of)))


def block(features: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    return features[:, opened().info.block(name)]


@given(layouts)
@several
def test_pieces_are_those_that_scipy_labels_class_by_class(layout: Layout) -> None:
    found = components(layout, CLASSES)
    for index in range(CLASSES):
        labels, number = scipy.ndimage.label(layout == index)
        sizes = np.bincount(labels.ravel())[1:] / layout.size
        assert found.counts[index] == number
        assert found.sizes[index] == pytest.approx(sizes.mean() if number else 0)


def test_corners_do_not_join_and_winding_pieces_are_one() -> None:
    assert components(np.eye(5, dtype=np.uint8), 2).counts.tolist() == [2, 5]
    spiral = np.array([[1, 1, 1, 1], [0, 0, 0, 1], [1, 1, 0, 1], [1, 0, 0, 1], [1, 1, 1, 1]], np.uint8)
    assert components(spiral, 2).counts.tolist() == [1, 1]


@given(layouts)
@several
def test_borders_are_the_sides_that_pixels_of_two_classes_share(layout: Layout) -> None:
    table = np.zeros((CLASSES, CLASSES))
    for row, column in np.ndindex(layout.shape):
        for other in (layout[row : row + 1, column + 1 : column + 2], layout[row + 1 : row + 2, column : column + 1]):
            for label in other.ravel():
                table[tuple(sorted((int(label), int(layout[row, column]))))] += 1
    np.fill_diagonal(table, 0)
    if not table.any():
        table[layout[0, 0], layout[0, 0]] = 1
    assert border_shares(layout, CLASSES) == pytest.approx(table[np.triu_indices(CLASSES)] / table.sum())


@given(layouts)
@several
def test_cells_are_means_of_equal_parts_of_the_picture(layout: Layout) -> None:
    height, width = layout.shape
    onehot = (layout[..., None] == np.arange(CLASSES)).astype(float)
    fine = onehot.repeat(GRID, axis=0).repeat(GRID, axis=1)
    expected = fine.reshape(GRID, height, GRID, width, CLASSES).mean(axis=(1, 3))
    shares = grid_shares(layout, CLASSES)
    assert shares == pytest.approx(expected)
    assert shares.mean(axis=(0, 1)) == pytest.approx(class_areas(layout, CLASSES))


@given(layouts, st.integers(2, 3))
@several
def test_enlarging_by_nearest_neighbour_changes_nothing(layout: Layout, factor: int) -> None:
    larger = layout.repeat(factor, axis=0).repeat(factor, axis=1)
    assert described(larger) == pytest.approx(described(layout), rel=1e-6)


@given(layouts)
@several
def test_shares_sum_to_one_and_permuted_ids_permute_classes(layout: Layout) -> None:
    order = np.array([2, 0, 3, 1], np.uint8)  # class k becomes order[k]
    (before,), (after,) = described(layout), described(order[layout])
    for name, width in (("areas", CLASSES), ("grid", CLASSES), ("components", CLASSES)):
        part = opened().info.block(name)
        assert after[part].reshape(-1, width)[:, order] == pytest.approx(before[part].reshape(-1, width))
    assert block(after[None], "adjacency").sum() == pytest.approx(1)
    assert block(after[None], "areas").sum() == pytest.approx(1)


def test_a_mirrored_layout_differs_in_its_grid_alone() -> None:
    layout = RNG.integers(0, CLASSES, (16, 32), np.uint8)
    once, mirrored = described(layout), described(layout[:, ::-1])
    for name in ("areas", "adjacency", "components"):
        assert np.array_equal(block(once, name), block(mirrored, name))
    grid = block(once, "grid").reshape(GRID, GRID, CLASSES)
    assert np.array_equal(block(mirrored, "grid").reshape(GRID, GRID, CLASSES), grid[:, ::-1])
    assert not np.array_equal(grid, grid[:, ::-1])


def test_a_layout_of_one_class_has_its_closed_form() -> None:
    (features,) = described(np.full((7, 13), 2, np.uint8))
    areas, adjacency, pieces = (block(features[None], name)[0] for name in ("areas", "adjacency", "components"))
    assert areas.tolist() == [0, 0, 1, 0]
    assert np.flatnonzero(adjacency).tolist() == [7]  # pairs run 00 01 02 03 11 12 13 22 23 33
    assert pieces.tolist() == [0, 0, 1, 0, 0, 0, 1, 0]


def test_all_classes_of_a_byte_are_told_apart() -> None:
    layout = RNG.permutation(256).astype(np.uint8).reshape(16, 16)
    features = opened(256).features(SampleBatch(layouts=layout[None]))
    start, stop = opened(256).info.blocks["components"]
    assert np.array_equal(features[0, start:stop], np.repeat(np.array([1, 1 / 256], np.float32), 256))


def test_the_hash_is_that_of_the_definition() -> None:
    hashes = {kind.info.weights_hash for kind in (opened(), opened(), opened(5), opened(4, ignore_index=3))}
    assert len(hashes) == 3


def test_what_cannot_be_described_is_refused_in_words() -> None:
    with pytest.raises(BenchError, match="must know the classes"):
        LayoutProtocol.open(Opening(device=CPU))
    with pytest.raises(DataError, match=r"Layout 1 holds class id 4, but there are 4 classes"):
        described(np.zeros((2, 3), np.uint8), np.full((2, 3), CLASSES, np.uint8))
    with pytest.raises(DataError, match=r"shape \(1, 0, 8\)"):
        described(np.zeros((0, 8), np.uint8))
    with pytest.raises(DataError, match="type int64"):
        described(np.zeros((2, 2), np.int64))
