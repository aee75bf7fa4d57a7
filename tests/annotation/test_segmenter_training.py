import numpy as np
import pytest
import torch
from annotation.scenes import RECIPE, facts, network, pairs_of, write_scenes

from sbgan_bench.annotation import training
from sbgan_bench.annotation.evaluation import evaluate_annotator
from sbgan_bench.annotation.prediction import Annotator
from sbgan_bench.annotation.training import Length, train_segmenter
from sbgan_bench.annotation.weights import SavedSegmenter
from sbgan_bench.annotation.yardsticks import yardsticks
from sbgan_bench.errors import ConfigError, Interrupted, TrainingDivergedError
from sbgan_bench.training.interruption import StopRequest
from sbgan_bench.training.records import read_stats
from sbgan_bench.training.run import TrainingRun

SHORT = RECIPE.model_copy(update={"epochs": 2})


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return write_scenes(tmp_path_factory.mktemp("scenes"))


def run(folder, **changes) -> TrainingRun:
    return TrainingRun(**{"folder": folder, "seed": 3, "checkpoint_every": 1e9, **changes})


def same(first, second) -> bool:
    a, b = first.state_dict(), second.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


def test_it_learns_more_than_the_most_frequent_class(root, tmp_path):
    pairs, held_out = pairs_of(root), pairs_of(root, "test")
    trained = network()
    train_segmenter(trained, pairs, RECIPE.model_copy(update={"epochs": 8}), run(tmp_path))
    assert not trained.training
    scores = evaluate_annotator(Annotator(SavedSegmenter(facts(), trained)), held_out, "test")
    majority = np.nanmean(yardsticks(pairs, held_out).majority.iou())
    assert scores.mean_iou is not None
    assert scores.mean_iou > 1.5 * majority
    lines = read_stats(tmp_path)
    assert lines[-1]["losses"]["cross_entropy"] < lines[0]["losses"]["cross_entropy"]


@pytest.mark.parametrize("stopped", [1, 3])
def test_a_resumed_run_ends_like_an_uninterrupted_one(root, tmp_path, monkeypatch, stopped):
    pairs = pairs_of(root)
    whole, cut = network(), network()
    train_segmenter(whole, pairs, SHORT, run(tmp_path / "whole"))
    loss, left = training._loss, stopped

    def failing(*arguments):
        nonlocal left
        left -= 1
        if left < 0:
            raise RuntimeError("power cut")
        return loss(*arguments)

    monkeypatch.setattr(training, "_loss", failing)
    with pytest.raises(RuntimeError, match="power cut"):
        train_segmenter(cut, pairs, SHORT, run(tmp_path / "cut", checkpoint_every=0.0))
    monkeypatch.undo()
    again = network(seed=99)  # as in a new process; the checkpoint decides
    train_segmenter(again, pairs, SHORT, run(tmp_path / "cut"))
    assert same(whole, again)
    before, after = ([line["losses"] for line in read_stats(tmp_path / name)] for name in ("whole", "cut"))
    assert before == after


def test_a_request_to_stop_saves_first(root, tmp_path, monkeypatch):
    class Asked(StopRequest):
        name = "SIGTERM"

    class Stop:
        def __enter__(self):
            return Asked()

        def __exit__(self, *_):
            return None

    monkeypatch.setattr(training, "stop_requests", Stop)
    with pytest.raises(Interrupted, match="SIGTERM after step 1 of"):
        train_segmenter(network(), pairs_of(root), SHORT, run(tmp_path))
    assert len(list((tmp_path / "checkpoints").iterdir())) == 1


def test_another_recipe_or_start_does_not_go_on_from_a_checkpoint(root, tmp_path):
    pairs, one = pairs_of(root), RECIPE.model_copy(update={"epochs": 1})
    train_segmenter(network(), pairs, one, run(tmp_path))
    with pytest.raises(ConfigError, match="its recipe is"):
        train_segmenter(network(), pairs, SHORT, run(tmp_path))
    with pytest.raises(ConfigError, match="its start is"):
        train_segmenter(network(), pairs, one, run(tmp_path), "other weights")
    with pytest.raises(ConfigError, match="its seed is"):
        train_segmenter(network(), pairs, one, run(tmp_path, seed=4))


def test_a_loss_that_is_no_number_is_an_error(root, tmp_path):
    broken = network()
    with torch.no_grad():
        broken.seg.bias.fill_(float("nan"))
    with pytest.raises(TrainingDivergedError, match=r"step 0 of .* learning_rate below 0.02"):
        train_segmenter(broken, pairs_of(root), SHORT, run(tmp_path))


def test_the_fixed_enlargement_stays(root, tmp_path):
    trained = network()
    before = trained.up.weight.clone()
    train_segmenter(trained, pairs_of(root), RECIPE.model_copy(update={"epochs": 1}), run(tmp_path))
    assert torch.equal(trained.up.weight, before)


def test_a_batch_without_labels_teaches_nothing_and_breaks_nothing():
    images = torch.zeros(1, 3, 16, 16, dtype=torch.uint8)
    targets = torch.full((1, 16, 16), training.IGNORED, dtype=torch.uint8)
    loss = training._loss(network(), training.SegmenterBatch(images, targets), run("unused"))
    assert loss.item() == 0


def test_the_loss_is_the_mean_over_labelled_pixels():
    made = network().eval()
    images = torch.randint(0, 256, (2, 3, 16, 24), dtype=torch.uint8, generator=torch.manual_seed(0))
    targets = torch.randint(0, 3, (2, 16, 24), dtype=torch.uint8)
    targets[0, :5] = training.IGNORED
    scores = made(training.normalised(images)).detach()
    known = targets != training.IGNORED
    expected = -scores.permute(0, 2, 3, 1)[known].gather(1, targets[known].long()[:, None]).mean()
    loss = training._loss(made, training.SegmenterBatch(images, targets), run("unused"))
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)


def test_epochs_are_counted_in_pairs_shown():
    length = Length(pairs=10, batch_size=4, epochs=3)
    assert length.steps == 8
    assert [length.epoch(step) for step in range(8)] == [0, 0, 0, 1, 1, 2, 2, 2]
