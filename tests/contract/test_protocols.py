"""What every registered feature protocol must do, those of other packages included."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from malice import KINDS, malicious_file
from numpy.typing import NDArray
from random_weights import random_dinov2, random_imagenet_inception, random_inception

from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.errors import BenchError
from sbgan_bench.judge import JudgeSettings, train_judge
from sbgan_bench.plugins import PluginGroup, installed, load_plugin
from sbgan_bench.protocol import AbstractProtocol, Content, LayoutClasses, Opening, Weights
from sbgan_bench.samples import SampleBatch

CPU = torch.device("cpu")
CLASSES = LayoutClasses(("a", "b", "c", "d"))
#: Scenes enough to fill more than one batch; published networks are large, and go through few images at a time.
MANY, FEW = 60, 9
#: Who draws a file of random weights, by the name of the published file that it stands for.
RANDOM_WEIGHTS: dict[str, Callable[[Path, int], Path]] = {
    "dinov2-vitl14": random_dinov2,
    "inception": random_inception,
    "inception-imagenet": random_imagenet_inception,
}


def drawn_scenes(count: int) -> SampleBatch:
    return SampleBatch(
        np.random.default_rng(0).integers(0, 256, (count, 3, 32, 64), np.uint8),
        np.random.default_rng(1).integers(0, 4, (count, 32, 64), np.uint8),
    )


def part(scenes: SampleBatch, chosen: slice) -> SampleBatch:
    assert scenes.images is not None
    assert scenes.layouts is not None
    return SampleBatch(scenes.images[chosen], scenes.layouts[chosen])


def opening(weights: Path | None) -> Opening:
    return Opening(device=CPU, weights=weights, trusted=True, classes=CLASSES)


def tiny_judge(path: Path, seed: int = 0) -> Path:
    """A judge of random scenes, trained for two steps."""
    layouts = np.random.default_rng(seed).integers(0, 4, (8, 32, 64), np.uint8)
    images = np.random.default_rng(seed).integers(0, 256, (8, 3, 32, 64), np.uint8)
    info = DatasetInfo(
        name="random",
        class_names=("a", "b", "c", "d"),
        palette=((0, 0, 0),) * 4,
        ignore_index=None,
        licence="none",
        redistributable=True,
    )
    table = PairTable(info, Split("train", tuple("abcdefgh")), "0" * 64, images, layouts)
    settings = JudgeSettings(width=4, images=16, batch_size=8, seed=seed)
    return train_judge(table, path, settings=settings, device=CPU)


def weights_file(kind: type[AbstractProtocol], folder: Path, seed: int) -> Path | None:
    match kind.weights:
        case Weights.JUDGE:
            return tiny_judge(folder / f"judge-{seed}.safetensors", seed)
        case Weights.FILE:
            return RANDOM_WEIGHTS[kind.file](folder / f"{kind.file}-{seed}.pth", seed)
    return None


@pytest.fixture(scope="module", autouse=True)
def _cache_of_the_module(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SBGAN_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module", params=list(installed(PluginGroup.PROTOCOLS)))
def kind(request: pytest.FixtureRequest) -> type[AbstractProtocol]:
    kind: type[AbstractProtocol] = load_plugin(PluginGroup.PROTOCOLS, request.param)
    assert kind.name == request.param
    if kind.weights is Weights.FILE and kind.file not in RANDOM_WEIGHTS:
        pytest.skip(f"needs the published file {kind.file}")
    return kind


@pytest.fixture(scope="module")
def weights(kind: type[AbstractProtocol], tmp_path_factory: pytest.TempPathFactory) -> Path | None:
    return weights_file(kind, tmp_path_factory.mktemp("weights"), 0)


@pytest.fixture(scope="module")
def protocol(kind: type[AbstractProtocol], weights: Path | None) -> AbstractProtocol:
    return kind.open(opening(weights))


@pytest.fixture(scope="module")
def scenes(kind: type[AbstractProtocol]) -> SampleBatch:
    return drawn_scenes(FEW if kind.weights is Weights.FILE else MANY)


@pytest.fixture(scope="module")
def whole(protocol: AbstractProtocol, scenes: SampleBatch) -> NDArray[np.float32]:
    features = protocol.features(scenes)
    features.flags.writeable = False
    return features


def test_features_are_finite_float32_rows_of_the_stated_length(
    protocol: AbstractProtocol, scenes: SampleBatch, whole: NDArray[np.float32]
) -> None:
    assert whole.shape == (len(scenes), protocol.info.dim)
    assert whole.dtype == np.float32
    assert np.isfinite(whole).all()
    assert protocol.features(part(scenes, slice(0))).shape == (0, protocol.info.dim)


def test_a_size_that_cannot_be_measured_is_said_beforehand(kind: type[AbstractProtocol]) -> None:
    assert kind.unsupported((32, 64)) == ""
    reason = kind.unsupported((7, 13))
    assert reason == "" or "7x13" in reason


def test_info_is_complete_and_the_hash_a_sha256(protocol: AbstractProtocol) -> None:
    info = protocol.info
    assert info.name == protocol.name
    assert len(info.weights_hash) == 64
    assert int(info.weights_hash, 16) >= 0
    assert all((info.input, info.layers, info.numerics))
    assert protocol.info == info


def test_different_images_have_different_features(scenes: SampleBatch, whole: NDArray[np.float32]) -> None:
    assert len(np.unique(whole, axis=0)) == len(scenes)


def test_opening_twice_gives_the_same_bits_whatever_the_global_generator(
    kind: type[AbstractProtocol], weights: Path | None, scenes: SampleBatch
) -> None:
    results = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        protocol = kind.open(opening(weights))
        results.append((protocol.features(part(scenes, slice(-3, None))), protocol.info))
    assert np.array_equal(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]


def test_batches_and_order_change_nothing_beyond_rounding(
    protocol: AbstractProtocol, scenes: SampleBatch, whole: NDArray[np.float32]
) -> None:
    cuts = (slice(1), slice(1, 4), slice(4, None))
    parts = np.concatenate([protocol.features(part(scenes, chosen)) for chosen in cuts])
    tolerance = 1e-5 * np.abs(whole).max()
    assert np.abs(parts - whole).max() < tolerance
    assert np.abs(protocol.features(part(scenes, slice(None, None, -1))) - whole[::-1]).max() < tolerance


def test_scenes_are_left_alone(protocol: AbstractProtocol, scenes: SampleBatch) -> None:
    few = part(scenes, slice(3))
    assert few.images is not None
    assert few.layouts is not None
    images, layouts = few.images.copy(), few.layouts.copy()
    images.flags.writeable = layouts.flags.writeable = False
    protocol.features(SampleBatch(images, layouts))
    assert np.array_equal(images, few.images)
    assert np.array_equal(layouts, few.layouts)


def test_what_it_needs_is_what_it_looks_at(
    kind: type[AbstractProtocol], protocol: AbstractProtocol, scenes: SampleBatch
) -> None:
    assert kind.needs
    few = part(scenes, slice(4))
    enough = SampleBatch(
        few.images if Content.IMAGES in kind.needs else None, few.layouts if Content.LAYOUTS in kind.needs else None
    )
    assert np.array_equal(protocol.features(enough), protocol.features(few))
    lacking = SampleBatch(
        None if Content.IMAGES in kind.needs else few.images, None if Content.LAYOUTS in kind.needs else few.layouts
    )
    if len(kind.needs) == 1:
        with pytest.raises(BenchError, match=kind.name):
            protocol.features(lacking)


def test_blocks_are_named_apart_and_cover_the_vector(kind: type[AbstractProtocol], protocol: AbstractProtocol) -> None:
    info = protocol.info
    places = sorted((info.block(name).start, info.block(name).stop) for name in kind.blocks)
    assert [start for start, _ in places] == [0, *(stop for _, stop in places[:-1])]
    assert places[-1][1] == info.dim


def test_other_weights_have_another_hash_and_missing_ones_are_refused(
    kind: type[AbstractProtocol], weights: Path | None, tmp_path: Path
) -> None:
    if weights is None:
        with pytest.raises(BenchError):
            kind.open(opening(tmp_path / "unwanted"))
        return
    other = weights_file(kind, tmp_path, seed=1)
    assert kind.open(opening(weights)).info.weights_hash != kind.open(opening(other)).info.weights_hash
    with pytest.raises(BenchError):
        kind.open(opening(None))


@pytest.mark.parametrize("written", KINDS)
def test_code_in_a_file_of_weights_never_runs(kind: type[AbstractProtocol], written: str, tmp_path: Path) -> None:
    path, mark = malicious_file(tmp_path, written)
    with pytest.raises(BenchError, match=path.name):
        kind.open(opening(path))
    assert not mark.exists()
