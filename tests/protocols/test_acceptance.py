"""Do the offline protocols see what they are there to see? Damage of growing strength must cost more and more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torchvision.transforms.v2 import functional as vision

from sbgan_bench.dataset import PairTable
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.judge import JudgeSettings, bundled_judge, train_judge
from sbgan_bench.metrics.diversity import is_collapsed, variety
from sbgan_bench.metrics.frechet import frechet_distance
from sbgan_bench.protocol import AbstractProtocol, Opening
from sbgan_bench.protocols.scene import SceneProtocol
from sbgan_bench.protocols.texture import TextureProtocol
from sbgan_bench.samples import SampleBatch

CPU = torch.device("cpu")
N = 200
Images = NDArray[np.uint8]


def blurred(images: Images, sigma: float) -> Images:
    size = 2 * int(3 * sigma + 1) + 1
    return vision.gaussian_blur(torch.from_numpy(images), [size, size], [sigma, sigma]).numpy()


def noisy(images: Images, deviation: float) -> Images:
    draw = np.random.default_rng(1).standard_normal(images.shape)
    return np.clip(images + 255 * deviation * draw, 0, 255).astype(np.uint8)


def shuffled(images: Images, share: float) -> Images:
    """Move a share of the 8×8 patches of every image to each other's places."""
    count, channels, height, width = images.shape
    patches = images.reshape(count, channels, height // 8, 8, width // 8, 8).transpose(0, 2, 4, 1, 3, 5)
    patches = patches.reshape(count, -1, channels, 8, 8).copy()
    rng = np.random.default_rng(2)
    for image in patches:
        moved = rng.permutation(len(image))[: round(share * len(image))]
        image[moved] = image[np.roll(moved, 1)]
    grid = patches.reshape(count, height // 8, width // 8, channels, 8, 8)
    return grid.transpose(0, 3, 1, 4, 2, 5).reshape(images.shape)


def sideways(images: Images, pixels: float) -> Images:
    return np.roll(images, int(pixels), axis=3)


def downwards(images: Images, pixels: float) -> Images:
    return np.roll(images, int(pixels), axis=2)


def few(images: Images, distinct: float) -> Images:
    return images[np.arange(len(images)) % int(distinct)]


#: The damage and its growing strengths.
BLUR = (blurred, (0.5, 1, 2, 3))
NOISE = (noisy, (0.05, 0.1, 0.2, 0.4))
SHUFFLE = (shuffled, (0.125, 0.25, 0.5, 1))
SIDEWAYS = (sideways, (2, 4, 8, 16))
DOWNWARDS = (downwards, (1, 2, 4, 8))
MODES = (few, (100, 20, 5, 2))
Damage = tuple[Callable[[Images, float], Images], Sequence[float]]


@dataclass(frozen=True)
class Yardstick:
    """A protocol with the features of N reference reals."""

    protocol: AbstractProtocol
    reference: NDArray[np.float32]

    @classmethod
    def of(cls, protocol: AbstractProtocol, reals: Images) -> "Yardstick":
        return cls(protocol, protocol.features(SampleBatch(reals[:N])))

    def distance(self, images: Images) -> float:
        return frechet_distance(self.reference, self.features(images))

    def features(self, images: Images) -> NDArray[np.float32]:
        return self.protocol.features(SampleBatch(images))

    def distances(self, others: Images, damage: Damage) -> list[float]:
        """The floor first, then the distances under growing damage."""
        damaged, strengths = damage
        return [self.distance(others), *(self.distance(damaged(others, strength)) for strength in strengths)]


@pytest.fixture(scope="module")
def reals(tmp_path_factory: pytest.TempPathFactory) -> Images:
    dataset = open_dataset("toy-streets", {"test": 2 * N}, "test")
    return np.array(prepare(dataset, "test", (32, 64), tmp_path_factory.mktemp("cache")).images)


@pytest.fixture(scope="module")
def texture(reals: Images) -> Yardstick:
    return Yardstick.of(TextureProtocol.open(Opening(device=CPU)), reals)


@pytest.fixture(scope="module")
def scene(reals: Images) -> Yardstick:
    return Yardstick.of(SceneProtocol.open(Opening(device=CPU, weights=bundled_judge("toy-streets", (32, 64)))), reals)


def assert_growing(values: list[float]) -> None:
    assert values == sorted(values)
    assert values[-1] > 3 * values[0]


@pytest.mark.parametrize("damage", [BLUR, NOISE, SHUFFLE, SIDEWAYS, DOWNWARDS, MODES], ids=lambda d: d[0].__name__)
def test_scene_grows_with_damage(scene: Yardstick, reals: Images, damage: Damage) -> None:
    assert_growing(scene.distances(reals[N:], damage))


@pytest.mark.parametrize("damage", [BLUR, NOISE, MODES], ids=lambda d: d[0].__name__)
def test_texture_grows_with_damage(texture: Yardstick, reals: Images, damage: Damage) -> None:
    assert_growing(texture.distances(reals[N:], damage))


def test_one_mean_image_is_worse_than_any_recognisable_scene(
    scene: Yardstick, texture: Yardstick, reals: Images
) -> None:
    """Worse, on both protocols, than strong blur, noise, complete shuffling and five distinct images."""
    constant = np.repeat(reals.mean(axis=0, keepdims=True).round().astype(np.uint8), N, axis=0)
    for yardstick in (scene, texture):
        value = yardstick.distance(constant)
        for damaged, strength in ((blurred, 2), (noisy, 0.15), (shuffled, 1), (few, 5)):
            assert value > 1.2 * yardstick.distance(damaged(reals[N:], strength))


def test_collapse_is_flagged_and_fresh_reals_are_not(scene: Yardstick, texture: Yardstick, reals: Images) -> None:
    other = reals[N:]
    for yardstick in (scene, texture):
        extract, reference = yardstick.features, yardstick.reference
        assert not is_collapsed(reference, extract(other))
        assert not is_collapsed(reference, extract(noisy(other, 0.1)))
        for distinct in (1, 5, 50):
            found = variety(reference, extract(few(other, distinct)))
            assert found.collapse
            assert found.distinct == distinct
        assert is_collapsed(reference, extract(noisy(few(other, 5), 0.01)))


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_another_judge_agrees(seed: int, reals: Images, tmp_path: Path) -> None:
    """The law belongs to the protocol, not to one lucky judge."""
    dataset = open_dataset("toy-streets", {"train": 800}, "test")
    table: PairTable = prepare(dataset, "train", (32, 64), tmp_path)
    settings = JudgeSettings(images=4800, seed=seed)
    judge = train_judge(table, tmp_path / "judge", settings=settings, device=CPU)
    protocol = SceneProtocol.open(Opening(device=CPU, weights=judge))
    scene = Yardstick.of(protocol, reals)
    for damage in (BLUR, NOISE, SHUFFLE, SIDEWAYS, DOWNWARDS, MODES):
        assert_growing(scene.distances(reals[N:], damage))
