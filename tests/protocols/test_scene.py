"""Laws of the scene protocol, with a judge that was hardly trained."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.judge import JudgeSettings, read_judge, train_judge
from sbgan_bench.protocol import Opening
from sbgan_bench.protocols.scene import SceneProtocol, share_grid
from sbgan_bench.samples import SampleBatch
from sbgan_bench.segmenter import images_to_input

CPU = torch.device("cpu")
CLASSES = 5


def smooth_images(count: int, height: int, width: int) -> NDArray[np.uint8]:
    """Slow waves of colour: pictures that lose nothing when they are resized."""
    rng = np.random.default_rng(0)
    y, x = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
    phases = rng.uniform(0, 6, (count, 3, 1, 1))
    return (127 + 100 * np.sin(3 * x + 4 * y + phases)).astype(np.uint8)


@pytest.fixture(scope="module")
def judge_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    images = smooth_images(8, 32, 64)
    layouts = (images[:, 0] // 52).astype(np.uint8)
    info = DatasetInfo(
        name="waves",
        class_names=tuple("abcde"),
        palette=((0, 0, 0),) * CLASSES,
        ignore_index=None,
        licence="none",
        redistributable=True,
    )
    table = PairTable(info, Split("train", tuple("abcdefgh")), "0" * 64, images, layouts)
    settings = JudgeSettings(width=4, images=80, batch_size=8, learning_rate=1e-2)
    return train_judge(table, tmp_path_factory.mktemp("judge") / "judge.safetensors", settings=settings, device=CPU)


def test_features_are_map_means_and_class_shares(judge_file: Path) -> None:
    images = smooth_images(3, 32, 64)
    features = SceneProtocol.open(Opening(device=CPU, weights=judge_file)).features(SampleBatch(images))
    network = read_judge(judge_file).network
    with torch.no_grad():
        maps = network.features(images_to_input(torch.from_numpy(images)))
        shares = network.logits(maps).softmax(1).numpy()
    assert features[:, :16] == pytest.approx(maps[2].mean((2, 3)).numpy(), abs=1e-5)
    assert features[:, 16:40] == pytest.approx(maps[3].mean((2, 3)).numpy(), abs=1e-5)
    grid = features[:, 40:].reshape(3, CLASSES, 2, 4)
    assert grid.sum(axis=1) == pytest.approx(np.ones((3, 2, 4)), abs=1e-5)
    assert grid[:, :, 1, 2] == pytest.approx(shares[:, :, 16:, 32:48].mean((2, 3)), abs=1e-5)


def test_images_of_another_size_are_brought_to_the_judges(judge_file: Path) -> None:
    protocol = SceneProtocol.open(Opening(device=CPU, weights=judge_file))
    own = protocol.features(SampleBatch(smooth_images(4, 32, 64)))
    spread = np.abs(own - own.mean(0)).max()
    for height, width in ((64, 128), (100, 200), (24, 48)):
        assert np.abs(protocol.features(SampleBatch(smooth_images(4, height, width))) - own).max() < 0.1 * spread


@pytest.mark.parametrize(
    ("classes", "cells"), [(2, 8), (12, 8), (20, 8), (21, 4), (40, 4), (80, 2), (150, 1), (900, 1)]
)
def test_the_grid_coarsens_as_classes_grow(classes: int, cells: int) -> None:
    rows, columns = share_grid(classes)
    assert rows * columns == cells
