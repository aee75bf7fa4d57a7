"""Laws of the procedural dataset: purity, disjoint splits, classes that occur, layouts that fit their images."""

import numpy as np
import pytest
from numpy.typing import NDArray

from sbgan_bench.dataset import Pair
from sbgan_bench.datasets.street_scenes.camera import Camera, View
from sbgan_bench.datasets.street_scenes.canvas import Canvas, convex_hull, plane
from sbgan_bench.datasets.street_scenes.labels import CLASS_NAMES, PALETTE, Label
from sbgan_bench.datasets.street_scenes.texture import SIDE, fraction, hashed, look_up, tile
from sbgan_bench.datasets.toy_streets import ToyStreets, ToyStreetsSettings
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.plugins import PluginGroup, load_plugin

SIZE = (32, 64)

#: Pixel shares in percent, at least, over a hundred scenes.
LEAST_SHARES = {
    Label.ROAD: 20,
    Label.PAVEMENT: 3,
    Label.BUILDING: 8,
    Label.FENCE: 2,
    Label.POLE: 1,
    Label.SIGN: 0.9,
    Label.TREE: 6,
    Label.TERRAIN: 2,
    Label.SKY: 8,
    Label.PEDESTRIAN: 0.8,
    Label.RIDER: 0.6,
    Label.CAR: 4,
}


def toy(**settings: int) -> ToyStreets:
    return ToyStreets.open(ToyStreetsSettings(**settings))


@pytest.fixture(scope="module")
def hundred() -> list[Pair]:
    dataset = toy()
    return [dataset.read(key, (48, 96)) for key in dataset.splits()["train"].keys[:100]]


@pytest.fixture(scope="module")
def layouts(hundred: list[Pair]) -> NDArray[np.uint8]:
    return np.stack([pair.layout for pair in hundred])


def equal(a: Pair, b: Pair) -> bool:
    return np.array_equal(a.image, b.image) and np.array_equal(a.layout, b.layout)


def test_it_is_installed_under_its_name():
    assert load_plugin(PluginGroup.DATASETS, "toy-streets") is ToyStreets
    assert toy().info.name == "toy-streets"


def test_a_scene_is_the_same_in_whatever_order_and_company_it_is_read():
    keys = ["train/000000", "test/000003", "train/000007"]
    forward = {key: toy().read(key, SIZE) for key in keys}
    small = toy(train=8, selection=1, test=4)
    small.read("selection/000000", (16, 32))
    backward = {key: small.read(key, SIZE) for key in reversed(keys)}
    assert all(equal(forward[key], backward[key]) for key in keys)


def test_scenes_differ_between_indices_splits_and_seeds():
    scenes = [toy().read(f"{split}/{index:06d}", SIZE) for split in ("train", "selection", "test") for index in (0, 1)]
    scenes.append(toy(seed=1).read("train/000000", SIZE))
    images = {scene.image.tobytes() for scene in scenes}
    layouts = {scene.layout.tobytes() for scene in scenes}
    assert len(images) == len(layouts) == len(scenes)


def test_splits_are_disjoint_and_as_large_as_asked():
    splits = toy(train=5, selection=2, test=3).splits()
    assert {name: len(split.keys) for name, split in splits.items()} == {"train": 5, "selection": 2, "test": 3}
    keys = [key for split in splits.values() for key in split.keys]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("height", [1, 2, 7, 32, 64, 100])
def test_any_size_twice_as_wide_as_high(height: int):
    pair = toy().read("train/000004", (height, 2 * height))
    assert pair.image.shape == (height, 2 * height, 3)
    assert pair.layout.shape == (height, 2 * height)
    assert pair.image.dtype == pair.layout.dtype == np.uint8


@pytest.mark.parametrize("index", range(4))
def test_every_size_shows_the_same_street(index: int):
    small, large = (toy().read(f"train/{index:06d}", size) for size in ((32, 64), (96, 192)))
    assert (large.layout[1::3, 1::3] == small.layout).mean() > 0.85
    reduced = large.image.reshape(32, 3, 64, 3, 3).mean(axis=(1, 3))
    assert np.corrcoef(reduced.ravel(), small.image.ravel().astype(float))[0, 1] > 0.9


@pytest.mark.parametrize("size", [(64, 64), (64, 127), (128, 64), (0, 0)])
def test_other_aspects_are_refused_with_the_remedy(size: tuple[int, int]):
    with pytest.raises(DataError, match="twice as wide as high"):
        toy().read("train/000000", size)


@pytest.mark.parametrize("key", ["train/002000", "train/0", "train", "val/000000", "train/-00001", "train/00000x"])
def test_unknown_keys_are_refused(key: str):
    with pytest.raises(DataError, match="no scene"):
        toy().read(key, SIZE)


def test_negative_seeds_are_refused():
    with pytest.raises(ConfigError, match="seed"):
        ToyStreetsSettings.parse({"seed": -1}, "here")


