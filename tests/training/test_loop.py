import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from training import linear_task
from training.linear_task import LONG, LinearGAN, phase, same, table, weights

from sbgan_bench.errors import (
    BenchError,
    ConfigError,
    CorruptFileError,
    DataError,
    Interrupted,
    TrainingDivergedError,
)
from sbgan_bench.training import loop
from sbgan_bench.training.checkpoint import checkpoint_folders
from sbgan_bench.training.loop import train
from sbgan_bench.training.records import read_stats
from sbgan_bench.training.run import Precision, TrainingRun
from sbgan_bench.training.schedule import Schedule
from sbgan_bench.training.task import Update
from sbgan_bench.workers import ALONE, Workers

SCRIPT = linear_task.__file__


def run(folder, **changes) -> TrainingRun:
    return TrainingRun(**{"folder": folder, "seed": 3, "checkpoint_every": 1e9, "previews": 0, **changes})


class StopAt:
    """Ends a run from inside, as a crash would, at a given number of calls."""

    def __init__(self, gan: LinearGAN, calls: int) -> None:
        self.losses, self.left = gan.generator_losses, calls

    def __call__(self, batch):
        self.left -= 1
        if self.left < 0:
            raise RuntimeError("power cut")
        return self.losses(batch)


def without_times(folder):
    return [{key: value for key, value in line.items() if key != "seconds"} for line in read_stats(folder)]


@pytest.mark.parametrize("stopped", [1, 9, 10, 14])
def test_a_resumed_run_ends_like_an_uninterrupted_one(tmp_path, stopped):
    phases = phase(40, 4, "a"), phase(15, 3, "b")
    whole = LinearGAN()
    train(whole.task(*phases), table(), run(tmp_path / "whole", previews=4))
    first = LinearGAN()
    first.generator_losses = StopAt(first, stopped)
    with pytest.raises(RuntimeError, match="power cut"):
        train(first.task(*phases), table(), run(tmp_path / "cut", previews=4, checkpoint_every=0.0))
    torch.manual_seed(12345)  # as in a new process
    second = LinearGAN()
    train(second.task(*phases), table(), run(tmp_path / "cut", previews=4))
    assert len(second.seen) == 15 - stopped
    assert same(whole, second)
    assert without_times(tmp_path / "whole") == without_times(tmp_path / "cut")


def test_kill_nine_at_a_random_moment_changes_nothing(tmp_path):
    whole = LinearGAN()
    train(whole.task(*LONG), table(), run(tmp_path / "whole", previews=3))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, SCRIPT, str(tmp_path / "killed")], env=environment)
    while not checkpoint_folders(tmp_path / "killed") and process.poll() is None:
        time.sleep(0.005)
    time.sleep(np.random.default_rng().uniform(0, 0.4))
    process.send_signal(signal.SIGKILL)
    process.wait()
    resumed = LinearGAN()
    train(resumed.task(*LONG), table(), run(tmp_path / "killed", previews=3))
    assert same(whole, resumed)
    assert without_times(tmp_path / "whole") == without_times(tmp_path / "killed")


def test_a_finished_run_is_not_trained_again(tmp_path):
    first, second, told = LinearGAN(), LinearGAN(), []
    train(first.task(phase(), phase(0, 4, "none")), table(), run(tmp_path))
    train(second.task(phase(), phase(0, 4, "none")), table(), run(tmp_path, report=told.append))
    assert second.seen == []
    assert same(first, second)
    assert [(progress.images, progress.total, progress.phase) for progress in told] == [(60, 60, "train")]


def test_workers_see_the_samples_and_noise_of_one_process(tmp_path):
    task, data = LinearGAN().task(phase(5, 5)), table()
    position = Schedule(task.phases).position(0)
    whole = loop._batch(task, data, run(tmp_path), position, ALONE)
    for rank in range(2):
        share = loop._batch(task, data, run(tmp_path), position, Workers(rank, 2))
        assert torch.equal(share.images, whole.images[rank::2])
        assert torch.equal(share.layouts, whole.layouts[rank::2])
        assert torch.equal(share.noise.normal("z", 5), whole.noise.normal("z", 5)[rank::2])


