"""The processes that share one training run, and what they tell each other.

The batch is global: each process works on its share of it, and gradients, batch statistics and losses are those of the
whole. What is the same everywhere (weights, averages, power iterations) is never exchanged, since every process
computes it from the same numbers.
"""

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from typing import cast

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.autograd.function import FunctionCtx

#: Numbers of gradients exchanged in one message.
BUCKET = 8_000_000


@dataclass(frozen=True, slots=True)
class Workers:
    """The processes of one run; each takes every ``world``-th sample of the global batch."""

    rank: int = 0  #: this process; only rank 0 writes files
    world: int = 1  #: number of processes

    @property
    def alone(self) -> bool:
        """Whether there is nobody to talk to."""
        return self.world == 1

    @property
    def writes(self) -> bool:
        """Whether this is the one process that writes files."""
        return self.rank == 0

    def share(self, batch_size: int) -> range:
        """Return the places of the global batch that this process works on."""
        return range(self.rank, batch_size, self.world)

    def totals(self, values: Sequence[float], device: torch.device) -> list[float]:
        """Return the sum of each value over all processes; the same everywhere, also where one is NaN."""
        if self.alone:
            return list(values)
        kind = torch.float32 if device.type == "mps" else torch.float64
        tensor = torch.tensor(values, dtype=kind, device=device)
        dist.all_reduce(tensor)
        summed: list[float] = tensor.tolist()
        return summed

    def sum_gradients(self, parameters: Iterable[nn.Parameter]) -> None:
        """Add up the gradients of all processes, in place. Parameters without one have none in any process."""
        if self.alone:
            return
        for bucket in _buckets([parameter.grad for parameter in parameters if parameter.grad is not None]):
            flat = torch.cat([gradient.flatten() for gradient in bucket])
            dist.all_reduce(flat)
            parts = torch.split(flat, [gradient.numel() for gradient in bucket])
            for gradient, part in zip(bucket, parts, strict=True):
                gradient.copy_(part.view_as(gradient))

    def wait(self) -> None:
        """Wait until every process is here."""
        if not self.alone:
            dist.barrier()


def _buckets(gradients: Sequence[Tensor]) -> Iterator[list[Tensor]]:
    """Yield neighbouring gradients of one kind, until there are enough for one message."""
    bucket: list[Tensor] = []
    for gradient in gradients:
        full = bucket and sum(map(Tensor.numel, bucket)) + gradient.numel() > BUCKET
        if bucket and (full or gradient.dtype != bucket[0].dtype):
            yield bucket
            bucket = []
        bucket.append(gradient)
    if bucket:
        yield bucket


class _Sum(torch.autograd.Function):
    """The sum over processes; what comes back is summed likewise, by the same function, so that it can be derived."""

    @staticmethod
    def forward(ctx: FunctionCtx, part: Tensor) -> Tensor:
        del ctx
        whole = part.clone(memory_format=torch.contiguous_format)
        dist.all_reduce(whole)
        return whole

    @staticmethod
    def backward(ctx: FunctionCtx, *gradients: Tensor) -> Tensor:
        del ctx
        return cast("Tensor", _Sum.apply(gradients[0]))


#: A run in one process.
ALONE = Workers()

_SHARING: ContextVar[Workers] = ContextVar("the processes that share the batch at hand", default=ALONE)


@contextlib.contextmanager
def sharing(workers: Workers) -> Iterator[None]:
    """While a block computes on this process's share of a batch, let layers see the whole one."""
    token = _SHARING.set(workers)
    try:
        yield
    finally:
        _SHARING.reset(token)


def whole_batch() -> Workers:
    """Return the processes that share the batch at hand; one, outside training."""
    return _SHARING.get()


def summed(part: Tensor) -> Tensor:
    """Return the sum of ``part`` over the processes that share the batch; differentiable as often as one likes.

    Its gradient is the sum over the processes too, so that each holds its share of the gradient of the sum of all
    losses.
    """
    return part if whole_batch().alone else cast("Tensor", _Sum.apply(part))


def gathered(part: Tensor) -> Tensor:
    """Return the samples of the whole batch, ``(N, ...)`` in global order, from this process's share of them.

    Differentiable as ``summed`` is.
    """
    workers = whole_batch()
    if workers.alone:
        return part
    total = int(workers.totals([len(part)], part.device)[0])
    places = torch.tensor(workers.share(total), device=part.device)
    return summed(part.new_zeros(total, *part.shape[1:]).index_copy(0, places, part))
