"""Batches taken in pieces: gradients of the pieces average to the gradient of the whole."""

import pytest
import torch
from training.linear_task import LinearGAN, fill, phase, table

from sbgan_bench.errors import TrainingDivergedError
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import TrainingTask, Update


def regression(network, pieces, seen):
    """A task that fits a linear map of its noise to the images, without anything that mixes samples."""

    def losses(batch):
        seen.append(batch)
        drawn = network(batch.noise.normal("z", 5))
        return {"distance": (drawn - batch.images.flatten(1)).square().mean()}

    return TrainingTask(
        modules={"generator": network},
        optimizers={"generator": torch.optim.SGD(network.parameters(), 0.1)},
        phases=(phase(images=24, batch_size=8),),
        updates=(Update("generator", ("generator",), losses, lambda batch: batch.split(pieces)),),
        sample=LinearGAN().task().sample,
    )


def trained(folder, pieces):
    network, seen = fill(torch.nn.Linear(5, 3 * 4 * 8), 0), []
    train(regression(network, pieces, seen), table(), TrainingRun(folder=folder, seed=3, previews=0))
    return network, seen


@pytest.mark.parametrize("pieces", [2, 4, 8])
def test_pieces_train_like_the_whole_batch(tmp_path, pieces):
    (whole, once), (cut, often) = trained(tmp_path / "whole", 1), trained(tmp_path / "cut", pieces)
    assert len(often) == pieces * len(once)
    assert {len(batch.images) for batch in often} == {8 // pieces}
    torch.testing.assert_close(whole.state_dict(), cut.state_dict(), rtol=1e-5, atol=1e-6)


def test_pieces_hold_every_sample_with_its_own_numbers(tmp_path):
    _, (whole, *_) = trained(tmp_path, 1)
    for parts in (1, 3, 8):
        pieces = whole.split(parts)
        assert torch.equal(torch.cat([piece.images for piece in pieces]), whole.images)
        assert torch.equal(torch.cat([piece.layouts for piece in pieces]), whole.layouts)
        drawn = torch.cat([piece.noise.turn("a").normal("z", 5) for piece in pieces])
        assert torch.equal(drawn, whole.noise.turn("a").normal("z", 5))


def test_nothing_is_stepped_if_one_piece_is_not_finite(tmp_path):
    network = fill(torch.nn.Linear(5, 3 * 4 * 8), 0)
    before = network.weight.detach().clone()
    task = regression(network, 4, calls := [])
    (update,) = task.updates

    def spoilt(batch):
        return {"distance": update.losses(batch)["distance"] * (float("nan") if len(calls) == 3 else 1)}

    task = TrainingTask(
        modules=task.modules, optimizers=task.optimizers, phases=task.phases, sample=task.sample,
        updates=(Update("generator", ("generator",), spoilt, update.pieces),),
    )  # fmt: skip
    with pytest.raises(TrainingDivergedError, match=r"step 0 .* 'distance'"):
        train(task, table(), TrainingRun(folder=tmp_path, seed=3, previews=0))
    assert torch.equal(network.weight, before)
