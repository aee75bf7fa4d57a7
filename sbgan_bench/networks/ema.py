"""Moving averages of a network's weights."""

import copy

import torch
from torch import nn


class ExponentialAverage:
    """An exponential moving average of a network, buffers included (BigGAN-PyTorch; Karras et al. 2018, section 5).

    ``average`` is a copy of the network, in evaluation mode, with the very same state-dict keys, to be sampled from
    and saved like any other module. Before ``start_step`` it equals the network. Integer buffers are copied.

    Args:
        network: What is averaged; copied here.
        decay: Share of the old average kept by each update: average ← decay · average + (1 - decay) · network.
        start_step: First step at which averaging happens.
    """

    def __init__(self, network: nn.Module, decay: float, start_step: int = 0) -> None:
        self.average = copy.deepcopy(network).requires_grad_(False).eval()
        self.decay = decay
        self.start_step = start_step

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take in the network as it is after ``step``."""
        source = network.state_dict()
        for key, mean in self.average.state_dict().items():
            if step < self.start_step or not mean.is_floating_point():
                mean.copy_(source[key])
            else:
                mean.lerp_(source[key], 1 - self.decay)
