"""DRN-D segmenters: laws that need no recorded output."""

import pytest
import torch

from sbgan_bench.networks.drn import INPUT_MEAN, INPUT_STD, DRNArch, DRNSegmenter, initialise


@pytest.fixture(scope="module")
def network():
    made = DRNSegmenter(DRNArch.D_22, 3)
    initialise(made, 5)
    return made.eval()


def images(n=2, height=32, width=48):
    return torch.randn(n, 3, height, width, generator=torch.Generator().manual_seed(0))


@torch.no_grad()
def test_probabilities_sum_to_one_and_evaluation_does_not_mix_samples(network):
    x = images()
    y = network(x)
    torch.testing.assert_close(y.exp().sum(dim=1), torch.ones(2, 32, 48))
    torch.testing.assert_close(y[1:], network(x[1:]), rtol=1e-4, atol=1e-4)
    assert torch.equal(network(x), y)


def test_the_kernel_that_enlarges_is_a_fixed_tent(network):
    tent = torch.tensor([1 - abs(i - 7.5) / 8 for i in range(16)])
    for channel in network.up.weight:
        torch.testing.assert_close(channel[0], tent[:, None] * tent[None])
    assert not network.up.weight.requires_grad
    assert "up.weight" in network.state_dict()
    assert "up.weight" not in {name for name, p in network.named_parameters() if p.requires_grad}


@torch.no_grad()
def test_enlarging_keeps_constants_and_slopes(network):
    row = torch.arange(6.0)
    ramp = row.expand(1, 3, 4, 6)
    large = network.up(ramp)[0, 0, 16, 8:-8]
    torch.testing.assert_close(large.diff(), torch.full((31,), 1 / 8))
    torch.testing.assert_close(network.up(torch.ones(1, 3, 4, 6))[..., 8:-8, 8:-8], torch.ones(1, 3, 16, 32))


@pytest.mark.parametrize("arch", [DRNArch.D_22, DRNArch.D_105])
def test_initial_weights_have_the_spread_of_their_fan_out_and_depend_on_the_seed_alone(arch):
    first, again, other = (DRNSegmenter(arch, 7) for _ in range(3))
    for made, seed in ((first, 1), (again, 1), (other, 2)):
        initialise(made, seed)
    state = first.state_dict()
    assert all(torch.equal(state[key], tensor) for key, tensor in again.state_dict().items())
    assert not torch.equal(state["seg.weight"], other.state_dict()["seg.weight"])
    for key, tensor in state.items():
        if tensor.ndim == 4 and tensor.numel() > 4000 and key != "up.weight":
            expected = (2 / (tensor.shape[0] * tensor.shape[2] ** 2)) ** 0.5
            assert tensor.std().item() == pytest.approx(expected, rel=0.06), key
            assert abs(tensor.mean().item()) < 0.1 * expected, key
        if ".bn1." in key:
            assert (tensor == float(key.endswith(("weight", "running_var")))).all()
    assert not state["seg.bias"].any()
    assert torch.equal(state["up.weight"], other.state_dict()["up.weight"])


def test_layers_five_and_six_are_dilated_in_every_block_and_stride_is_eight():
    network = DRNSegmenter(DRNArch.D_54, 2)
    for layer, dilation in ((3, 1), (4, 1), (5, 2), (6, 4)):
        for block in network.base[layer]:
            assert (block.conv2.dilation, block.conv2.padding) == ((dilation,) * 2,) * 2
    convolutions = [(name, m) for name, m in network.base.named_modules() if isinstance(m, torch.nn.Conv2d)]
    strides = [m.stride[0] for name, m in convolutions if "downsample" not in name]
    assert torch.tensor(strides).prod() == 8
    assert network.base[7][0].dilation == (2, 2)
    assert network.base[8][0].dilation == (1, 1)


def test_inputs_are_normalised_by_cityscapes_colours():
    assert INPUT_MEAN == (0.2901, 0.3281, 0.2870)
    assert INPUT_STD == (0.1830, 0.1866, 0.1845)
