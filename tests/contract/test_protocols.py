"""What every registered feature protocol must do, those of other packages included."""

from pathlib import Path

import numpy as np
import pytest
import torch

from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.errors import BenchError
from sbgan_bench.judge import JudgeSettings, train_judge
from sbgan_bench.plugins import PluginGroup, installed, load_plugin
from sbgan_bench.protocol import AbstractProtocol, Content, LayoutClasses, Opening, Weights
from sbgan_bench.samples import SampleBatch

CPU = torch.device("cpu")
IMAGES = np.random.default_rng(0).integers(0, 256, (60, 3, 32, 64), np.uint8)
LAYOUTS = np.random.default_rng(1).integers(0, 4, (60, 32, 64), np.uint8)
SCENES = SampleBatch(IMAGES, LAYOUTS)
CLASSES = LayoutClasses(("a", "b", "c", "d"))


def part(chosen: slice) -> SampleBatch:
    return SampleBatch(IMAGES[chosen], LAYOUTS[chosen])


def opening(weights: Path | None) -> Opening:
    return Opening(device=CPU, weights=weights, trusted=True, classes=CLASSES)


def tiny_judge(path: Path, seed: int = 0) -> Path:
    """A judge of random scenes, trained for two steps."""
    layouts = np.random.default_rng(seed).integers(0, 4, (8, 32, 64), np.uint8)
    info = DatasetInfo(
        name="random",
        class_names=("a", "b", "c", "d"),
        palette=((0, 0, 0),) * 4,
        ignore_index=None,
        licence="none",
        redistributable=True,
    )
    table = PairTable(info, Split("train", tuple("abcdefgh")), "0" * 64, IMAGES[:8], layouts)
    settings = JudgeSettings(width=4, images=16, batch_size=8, seed=seed)
    return train_judge(table, path, settings=settings, device=CPU)


@pytest.fixture(params=list(installed(PluginGroup.PROTOCOLS)))
def kind(request: pytest.FixtureRequest) -> type[AbstractProtocol]:
    kind: type[AbstractProtocol] = load_plugin(PluginGroup.PROTOCOLS, request.param)
    assert kind.name == request.param
    if kind.weights is Weights.FILE:
        pytest.skip("needs a file of published weights")
    return kind


@pytest.fixture
def weights(kind: type[AbstractProtocol], tmp_path: Path) -> Path | None:
    return tiny_judge(tmp_path / "judge.safetensors") if kind.weights is Weights.JUDGE else None


@pytest.fixture
def protocol(kind: type[AbstractProtocol], weights: Path | None) -> AbstractProtocol:
    return kind.open(opening(weights))


def test_features_are_finite_float32_rows_of_the_stated_length(protocol: AbstractProtocol) -> None:
    features = protocol.features(SCENES)
    assert features.shape == (len(IMAGES), protocol.info.dim)
    assert features.dtype == np.float32
    assert np.isfinite(features).all()
    assert protocol.features(part(slice(0))).shape == (0, protocol.info.dim)


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


def test_different_images_have_different_features(protocol: AbstractProtocol) -> None:
    assert len(np.unique(protocol.features(SCENES), axis=0)) == len(IMAGES)


def test_opening_twice_gives_the_same_bits_whatever_the_global_generator(
    kind: type[AbstractProtocol], weights: Path | None
) -> None:
    results = []
    for seed in (0, 1):
        torch.manual_seed(seed)
        protocol = kind.open(opening(weights))
        results.append((protocol.features(SCENES), protocol.info))
    assert np.array_equal(results[0][0], results[1][0])
    assert results[0][1] == results[1][1]


def test_batches_and_order_change_nothing_beyond_rounding(protocol: AbstractProtocol) -> None:
    whole = protocol.features(SCENES)
    parts = np.concatenate([protocol.features(part(chosen)) for chosen in (slice(1), slice(1, 8), slice(8, None))])
    tolerance = 1e-5 * np.abs(whole).max()
    assert np.abs(parts - whole).max() < tolerance
    assert np.abs(protocol.features(part(slice(None, None, -1))) - whole[::-1]).max() < tolerance


def test_scenes_are_left_alone(protocol: AbstractProtocol) -> None:
    images, layouts = IMAGES[:3].copy(), LAYOUTS[:3].copy()
    images.flags.writeable = layouts.flags.writeable = False
    protocol.features(SampleBatch(images, layouts))
    assert np.array_equal(images, IMAGES[:3])
    assert np.array_equal(layouts, LAYOUTS[:3])


def test_what_it_needs_is_what_it_looks_at(kind: type[AbstractProtocol], protocol: AbstractProtocol) -> None:
    assert kind.needs
    enough = SampleBatch(
        IMAGES[:4] if Content.IMAGES in kind.needs else None, LAYOUTS[:4] if Content.LAYOUTS in kind.needs else None
    )
    assert np.array_equal(protocol.features(enough), protocol.features(part(slice(4))))
    lacking = SampleBatch(
        None if Content.IMAGES in kind.needs else IMAGES, None if Content.LAYOUTS in kind.needs else LAYOUTS
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
    other = tiny_judge(tmp_path / "other.safetensors", seed=1)
    assert kind.open(opening(weights)).info.weights_hash != kind.open(opening(other)).info.weights_hash
    with pytest.raises(BenchError):
        kind.open(opening(None))
