import pytest
import torch
from torch import nn

from sbgan_bench.networks.ema import ExponentialAverage


def network():
    return nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))


def fill(module, value):
    with torch.no_grad():
        for tensor in module.state_dict().values():
            tensor.fill_(value)


def test_a_constant_network_is_its_own_average():
    source = network()
    ema = ExponentialAverage(source, 0.9)
    for step in range(5):
        ema.update(source, step)
    assert all(torch.equal(v, source.state_dict()[k]) for k, v in ema.average.state_dict().items())


def test_the_old_weight_decays_geometrically_buffers_included():
    source = network()
    fill(source, 1)
    ema = ExponentialAverage(source, 0.9)
    fill(source, 0)
    for step in range(7):
        ema.update(source, step)
    state = ema.average.state_dict()
    for key in ("0.weight", "1.running_var"):
        torch.testing.assert_close(state[key], torch.full_like(state[key], 0.9**7))
    assert state["1.num_batches_tracked"] == 0


def test_before_its_start_it_copies():
    source = network()
    ema = ExponentialAverage(source, 0.5, start_step=3)
    for step, value in enumerate([1.0, 2.0, 4.0, 8.0]):
        fill(source, value)
        ema.update(source, step)
        expected = value if step < 3 else 6.0
        assert ema.average.state_dict()["0.bias"].tolist() == pytest.approx([expected, expected])


def test_it_is_a_frozen_evaluated_copy_with_the_same_keys():
    source = network()
    average = ExponentialAverage(source, 0.9).average
    assert list(average.state_dict()) == list(source.state_dict())
    assert not average.training
    assert not any(p.requires_grad for p in average.parameters())
    fill(source, 3)
    assert not any((v == 3).all() for v in average.state_dict().values() if v.is_floating_point())