def test_images_and_layouts_are_mirrored_together_or_not_at_all(tmp_path):
    data = table(6)
    data.images[:] = data.layouts[:, None] * 255
    for flip in (True, False):
        gan = LinearGAN()
        train(gan.task(phase(24, 6), flip=flip), data, run(tmp_path / str(flip)))
        for batch in gan.seen:
            assert torch.equal((batch.images[:, 0] > 0).long(), batch.layouts)
        stored = {layout.tobytes() for layout in data.layouts.astype(np.int64)}
        found = [layout.numpy().tobytes() in stored for batch in gan.seen for layout in batch.layouts]
        assert all(found) != flip


def test_an_epoch_shows_repeated_pairs_as_often_as_the_split_says_also_in_a_part_of_it(tmp_path):
    data = table(6)
    data = replace(data, split=replace(data.split, repeats=(3, 1, 1, 2, 1, 1)))
    for name, part in (("whole", data), ("part", data.subset(np.array([3, 0])))):
        gan, epoch = LinearGAN(), part.split.epoch
        train(gan.task(phase(epoch, epoch), flip=False), part, run(tmp_path / name))
        shown = [layout.numpy().tobytes() for layout in gan.seen[0].layouts]
        stored = [layout.tobytes() for layout in part.layouts.astype(np.int64)]
        assert [shown.count(layout) for layout in stored] == list(part.split.repeats)
    assert part.split.repeats == (2, 3)
    with pytest.raises(ConfigError, match="data"):
        train(LinearGAN().task(phase(9, 9)), replace(data, split=table(6).split), run(tmp_path / "whole"))


def test_images_span_minus_one_to_one(tmp_path):
    gan = LinearGAN()
    data = table(2)
    data.images[0], data.images[1] = 0, 255
    train(gan.task(phase(2, 2)), data, run(tmp_path))
    assert sorted(gan.seen[0].images.flatten().unique().tolist()) == [-1.0, 1.0]


def test_an_update_moves_only_its_own_parameters(tmp_path):
    gan, fresh = LinearGAN(), LinearGAN()
    task = gan.task()
    only = Update("critic", ("critic",), lambda batch: {"all": gan.critic(gan.images(batch.noise)).square().mean()})
    train(replace(task, updates=(only,)), table(), run(tmp_path))
    for name in ("0.weight", "1.weight", "1.bias", "3.weight", "3.bias"):
        assert not torch.equal(weights(fresh)["c." + name], weights(gan)["c." + name])
    for name in gan.generator.state_dict():
        assert torch.equal(weights(fresh)["g." + name], weights(gan)["g." + name])
    assert all(parameter.requires_grad for parameter in gan.generator.parameters())


def test_an_update_without_terms_takes_no_step(tmp_path):
    gan, fresh = LinearGAN(), LinearGAN()
    gan.generator_losses = gan.critic_losses = lambda batch: {}
    train(gan.task(), table(), run(tmp_path))
    assert same(gan, fresh)


def test_a_loss_that_is_not_finite_stops_with_step_term_and_remedy(tmp_path):
    gan = LinearGAN()
    count = iter(range(100))
    gan.critic_losses = lambda batch: {"fine": gan.critic(batch.images).mean(), "hinge": torch.tensor(
        float("nan") if next(count) == 7 else 0.0)}  # fmt: skip
    with pytest.raises(TrainingDivergedError, match=r"step 7 .*28 of 60.*'hinge' of the critic update is nan.*0\.01"):
        train(gan.task(), table(), run(tmp_path))
    assert all(tensor.isfinite().all() for tensor in weights(gan).values())


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def number(request):
    """A signal handled as in a terminal: started in the background, a shell has SIGINT ignored."""
    usual = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}[request.param]
    found = signal.signal(request.param, usual)
    yield request.param
    signal.signal(request.param, found)


