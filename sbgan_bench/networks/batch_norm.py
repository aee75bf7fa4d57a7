"""Batch normalisation whose statistics are those of the whole batch, also where several processes share it.

``torch.nn.SyncBatchNorm`` does the same on accelerators and refuses CPU tensors; here one piece of code serves both,
with the numbers and the state-dict keys of ``torch.nn.BatchNorm2d``.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench.workers import summed, whole_batch


def batch_norm(
    x: Tensor,
    running_mean: Tensor | None,
    running_var: Tensor | None,
    weight: Tensor | None = None,
    bias: Tensor | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Tensor:
    """Normalise ``(N, C, H, W)`` per channel, as ``torch.nn.functional.batch_norm`` (Ioffe and Szegedy 2015).

    Where processes share the batch, mean and variance are those of all samples, and gradients pass through them.
    """
    if not training or whole_batch().alone:
        return F.batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps)
    wide = x.to(torch.promote_types(x.dtype, torch.float32))
    count = summed(wide.new_tensor(float(wide.numel() // wide.shape[1])))
    mean = summed(wide.sum(dim=(0, 2, 3))) / count
    centred = wide - mean[:, None, None]
    variance = summed(centred.square().sum(dim=(0, 2, 3))) / count
    if running_mean is not None and running_var is not None:
        with torch.no_grad():
            running_mean.lerp_(mean.to(running_mean.dtype), momentum)
            running_var.lerp_((variance * count / (count - 1)).to(running_var.dtype), momentum)
    scale = (variance + eps).rsqrt()
    scale = scale if weight is None else scale * weight
    normalised = centred * scale[:, None, None]
    return (normalised if bias is None else normalised + bias[:, None, None]).to(x.dtype)


class BatchNorm2d(nn.BatchNorm2d):
    """``torch.nn.BatchNorm2d``, in training with the statistics of the whole batch."""

    def forward(self, input: Tensor) -> Tensor:
        """Normalise ``(N, C, H, W)``."""
        if not self.training or whole_batch().alone:
            return super().forward(input)
        assert self.momentum is not None  # no network here averages over all batches
        if self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
        return batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, True, self.momentum, self.eps
        )
