import pytest
import torch
from torch import nn

from sbgan_bench.losses import (
    PerceptualLoss,
    critic_loss,
    feature_matching,
    generator_loss,
    gradient_penalty,
    hinge_discriminator_loss,
    multiscale_generator_loss,
    multiscale_hinge_discriminator_loss,
)

REAL = torch.tensor([[3.0], [0.5], [-1.0]])
GENERATED = torch.tensor([[-2.0], [0.0], [1.0]])


def test_wasserstein_closed_form():
    assert critic_loss(REAL, GENERATED).item() == pytest.approx(-1 / 3 - 2.5 / 3)
    assert critic_loss(REAL, GENERATED) == -critic_loss(GENERATED, REAL)
    assert generator_loss(GENERATED).item() == pytest.approx(1 / 3)


def test_hinge_closed_form():
    assert hinge_discriminator_loss(REAL, GENERATED).item() == pytest.approx((0 + 0.5 + 2) / 3 + (0 + 1 + 2) / 3)


def test_hinge_vanishes_beyond_the_margin():
    assert hinge_discriminator_loss(torch.tensor([1.0, 7.0]), torch.tensor([-1.0, -9.0])) == 0


@pytest.mark.parametrize("scale", [0.0, 0.3, 1.0, 2.5])
def test_penalty_of_a_linear_critic(scale):
    w = torch.randn(3, 4, 8)
    w *= scale / w.norm()
    real, generated = torch.randn(5, 3, 4, 8), torch.randn(5, 3, 4, 8)
    penalty = gradient_penalty(lambda x: (x * w).sum(dim=(1, 2, 3)), real, generated, torch.rand(5))
    assert penalty.item() == pytest.approx(10 * (scale - 1) ** 2, abs=1e-5)


def test_penalty_is_taken_between_the_two_samples():
    seen = []

    def critic(x):
        seen.append(x.detach())
        return x.square().sum(dim=(1, 2, 3))

    real, generated = torch.ones(2, 1, 2, 2), torch.zeros(2, 1, 2, 2)
    penalty = gradient_penalty(critic, real, generated, torch.tensor([1.0, 0.25]), weight=1.0)
    torch.testing.assert_close(seen[0][:, 0, 0, 0], torch.tensor([1.0, 0.25]))
    assert penalty.item() == pytest.approx(((2 * 2 - 1) ** 2 + (2 * 0.5 - 1) ** 2) / 2)


def test_penalty_trains_the_critic_but_not_the_generator():
    critic = nn.Sequential(nn.Flatten(), nn.Linear(8, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    generated = torch.randn(3, 2, 2, 2, requires_grad=True)
    gradient_penalty(critic.float(), torch.randn(3, 2, 2, 2), generated, torch.rand(3)).backward()
    assert generated.grad is None
    assert critic[1].weight.grad.abs().sum() > 0


def test_penalty_is_float32_under_autocast():
    critic = nn.Sequential(nn.Flatten(), nn.Linear(8, 1))
    arguments = torch.randn(3, 2, 2, 2), torch.randn(3, 2, 2, 2), torch.rand(3)
    plain = gradient_penalty(critic, *arguments)
    with torch.autocast("cpu", torch.bfloat16):
        assert critic(arguments[0]).dtype is torch.bfloat16
        mixed = gradient_penalty(critic, arguments[0].bfloat16().float(), *arguments[1:])
        same = gradient_penalty(critic, *arguments)
    assert mixed.dtype is torch.float32
    assert torch.equal(same, plain)


def stages(*scores):
    return [[torch.full((2, 3, 4, 4), 9.0), torch.full((2, 1, 3, 3), score)] for score in scores]


def test_multiscale_losses_average_the_scores_over_scales():
    assert multiscale_generator_loss(stages(1.0, 3.0)).item() == -2
    loss = multiscale_hinge_discriminator_loss(stages(0.0, 2.0), stages(-0.5, -2.0))
    assert loss.item() == pytest.approx((1 + 0) / 2 + (0.5 + 0) / 2)


def test_feature_matching_sums_stages_averages_scales_and_ignores_scores():
    real = [[torch.zeros(1, 2, 3, 3), torch.zeros(1, 2, 2, 2), torch.tensor(5.0)] for _ in range(2)]
    generated = [[torch.ones(1, 2, 3, 3), -3 * torch.ones(1, 2, 2, 2), torch.tensor(0.0)] for _ in range(2)]
    assert feature_matching(real, generated).item() == pytest.approx(10 * (1 + 3))
    assert feature_matching(real, real) == 0


def test_feature_matching_sends_no_gradient_to_the_real_side():
    real, generated = torch.zeros(1, 1, 2, 2, requires_grad=True), torch.ones(1, 1, 2, 2, requires_grad=True)
    feature_matching([[real, real.sum()]], [[generated, generated.sum()]]).backward()
    assert real.grad is None
    assert generated.grad is not None


class Powers(nn.Module):
    def forward(self, x):
        return [x, x**2]


def test_perceptual_loss_weighs_the_stages():
    loss = PerceptualLoss(Powers(), stage_weights=(0.5, 0.25), weight=2.0)
    generated, real = torch.full((1, 3, 4, 4), 3.0, requires_grad=True), torch.full((1, 3, 4, 4), 1.0)
    value = loss(generated, real)
    assert value.item() == pytest.approx(2 * (0.5 * 2 + 0.25 * 8))
    value.backward()
    assert generated.grad is not None
    assert loss(real, real) == 0


def test_perceptual_loss_refuses_a_wrong_number_of_weights():
    with pytest.raises(ValueError, match="shorter"):
        PerceptualLoss(Powers(), stage_weights=(1.0,))(torch.zeros(1, 3, 2, 2), torch.zeros(1, 3, 2, 2))
