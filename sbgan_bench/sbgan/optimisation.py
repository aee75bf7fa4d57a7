"""Adam and its learning rates, the same for every stage."""

from collections.abc import Mapping, Sequence

import torch
from torch import nn

from sbgan_bench.training.task import Position

#: The phase in which learning rates fall to zero.
DECAY = "decay"


def adam(network: nn.Module, rate: float, betas: tuple[float, float]) -> torch.optim.Adam:
    """Return Adam over a network's parameters, all of one rate."""
    return torch.optim.Adam(network.parameters(), lr=rate, betas=betas)


def set_rates(
    position: Position,
    rates: Mapping[str, float],
    optimizers: Mapping[str, torch.optim.Optimizer],
    decaying: Sequence[str],
) -> None:
    """Give every optimiser its rate; in the decay phase those of ``decaying`` fall linearly, to zero after its end."""
    for name, optimizer in optimizers.items():
        share = 1.0
        if position.phase.name == DECAY and name in decaying:
            share -= position.phase_progress - position.phase.batch_size / position.phase.images
        for group in optimizer.param_groups:
            group["lr"] = rates[name] * max(0.0, share)