def test_a_signal_saves_says_how_to_go_on_and_puts_handlers_back(tmp_path, number):
    whole = LinearGAN()
    train(whole.task(), table(), run(tmp_path / "whole"))
    before = signal.getsignal(number)
    gan = LinearGAN()

    def report(progress):
        if len(gan.seen) >= 1:
            os.kill(os.getpid(), number)

    with pytest.raises(Interrupted, match=rf"{number.name} after step 1 of 15.*Run the same command again"):
        train(gan.task(), table(), run(tmp_path / "cut", report=report))
    assert signal.getsignal(number) is before
    resumed = LinearGAN()
    train(resumed.task(), table(), run(tmp_path / "cut"))
    assert same(whole, resumed)


def test_a_process_that_stops_with_the_others_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(loop, "_anybody", lambda stop, workers, run: True)
    with pytest.raises(Interrupted, match="Stopped by a signal to another process after step 1 of 15"):
        train(LinearGAN().task(phase(60)), table(), run(tmp_path))


def test_other_threads_install_no_handlers(tmp_path):
    seen = []
    before = signal.getsignal(signal.SIGINT)
    gan = LinearGAN()
    report = lambda progress: seen.append(signal.getsignal(signal.SIGINT))  # noqa: E731
    thread = threading.Thread(target=train, args=(gan.task(), table(), run(tmp_path, report=report)))
    thread.start()
    thread.join()
    assert set(seen) == {before}


def damage(path):
    victim = path / "module.critic.safetensors"
    victim.write_bytes(victim.read_bytes()[:-1] + b"\0\0")


def test_a_damaged_checkpoint_falls_back_to_the_one_before(tmp_path, caplog):
    whole = LinearGAN()
    train(whole.task(), table(), run(tmp_path, checkpoint_every=0.0))
    folders = checkpoint_folders(tmp_path)
    assert [int(path.name) for path in folders] == [15, 14]
    damage(folders[0])
    resumed = LinearGAN()
    with caplog.at_level(logging.WARNING):
        train(resumed.task(), table(), run(tmp_path))
    assert "damaged" in caplog.text
    assert str(folders[0]) in caplog.text
    assert len(resumed.seen) == 1
    assert same(whole, resumed)


def test_all_checkpoints_damaged_is_an_error_with_a_remedy(tmp_path):
    train(LinearGAN().task(), table(), run(tmp_path, checkpoint_every=0.0))
    for path in checkpoint_folders(tmp_path):
        damage(path)
    with pytest.raises(CorruptFileError, match=r"All checkpoints .*module\.critic.*Delete"):
        train(LinearGAN().task(), table(), run(tmp_path))


def test_checkpoints_of_another_run_are_refused(tmp_path):
    train(LinearGAN().task(), table(), run(tmp_path))
    with pytest.raises(ConfigError, match="seed is 3, this run's is 4"):
        train(LinearGAN().task(), table(), run(tmp_path, seed=4))
    with pytest.raises(ConfigError, match="phases"):
        train(LinearGAN().task(phase(64)), table(), run(tmp_path))


def test_no_training_pairs_is_an_error(tmp_path):
    with pytest.raises(DataError, match="empty"):
        train(LinearGAN().task(), table(11).subset(np.arange(0)), run(tmp_path))


def test_records_previews_and_snapshots(tmp_path):
    phases = (phase(40, 4, "a"), phase(15, 3, "b"))
    gan, told = LinearGAN(), []
    train(gan.task(*phases), table(), run(tmp_path, previews=3, snapshots=2, report=told.append))
    lines = [line for line in read_stats(tmp_path) if "losses" in line]
    names = [line["phase"] for line in lines]
    positions = [Schedule(phases).position(line["step"]) for line in lines]
    assert names == [position.phase.name for position in positions] == ["a"] * 10 + ["b"] * 5
    assert [line["images"] for line in lines] == [p.images + p.phase.batch_size for p in positions]
    assert all(set(line["losses"]) == {"generator", "real", "layout"} for line in lines)
    assert (told[-1].images, told[-1].total, told[-1].phase) == (55, 55, "b")
    assert sorted(path.name for path in (tmp_path / "previews").iterdir()) == [
        "000000020.png", "000000040.png", "000000055.png",
    ]  # fmt: skip
    with Image.open(tmp_path / "previews" / "000000055.png") as picture:
        assert picture.size == (8 * 8 + 7 * 2, 2 * 4 + 2)
    assert [path.name for path in gan.snapshots if path.parent.name == "snapshots"] == ["000000032", "000000055"]
    assert list((tmp_path / "curves").iterdir())


