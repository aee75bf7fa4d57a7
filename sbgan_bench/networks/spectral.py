"""Convolutions with spectral normalisation (Miyato et al. 2018), with the state dict of PyTorch's classic hook."""

from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

EPSILON = 1e-12  #: smallest length a vector is divided by, as in PyTorch


class SpectralConv2d(nn.Conv2d):
    """A convolution whose weight is divided by an estimate of its largest singular value.

    Keys, shapes and numbers are those of ``torch.nn.utils.spectral_norm(nn.Conv2d(...))``: the parameter
    ``weight_orig`` and the buffers ``weight_u`` and ``weight_v``. Every forward in training mode runs one power
    iteration, none in evaluation mode. Unlike with the hook, no tensor of the last graph stays on the module, so
    that it can be copied at any time.
    """

    weight_u: Tensor
    weight_v: Tensor

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        weight = self.weight
        del self.weight
        self.weight_orig = nn.Parameter(weight.detach())
        self.register_buffer("weight_u", F.normalize(torch.ones(weight.shape[0]), dim=0))
        self.register_buffer("weight_v", F.normalize(torch.ones(weight[0].numel()), dim=0))

    def normalized_weight(self) -> Tensor:
        """Return weight / sigma; in training mode after one power iteration."""
        if self.training:
            self.power_iteration()
        # Clones, because a second forward before the backward pass overwrites the buffers.
        u, v = self.weight_u.clone(), self.weight_v.clone()
        sigma = torch.dot(u, torch.mv(self.weight_orig.flatten(1), v))
        return self.weight_orig / sigma

    @torch.no_grad()
    def power_iteration(self, times: int = 1) -> None:
        """Bring ``weight_u`` and ``weight_v`` nearer to the first singular vectors of the weight."""
        matrix = self.weight_orig.flatten(1)
        for _ in range(times):
            self.weight_v.copy_(F.normalize(torch.mv(matrix.t(), self.weight_u), dim=0, eps=EPSILON))
            self.weight_u.copy_(F.normalize(torch.mv(matrix, self.weight_v), dim=0, eps=EPSILON))

    def forward(self, input: Tensor) -> Tensor:
        """Convolve ``input`` with the normalised weight."""
        return cast("Tensor", self._conv_forward(input, self.normalized_weight(), self.bias))
