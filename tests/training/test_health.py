import logging

import numpy as np
import pytest
from training.linear_task import LinearGAN, phase, table

from sbgan_bench.samples import SampleBatch
from sbgan_bench.training.health import collapsed, diversity
from sbgan_bench.training.loop import train
from sbgan_bench.training.records import read_stats
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import Phase


def test_reals_have_diversity_one_and_one_scene_repeated_has_none():
    data = table(12)
    everything = SampleBatch(np.array(data.images), np.array(data.layouts))
    assert diversity(everything, data) == pytest.approx(1)
    assert diversity(SampleBatch(np.repeat(data.images[:1], 8, axis=0)), data) == 0
    assert diversity(SampleBatch(layouts=np.repeat(data.layouts[:1], 8, axis=0)), data) == 0


def test_the_less_diverse_of_images_and_layouts_counts():
    data = table(12)
    assert diversity(SampleBatch(np.array(data.images), np.repeat(data.layouts[:1], 12, axis=0)), data) == 0


def test_order_does_not_matter():
    data = table(12)
    assert diversity(SampleBatch(data.images[::-1].copy()), data) == pytest.approx(
        diversity(SampleBatch(np.array(data.images)), data)
    )


class Fading(LinearGAN):
    """Diverse until ``until`` steps, one scene from then on, diverse again after ``again``."""

    def __init__(self, until: int, again: int = 10**9) -> None:
        super().__init__()
        self.until, self.again = until, again

    def sample(self, noise):
        images = np.array(table(16).images)
        if self.until < len(self.seen) < self.again:
            images[:] = images[0]
        return SampleBatch(images)


def fit(gan, folder):
    train(gan.task(phase(40, 4)), table(), TrainingRun(folder=folder, seed=0, previews=10))
    return [line for line in read_stats(folder) if "event" in line]


def test_a_collapse_is_said_once_and_the_last_good_model_kept(tmp_path, caplog):
    gan = Fading(until=6)
    with caplog.at_level(logging.WARNING):
        (event,) = fit(gan, tmp_path)
    assert (event["event"], event["step"]) == ("collapsed", 6)
    assert len(caplog.records) == 1
    assert [path.name for path in gan.snapshots].count("last_good") == 6
    assert "collapsed at step 6 (28 images)" in collapsed(tmp_path)


def test_a_run_that_never_was_diverse_has_collapsed_at_its_end(tmp_path):
    gan = Fading(until=-1)
    (event,) = fit(gan, tmp_path)
    assert event["step"] == 9
    assert all(path.name != "last_good" for path in gan.snapshots)
    assert collapsed(tmp_path)


def test_scenes_of_a_network_that_still_grows_are_not_judged(tmp_path):
    gan = Fading(until=5)  # diverse while it grows, one scene from then on
    growing = Phase("small", 24, 4, (2, 4))
    train(gan.task(growing, phase(16, 4)), table(), TrainingRun(folder=tmp_path, seed=0, previews=10))
    (event,) = [line for line in read_stats(tmp_path) if "event" in line]
    assert (event["event"], event["step"], event["best"]) == ("collapsed", 9, 0)
    assert not gan.snapshots or all(path.name != "last_good" for path in gan.snapshots)


def test_a_recovered_or_healthy_run_is_not_collapsed(tmp_path):
    assert [event["event"] for event in fit(Fading(until=3, again=7), tmp_path / "a")] == ["collapsed", "recovered"]
    assert collapsed(tmp_path / "a") == ""
    assert fit(Fading(until=100), tmp_path / "b") == []
    assert collapsed(tmp_path / "b") == ""
    assert collapsed(tmp_path / "nothing here") == ""