def test_curves_of_a_resumed_run_are_those_of_an_uninterrupted_one(tmp_path):
    first, second = LinearGAN(), LinearGAN()
    first.generator_losses = StopAt(first, 8)
    with pytest.raises(RuntimeError, match="power cut"):
        train(first.task(), table(), run(tmp_path, checkpoint_every=0.0))
    damage(checkpoint_folders(tmp_path)[0])  # so that a step is taken again
    train(second.task(), table(), run(tmp_path))
    events = EventAccumulator(str(tmp_path / "curves")).Reload()
    lines = [line for line in read_stats(tmp_path) if "losses" in line]
    assert len(second.seen) == 8
    assert len(list((tmp_path / "curves").iterdir())) == 2
    for name in lines[0]["losses"]:
        shown = [(scalar.step, scalar.value) for scalar in events.Scalars(f"loss/{name}")]
        assert shown == [(line["images"], pytest.approx(line["losses"][name])) for line in lines]


@pytest.mark.parametrize(("left", "file"), [(500, "stats.jsonl"), (2000, "checkpoints/000000007")])
def test_a_full_disk_is_said_in_one_line_and_costs_nothing_done(tmp_path, left, file):
    whole, gan = LinearGAN(), LinearGAN()
    train(whole.task(), table(), run(tmp_path / "whole"))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    losses = gan.generator_losses

    def fill_up(batch):
        if batch.position.step == 6:
            resource.setrlimit(resource.RLIMIT_FSIZE, (left, before[1]))
        return losses(batch)

    gan.generator_losses = fill_up
    try:
        with pytest.raises(BenchError, match=rf"^Cannot write \S*/{file}: File too large\. [^\n]*$"):
            train(gan.task(), table(), run(tmp_path / "cut", checkpoint_every=0.0))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    resumed = LinearGAN()
    train(resumed.task(), table(), run(tmp_path / "cut"))
    assert len(resumed.seen) == 9
    assert same(whole, resumed)
    assert without_times(tmp_path / "whole") == without_times(tmp_path / "cut")


def test_a_curve_that_cannot_be_written_is_an_error_that_can_be_read(tmp_path):
    (tmp_path / "curves").write_text("not a folder")
    with pytest.raises(BenchError, match=r"^Cannot write \S*/curves: "):
        train(LinearGAN().task(), table(), run(tmp_path))


def test_snapshots_and_verdicts_wait_until_the_whole_network_is_trained(tmp_path):
    small = replace(phase(20, 4, "small"), resolution=(2, 4))
    fading = replace(phase(12, 4, "fade"), fading=True)
    gan = LinearGAN()
    train(gan.task(small, fading, phase(16, 4)), table(), run(tmp_path, previews=12, snapshots=2))
    names = [path.name for path in gan.snapshots if path.parent.name == "snapshots"]
    assert names == ["000000040", "000000048"]
    assert len(list((tmp_path / "previews").iterdir())) == 12
    assert sum(path.name == "last_good" for path in gan.snapshots) <= 4


def test_a_line_cut_short_by_a_kill_is_dropped(tmp_path):
    (tmp_path / "stats.jsonl").write_text(json.dumps({"step": 0}) + '\n{"step": 1, "lo')
    assert read_stats(tmp_path) == [{"step": 0}]


def test_bfloat16_trains_and_is_another_run(tmp_path):
    gan = LinearGAN()
    train(gan.task(), table(), run(tmp_path, precision=Precision.BFLOAT16))
    assert all(tensor.isfinite().all() for tensor in weights(gan).values())
    assert weights(gan)["g.weight"].dtype is torch.float32
    with pytest.raises(ConfigError, match="precision"):
        train(LinearGAN().task(), table(), run(tmp_path))
