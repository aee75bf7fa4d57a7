import copy

import pytest
import torch
from torch import nn

from sbgan_bench.networks.initialisation import init_xavier
from sbgan_bench.networks.spectral import SpectralConv2d


def make(gain=1.0):
    conv = SpectralConv2d(6, 8, 3, padding=1)
    init_xavier(conv, gain=gain, generator=torch.Generator().manual_seed(3))
    return conv


def test_the_normalised_weight_converges_to_unit_spectral_norm():
    conv = make()
    conv.power_iteration(200)
    sigma = torch.linalg.matrix_norm(conv.eval().normalized_weight().flatten(1), ord=2)
    assert sigma.item() == pytest.approx(1, abs=1e-4)


def test_it_goes_through_training_like_the_classic_hook():
    ours = make()
    classic = nn.utils.spectral_norm(nn.Conv2d(6, 8, 3, padding=1))
    classic.load_state_dict(ours.state_dict())
    x = torch.randn(2, 6, 5, 7)
    for network in (ours, classic):
        (network(x) + network(x)).square().sum().backward()
        network.eval()
    for key, value in classic.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[key], value)
    torch.testing.assert_close(ours.weight_orig.grad, classic.weight_orig.grad)
    torch.testing.assert_close(ours(x), classic(x))


def test_evaluation_changes_no_buffer_and_a_used_layer_can_be_copied():
    conv = make()
    conv(torch.randn(1, 6, 4, 4)).sum().backward()
    conv.eval()
    before = {k: v.clone() for k, v in conv.state_dict().items()}
    copied = copy.deepcopy(conv)
    copied(torch.randn(1, 6, 4, 4))
    assert all(torch.equal(before[k], v) for k, v in copied.state_dict().items())


def test_gradients_agree_with_finite_differences():
    conv = make().double().eval()
    x = torch.randn(1, 6, 3, 3, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda v, w: torch.func.functional_call(conv, {"weight_orig": w}, v), (x, conv.weight_orig)
    )
    assert torch.autograd.gradgradcheck(lambda v: conv(v).square(), x)
