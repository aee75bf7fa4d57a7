"""Learning rates and phase lengths against the release's own rules, written down step by step."""

import pytest
import torch
from torch import nn

from sbgan_bench.sbgan.image_training import decaying_phases
from sbgan_bench.sbgan.optimisation import adam, set_rates
from sbgan_bench.sbgan.progressive_training import ProgressiveSettings, by_level
from sbgan_bench.suite.models import model_settings
from sbgan_bench.suite.spec import read_suite
from sbgan_bench.training.schedule import Schedule, steps_of

RATE = 2e-4


def released_rates(niter: int, niter_decay: int) -> list[float]:
    """The rate of each epoch: changed at an epoch's end, and only once the epoch's number is above ``niter``."""
    rates, rate = [], RATE
    for epoch in range(1, niter + niter_decay + 1):
        rates.append(rate)
        if epoch > niter:
            rate -= RATE / niter_decay
    return rates


@pytest.mark.parametrize(("niter", "niter_decay"), [(100, 100), (30, 30), (3, 5), (0, 4)])
def test_rates_at_the_beginning_of_every_epoch_are_the_releases(niter, niter_decay):
    images, batch = 12, 4
    phases = decaying_phases(niter * images, niter_decay * images, batch, (32, 64))
    schedule, network = Schedule(phases), nn.Linear(1, 1)
    optimizers: dict[str, torch.optim.Optimizer] = {"generator": adam(network, RATE, (0.0, 0.9))}
    found = []
    for step in range(0, schedule.total_steps, images // batch):
        set_rates(schedule.position(step), {"generator": RATE}, optimizers, ("generator",))
        found.append(optimizers["generator"].param_groups[0]["lr"])
    expected = released_rates(niter, niter_decay)
    assert expected[: niter + 1] == [RATE] * (niter + 1)
    assert found == pytest.approx(expected)


def batch_at_256(batch: int, gpus: int) -> int:
    """What remains of a batch at 256 pixels: a quarter, a third or a half, the first that keeps whole shares."""
    for divisor in (4, 3, 2):
        if batch // gpus >= divisor and batch % divisor == 0:
            return batch // divisor
    return batch


DATASETS = {"cityscapes-5k": ("256x512", 2_975, 150), "cityscapes-25k": ("256x512", 40_821, 20),
            "ade-indoor": ("256x256", 4_377, 100)}  # fmt: skip


@pytest.mark.parametrize("dataset", DATASETS)
def test_phases_are_as_long_as_the_releases_and_batches_fall_by_its_rule(dataset):
    resolution, images, epochs = DATASETS[dataset]
    settings = model_settings(read_suite("paper-tables").at(dataset, resolution), "layout-stage")
    assert isinstance(settings, ProgressiveSettings)
    batches = by_level(settings.batch_size, 7)
    assert len(set(batches[:6])) == 1
    assert batches[6] == batch_at_256(batches[5], gpus=1)
    height, width = (int(side) for side in resolution.split("x"))
    phases = settings.phases((height, width))
    assert [phase.fading for phase in phases] == [False] + [True, False] * 6
    for phase in phases:
        released = int(epochs * images / phase.batch_size)  # whole batches, the rest dropped; here it is kept
        assert 0 <= steps_of(phase) - released <= 1


def test_the_256_pixel_rule_takes_the_largest_divisor_that_fits():
    assert [batch_at_256(batch, 1) for batch in (16, 32, 36, 6, 9, 2, 5)] == [4, 8, 9, 2, 3, 1, 5]
    assert batch_at_256(16, 8) == 8
