import pytest
import torch

from sbgan_bench.networks.labels import instance_edges, one_hot_layouts
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling, init_xavier, initialise

RESOLUTION = {
    Upsampling.SMALL: (16, 32),
    Upsampling.NORMAL: (32, 64),
    Upsampling.MORE: (64, 128),
    Upsampling.MOST: (128, 128),
}


def make(upsampling=Upsampling.SMALL, label_gradient=LabelGradient.FULL, **options):
    network = SPADEGenerator(
        label_channels=4,
        base_width=2,
        resolution=RESOLUTION[upsampling],
        upsampling=upsampling,
        hidden=8,
        label_gradient=label_gradient,
        **options,
    )
    initialise(network, 0)
    return network


def layouts(height, width, n=2, classes=4):
    return torch.randint(0, classes, (n, height, width), generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("upsampling", Upsampling)
def test_images_have_the_asked_resolution_and_range(upsampling):
    height, width = RESOLUTION[upsampling]
    images = make(upsampling)(one_hot_layouts(layouts(height, width), 4))
    assert images.shape == (2, 3, height, width)
    assert images.abs().max() <= 1


def test_an_unreachable_resolution_is_refused():
    with pytest.raises(ValueError, match="20×32"):
        SPADEGenerator(
            label_channels=4,
            base_width=2,
            resolution=(20, 32),
            upsampling=Upsampling.SMALL,
            label_gradient=LabelGradient.FULL,
        )


def gradient_at(label_gradient):
    network = make(label_gradient=label_gradient).eval()
    labels = one_hot_layouts(layouts(16, 32), 4).requires_grad_()
    network(labels).square().sum().backward()
    assert labels.grad is not None
    return labels.grad.abs().sum(dim=(0, 1)) > 0


def test_entry_gradients_reach_the_sampled_positions_only():
    reached = torch.zeros(16, 32, dtype=torch.bool)
    reached[::8, ::8] = True
    assert torch.equal(gradient_at(LabelGradient.ENTRY), reached)


def test_full_gradients_reach_every_position():
    assert gradient_at(LabelGradient.FULL).all()


def test_both_gradient_modes_paint_the_same_image():
    labels = one_hot_layouts(layouts(16, 32), 4)
    full, entry = make(label_gradient=LabelGradient.FULL), make(label_gradient=LabelGradient.ENTRY)
    assert torch.equal(full(labels), entry(labels))


def test_evaluation_does_not_mix_samples():
    network, labels = make().eval(), one_hot_layouts(layouts(16, 32, n=3), 4)
    torch.testing.assert_close(network(labels)[1:2], network(labels[1:2]))


def test_soft_labels_at_the_corners_are_hard_ones():
    network, ids = make().eval(), layouts(16, 32)
    sharp = (1000 * one_hot_layouts(ids, 4)).softmax(dim=1)
    torch.testing.assert_close(network(sharp), network(one_hot_layouts(ids, 4)))


def test_initialisation_is_xavier_with_gain_and_depends_on_the_seed_alone():
    torch.manual_seed(5)
    network = make(Upsampling.NORMAL)
    torch.manual_seed(6)
    again = make(Upsampling.NORMAL)
    state = network.state_dict()
    assert all(torch.equal(state[k], v) for k, v in again.state_dict().items())
    weight = state["head_0.conv_0.weight_orig"].clone()
    assert weight.std().item() == pytest.approx(0.02 * (2 / (2 * 32 * 9)) ** 0.5, rel=0.05)
    assert state["head_0.conv_0.weight_u"].norm().item() == pytest.approx(1)
    assert not state["head_0.conv_0.bias"].any()
    init_xavier(network, gain=1.0, generator=torch.Generator().manual_seed(1))
    assert network.state_dict()["head_0.conv_0.weight_orig"].std() > 40 * weight.std()


@pytest.mark.parametrize("dont_care", [False, True])
def test_one_hot_is_the_inverse_of_argmax(dont_care):
    ids = layouts(6, 8)
    one_hot = one_hot_layouts(ids, 4, dont_care=dont_care)
    assert one_hot.shape == (2, 4 + dont_care, 6, 8)
    assert torch.equal(one_hot.argmax(1), ids)
    assert torch.equal(one_hot.sum(1), torch.ones(2, 6, 8))


def test_label_255_has_a_channel_of_its_own_only_on_request():
    ids = layouts(6, 8)
    ids[0, 0, 0] = 255
    one_hot = one_hot_layouts(ids, 4, dont_care=True)
    assert one_hot[0, 4, 0, 0] == 1
    assert one_hot[:, 4].sum() == 1
    with pytest.raises(RuntimeError, match="index 255"):
        one_hot_layouts(ids, 4)


def test_both_pixels_of_a_differing_pair_are_edges():
    instances = torch.tensor([[[7, 7, 7, 9], [7, 7, 7, 9], [7, 7, 7, 7]]])
    expected = torch.tensor([[[0, 0, 1, 1], [0, 0, 1, 1], [0, 0, 0, 1]]])
    assert torch.equal(instance_edges(instances)[:, 0], expected.float())
    assert not instance_edges(torch.full((1, 4, 4), 3)).any()
