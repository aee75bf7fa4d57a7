import numpy as np
import pytest

from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.datasets.contact_sheet import contact_sheet

PALETTE = ((10, 200, 30), (250, 0, 5))


def table_of(count, resolution=(8, 16)):
    """Pair ``i`` has the flat colour (i, i, 77), and a layout of its own class."""
    height, width = resolution
    images = np.full((count, 3, height, width), 77, np.uint8)
    images[:, :2] = np.arange(count, dtype=np.uint8)[:, None, None, None]
    layouts = np.broadcast_to((np.arange(count) % 2).astype(np.uint8)[:, None, None], (count, height, width))
    info = DatasetInfo(
        name="x", class_names=("a", "b"), palette=PALETTE, ignore_index=None, licence="CC0", redistributable=True
    )
    return PairTable(info, Split("test", tuple(map(str, range(count)))), "f", images, layouts)


def colours(picture):
    packed = np.unique(picture.reshape(-1, 3).astype(np.uint32) @ np.array([65536, 256, 1], np.uint32))
    return {(int(value) >> 16, int(value) >> 8 & 255, int(value) & 255) for value in packed}


@pytest.mark.parametrize(("available", "count"), [(9, 3), (9, 5), (4, 10), (1, 1), (2, 1)])
def test_pairs_are_spread_over_the_table_ends_included(available, count):
    picture = contact_sheet(table_of(available), count)
    shown = {colour[0] for colour in colours(picture) if colour[2] == 77 and colour[0] == colour[1] != 77}
    assert len(shown) == min(count, available)
    assert 0 in shown
    if count > 1:
        assert available - 1 in shown
        steps = np.diff(sorted(shown))
        assert steps.max() - steps.min() <= 1


def test_layouts_and_legend_have_the_colours_of_the_palette():
    picture = contact_sheet(table_of(2), 2)
    assert set(PALETTE) <= colours(picture)
    legend = picture[-34:]
    assert set(PALETTE) <= colours(legend)


@pytest.mark.parametrize("resolution", [(8, 16), (64, 128), (256, 512), (16, 16), (600, 1200)])
def test_any_size_is_drawn(resolution):
    picture = contact_sheet(table_of(5, resolution), 5)
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[1] >= resolution[1]