def test_every_class_occurs_often_enough_to_be_scored(layouts: NDArray[np.uint8]):
    shares = 100 * np.bincount(layouts.ravel(), minlength=len(Label)) / layouts.size
    assert len(shares) == len(Label) == len(CLASS_NAMES) == len(PALETTE)
    assert {label: shares[label] for label in Label if shares[label] < LEAST_SHARES[label]} == {}


def test_the_sky_is_above_and_the_road_below(layouts: NDArray[np.uint8]):
    rows = np.arange(layouts.shape[1])[None, :, None] / layouts.shape[1]
    middle = {label: np.broadcast_to(rows, layouts.shape)[layouts == label].mean() for label in Label}
    assert middle[Label.SKY] < middle[Label.BUILDING] < 0.5 < middle[Label.PAVEMENT]
    assert middle[Label.SKY] < 0.3
    assert middle[Label.ROAD] > 0.65
    assert (layouts[:, -1] == Label.SKY).sum() == 0
    assert (layouts[:, 0] == Label.ROAD).sum() == 0


def test_layouts_hold_no_specks(layouts: NDArray[np.uint8]):
    rows, columns = layouts.shape[1:]
    padded = np.pad(layouts, ((0, 0), (1, 1), (1, 1)), constant_values=255)
    lonely = np.ones(layouts.shape, bool)
    for i, j in [(i, j) for i in range(3) for j in range(3) if (i, j) != (1, 1)]:
        lonely &= padded[:, i : i + rows, j : j + columns] != layouts
    assert lonely.mean() < 1e-4


def unexplained(image: NDArray[np.uint8], layout: NDArray[np.uint8]) -> float:
    """Return the mean squared distance of pixels to the mean colour of their class."""
    rest = image.astype(float)
    for label in np.unique(layout):
        rest[layout == label] -= rest[layout == label].mean(axis=0)
    return float((rest**2).mean())


def test_layouts_fit_their_images_to_the_pixel(hundred: list[Pair]):
    def misfit(down: int, right: int) -> float:
        inner = (slice(2, -2), slice(2, -2))
        moved = [np.roll(pair.layout, (down, right), (0, 1))[inner] for pair in hundred[:25]]
        return sum(unexplained(pair.image[inner], layout) for pair, layout in zip(hundred, moved, strict=False))

    assert misfit(0, 0) < 0.95 * min(misfit(0, 1), misfit(0, -1), misfit(1, 0), misfit(-1, 0))


def test_the_fingerprint_follows_the_settings():
    prints = {toy(**change).fingerprint() for change in ({}, {"seed": 1}, {"train": 10}, {"test": 10})}
    assert len(prints) == 4
    assert toy().fingerprint() == toy(seed=0).fingerprint()


def test_it_has_no_problems():
    assert toy().problems() == []


def test_the_shader_sees_what_the_painter_projects():
    camera = Camera(View(0.4, 0.7, 1.5), 64, 128)
    across, down = camera.rays()
    u, v = camera.project(1.2, 0.4, 9.0)
    assert np.interp(u, np.arange(128) + 0.5, across[0]) * 9.0 == pytest.approx(1.2, abs=1e-4)
    assert 1.5 - np.interp(v, np.arange(64) + 0.5, down[:, 0]) * 9.0 == pytest.approx(0.4, abs=1e-4)


def test_planes_hold_their_points_and_face_the_camera():
    corners = [(3.0, 0.0, 5.0), (4.0, 0.0, 9.0), (3.5, 6.0, 7.0)]
    normal, offset = plane(*corners)
    assert [np.dot(normal, corner) for corner in corners] == pytest.approx([offset] * 3)
    assert np.dot(normal, normal) == pytest.approx(1)
    assert np.dot(normal, np.subtract((0, 1.5, 0), corners[0])) > 0


def test_shadows_fall_away_from_the_sun():
    canvas = Canvas(Camera(View(0.4, 0.7, 1.5), 64, 128), (0.6, 0.8, 0.0))
    canvas.shadow([(-0.5, 6.0), (0.5, 6.0), (0.5, 7.0), (-0.5, 7.0)], 2.0)
    canvas.fix_shade()
    assert canvas.sunlight(-1.2, 6.5) < 0.5
    assert canvas.sunlight(1.2, 6.5) == 1.0


def test_a_hull_keeps_the_extremes_alone():
    square = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0)]
    assert sorted(convex_hull([*square, (1.0, 1.0), (1.0, 0.0)])) == sorted(square)


def test_noise_repeats_after_its_side_and_is_centred():
    noise = tile("test", 8, 0.6)
    place = np.linspace(0.1, 5, 200, dtype=np.float32)
    period = np.float32(SIDE / 8)
    assert np.array_equal(look_up(noise, place, place, 8), look_up(noise, place + period, place, 8))
    assert abs(float(noise.mean())) < 0.3


def test_hashes_and_fractions_lie_in_the_unit_interval():
    integers = np.arange(-5000, 5000, dtype=np.int32)
    numbers = hashed(integers, integers * 7)
    assert numbers.min() >= 0
    assert numbers.max() < 1
    assert abs(float(numbers.mean()) - 0.5) < 0.02
    assert np.array_equal(fraction(np.array([-0.25, 2.5], np.float32)), np.array([0.75, 0.5], np.float32))
