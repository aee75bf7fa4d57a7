"""Parity of the Gumbel straight-through draw."""

from collections.abc import Iterator, Mapping
from typing import Any

import torch
from torch import Tensor, nn

from sbgan_bench.networks.gumbel import gumbel_straight_through
from sbgan_bench.parity.case import Case, CaseFacts
from sbgan_bench.parity.family import AbstractFamily


class _Facts(CaseFacts):
    temperature: float
    probs: str  #: class probabilities: a softmax of a draw
    upstream_gradient: str
    exponential: str = ""  #: in words what the stored draws are


class GumbelParity(AbstractFamily):
    """The straight-through draw of a class per pixel and its gradient."""

    name = "gumbel"
    words = ("gumbel",)
    inputs = ("exponential",)
    facts: _Facts

    def __init__(self, case: Case) -> None:
        self.case = case
        self.facts = _Facts.parse(dict(case.facts), case.origin)

    @classmethod
    def recognises(cls, facts: Mapping[str, Any]) -> bool:
        """Whether it says so, or names no network but a temperature: there is no network in it."""
        return super().recognises(facts) or ("network" not in facts and {"temperature", "probs"} <= facts.keys())

    def networks(self) -> Mapping[str, nn.Module]:
        """Return nothing: the draw has no weights."""
        return {}

    def outputs(self, networks: Mapping[str, nn.Module]) -> Iterator[tuple[str, Tensor]]:
        """Draw, and send the upstream gradient back."""
        del networks
        probabilities = self.case.draw(self.facts.probs).requires_grad_()
        output = gumbel_straight_through(probabilities, self.case.array("exponential"), self.facts.temperature)
        upstream = self.case.draw(self.facts.upstream_gradient)
        (gradient,) = torch.autograd.grad(output, probabilities, upstream)
        yield "output", output
        yield "index", output.argmax(dim=1, keepdim=True)
        yield "grad_probs", gradient
