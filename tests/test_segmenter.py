"""Laws of the segmentation network and its training."""

import numpy as np
import pytest
import torch

from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.errors import BenchError, TrainingDivergedError
from sbgan_bench.segmenter import Segmenter, images_to_input, train_segmenter

CPU = torch.device("cpu")


def blocks_table(count: int, ignore_index: int | None = None, size: tuple[int, int] = (16, 32)) -> PairTable:
    """Random rectangles of three classes, each painted in its own colour with a little noise."""
    rng = np.random.default_rng(7)
    palette = np.array([[200, 40, 40], [40, 200, 40], [40, 40, 200]])
    layouts = rng.integers(0, 3, (count, size[0] // 8, size[1] // 8), np.uint8).repeat(8, 1).repeat(8, 2)
    images = (palette[layouts] + rng.integers(-20, 20, (*layouts.shape, 3))).astype(np.uint8).transpose(0, 3, 1, 2)
    info = DatasetInfo(
        name="blocks",
        class_names=("red", "green", "blue"),
        palette=tuple(map(tuple, palette.tolist())),
        ignore_index=ignore_index,
        licence="none",
        redistributable=True,
    )
    return PairTable(info, Split("train", tuple(map(str, range(count)))), "0" * 64, images, layouts)


def train(seed: int, table: PairTable, images: int = 96) -> Segmenter:
    network = Segmenter(3, width=4)
    network.initialise(seed)
    train_segmenter(network, table, images=images, batch_size=16, learning_rate=1e-2, seed=seed, device=CPU)
    return network


@pytest.mark.parametrize("size", [(16, 32), (24, 40), (64, 128)])
def test_logits_have_the_size_of_the_image(size: tuple[int, int]) -> None:
    network = Segmenter(5, width=4)
    images = torch.zeros(2, 3, *size)
    assert network(images).shape == (2, 5, *size)
    for k, (channels, features) in enumerate(zip(network.feature_channels, network.features(images), strict=True)):
        assert features.shape == (2, channels, size[0] >> k, size[1] >> k)


def test_sizes_that_cannot_be_halved_three_times_are_refused_with_a_remedy() -> None:
    with pytest.raises(BenchError, match=r"30x60.*multiples of 8"):
        Segmenter(5, width=4)(torch.zeros(1, 3, 30, 60))


def test_weights_are_a_function_of_the_seed_alone() -> None:
    networks = []
    for seed, globally in ((3, 0), (3, 1), (4, 0)):
        torch.manual_seed(globally)
        network = Segmenter(3, width=4)
        network.initialise(seed)
        networks.append(network.state_dict())
    assert all(torch.equal(networks[0][k], networks[1][k]) for k in networks[0])
    assert not torch.equal(networks[0]["stem.0.weight"], networks[2]["stem.0.weight"])


def test_it_learns_and_training_repeats_bit_for_bit() -> None:
    table = blocks_table(40)
    first, second = train(1, table, 480), train(1, table, 480)
    assert all(
        torch.equal(a, b) for a, b in zip(first.state_dict().values(), second.state_dict().values(), strict=True)
    )
    with torch.no_grad():
        predicted = first(images_to_input(torch.from_numpy(table.images))).argmax(1).numpy()
    assert (predicted == table.layouts).mean() > 0.9


def test_ignored_pixels_teach_nothing() -> None:
    table = blocks_table(8, ignore_index=2)
    network = train(0, table, 480)
    with torch.no_grad():
        predicted = network(images_to_input(torch.from_numpy(table.images))).argmax(1).numpy()
    labelled = table.layouts != 2
    assert (predicted == table.layouts)[labelled].mean() > 0.9
    assert (predicted == table.layouts)[~labelled].mean() < 0.5


def test_divergence_names_the_step_and_what_to_try() -> None:
    network = Segmenter(3, width=4)
    with torch.no_grad():
        network.head.weight.fill_(float("nan"))
    with pytest.raises(TrainingDivergedError, match=r"step 1 .*learning rate below"):
        train_segmenter(network, blocks_table(8), images=16, batch_size=8, learning_rate=1e-2, seed=0, device=CPU)
