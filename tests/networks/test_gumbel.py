import numpy as np
import pytest
import torch

from sbgan_bench.networks.gumbel import draw_layout, gumbel_straight_through
from sbgan_bench.samples import LayoutDraw


def exponential(*shape, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_exponential(shape, np.float32))


def probabilities(*shape, seed=1):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed)).softmax(dim=1)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 4.0])
def test_classes_are_drawn_with_their_probabilities(temperature):
    p = torch.tensor([0.5, 0.3, 0.15, 0.05])
    n = 40_000
    drawn = gumbel_straight_through(
        p.view(1, 4, 1, 1).expand(1, 4, 200, 200), exponential(1, 4, 200, 200), temperature
    )
    frequencies = drawn.mean(dim=(0, 2, 3))
    assert ((frequencies - p).abs() < 4 * (p * (1 - p) / n).sqrt() + 1e-4).all()


def test_the_draw_is_exactly_one_hot():
    drawn = gumbel_straight_through(probabilities(2, 5, 8, 16), exponential(2, 5, 8, 16))
    assert set(drawn.unique().tolist()) == {0.0, 1.0}
    assert torch.equal(drawn.sum(dim=1), torch.ones(2, 8, 16))


def test_the_gradient_is_that_of_the_softmax():
    p, draws, upstream = probabilities(2, 5, 4, 8).requires_grad_(), exponential(2, 5, 4, 8), torch.randn(2, 5, 4, 8)
    soft = (((p + 1e-5).log() - (draws + 1e-10).log()) / 0.7).softmax(dim=1)
    (expected,) = torch.autograd.grad((soft * upstream).sum(), p)
    (got,) = torch.autograd.grad((gumbel_straight_through(p, draws, 0.7) * upstream).sum(), p)
    torch.testing.assert_close(got, expected)


def test_extreme_draws_and_probabilities_stay_finite():
    p = torch.tensor([1.0, 0.0]).view(1, 2, 1, 1).repeat(1, 1, 4, 8).requires_grad_()
    drawn = gumbel_straight_through(p, torch.zeros(1, 2, 4, 8))
    drawn[:, 0].sum().backward()
    assert p.grad is not None
    assert torch.isfinite(p.grad).all()


def test_layouts_are_drawn_as_asked():
    p, draws = probabilities(2, 5, 4, 8), exponential(2, 5, 4, 8)
    assert draw_layout(p, None, LayoutDraw.SOFT) is p
    assert torch.equal(draw_layout(p, None, LayoutDraw.ARGMAX).argmax(1), p.argmax(1))
    assert torch.equal(draw_layout(p, draws, LayoutDraw.GUMBEL), gumbel_straight_through(p, draws))
    with pytest.raises(ValueError, match="exponential"):
        draw_layout(p, None, LayoutDraw.GUMBEL)
