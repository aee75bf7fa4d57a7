"""Drawing label maps from class probabilities so that gradients pass."""

from typing import Any

import torch
from torch import Tensor

from sbgan_bench.samples import LayoutDraw

PROBABILITY_FLOOR = 1e-5  #: added to probabilities before the logarithm, as released
DRAW_FLOOR = 1e-10  #: added to the exponential draws before the logarithm, as released


class _OneHotOfLargest(torch.autograd.Function):
    """One-hot of the largest entry over dimension 1; its gradient is that of the identity."""

    @staticmethod
    def forward(ctx: Any, scores: Tensor) -> Tensor:
        return one_hot_of_largest(scores)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        return gradients[0]


def one_hot_of_largest(scores: Tensor) -> Tensor:
    """Return ``(N, K, H, W)`` with 1 at the largest of the K entries (the first of equals), 0 elsewhere."""
    return torch.zeros_like(scores).scatter_(1, scores.argmax(dim=1, keepdim=True), 1.0)


def gumbel_straight_through(probabilities: Tensor, exponential: Tensor, temperature: float = 1.0) -> Tensor:
    """Draw one class per pixel, straight through (Jang et al. 2017; equation 1 of the SB-GAN paper).

    With S = softmax((log P + G) / temperature), the result is one-hot at the largest S and its gradient is that
    of S. G = -log E is standard Gumbel noise. The floors under both logarithms are the release's.

    Args:
        probabilities: ``(N, K, H, W)`` class probabilities P.
        exponential: ``(N, K, H, W)`` Exponential(1) draws E.
        temperature: Larger is smoother; changes gradients only, not the distribution of the draws.

    Returns:
        ``(N, K, H, W)`` exactly one-hot over K.
    """
    gumbel = -(exponential + DRAW_FLOOR).log()
    soft = (((probabilities + PROBABILITY_FLOOR).log() + gumbel) / temperature).softmax(dim=1)
    hard: Tensor = _OneHotOfLargest.apply(soft)
    return hard


def draw_layout(probabilities: Tensor, exponential: Tensor | None, draw: LayoutDraw) -> Tensor:
    """Turn class probabilities into what the image stage is given.

    Args:
        probabilities: ``(N, K, H, W)`` class probabilities.
        exponential: ``(N, K, H, W)`` Exponential(1) draws; needed by ``LayoutDraw.GUMBEL`` only.
        draw: A sample per pixel, the most probable class, or the probabilities themselves.

    Returns:
        ``(N, K, H, W)``, one-hot except for ``LayoutDraw.SOFT``.

    Raises:
        ValueError: A sample is asked for without draws.
    """
    if draw is LayoutDraw.SOFT:
        return probabilities
    if draw is LayoutDraw.ARGMAX:
        return one_hot_of_largest(probabilities)
    if exponential is None:
        raise ValueError("Drawing layouts with Gumbel noise needs exponential draws, but none were given.")
    return gumbel_straight_through(probabilities, exponential)
