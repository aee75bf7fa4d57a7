"""The straight-through draw and its gradient are the released ones."""

import pytest
import torch
from parity_cases import Case, normal

from sbgan_bench.networks.gumbel import gumbel_straight_through


@pytest.mark.parametrize(
    ("name", "seed", "upstream_seed"),
    [("gumbel_straight_through", 5, 6), ("gumbel_straight_through_tau_half", 25, 27)],
)
def test_draw_and_gradient_are_the_released_ones(name, seed, upstream_seed):
    case = Case(name)
    shape = case.arrays["output"].shape
    probabilities = normal(seed, *shape).softmax(dim=1).requires_grad_()
    output = gumbel_straight_through(probabilities, case.tensor("exponential"), case.facts["temperature"])
    output.backward(normal(upstream_seed, *shape))
    assert torch.equal(output.argmax(1, keepdim=True), case.tensor("index"))
    case.check("output", output)
    assert probabilities.grad is not None
    case.check("grad_probs", probabilities.grad)
