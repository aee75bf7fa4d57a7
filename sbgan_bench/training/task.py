"""What is to be trained, as data: networks, optimisers, phases and updates. The loop knows nothing more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import torch
from torch import Tensor, nn

from sbgan_bench.dataset import Resolution
from sbgan_bench.errors import ConfigError
from sbgan_bench.noise import NoiseSource
from sbgan_bench.samples import SampleBatch
from sbgan_bench.workers import whole_batch


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of training with one batch size and one resolution."""

    name: str  #: "fade 16x32", "stabilise 16x32", "train"
    images: int  #: real images shown in this phase; rounded up to whole batches
    batch_size: int  #: global batch
    resolution: Resolution  #: (H, W) at which the networks work; the task resizes the batch to it
    fading: bool = False  #: whether the newest progressive level is being blended in


@dataclass(frozen=True, slots=True)
class Position:
    """Where in training a step stands."""

    step: int  #: global step, from 0
    images: int  #: real images shown before this step
    total_images: int  #: real images shown when training ends
    phase: Phase
    phase_progress: float  #: share of the phase done after this step, in (0, 1]


@dataclass(frozen=True, slots=True)
class TrainingBatch:
    """One batch of real pairs with its own random numbers, on the training device."""

    images: Tensor  #: (N, 3, H, W) float32 in [-1, 1]
    layouts: Tensor  #: (N, H, W) int64 class ids
    noise: NoiseSource  #: one generator per sample and purpose
    position: Position

    def split(self, parts: int) -> "tuple[TrainingBatch, ...]":
        """Cut the batch into ``parts`` of neighbouring samples, as equal as can be, each with its own noise.

        Raises:
            ConfigError: Processes share the batch and it cannot be cut evenly: then their pieces would not be those of
                one process.
        """
        if parts == 1:
            return (self,)
        workers = whole_batch()
        if not workers.alone and len(self.images) % parts:
            raise ConfigError(
                f"A batch in {parts} pieces cannot be shared by {workers.world} processes: process {workers.rank} has "
                f"{len(self.images)} images of it. Make batch_size a multiple of {parts} times {workers.world}."
            )
        edges = [len(self.images) * i // parts for i in range(parts + 1)]
        return tuple(
            replace(self, images=self.images[a:b], layouts=self.layouts[a:b], noise=self.noise[a:b])
            for a, b in pairwise(edges)
        )


#: Weighted loss terms by name; the loop adds them up, so a weight belongs inside its term.
Losses: TypeAlias = Mapping[str, Tensor]


def _whole(batch: TrainingBatch) -> Sequence[TrainingBatch]:
    return (batch,)


@dataclass(frozen=True, slots=True)
class Update:
    """One step of the optimisers named. Only their parameters require gradients meanwhile."""

    name: str  #: "generator", "discriminator"
    optimizers: tuple[str, ...]
    losses: Callable[[TrainingBatch], Losses]  #: no terms at all: no step this time
    #: What is taken of the batch, in pieces of equal size: one backward pass each, their gradients averaged.
    pieces: Callable[[TrainingBatch], Sequence[TrainingBatch]] = _whole


def _nothing(_: object) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingTask:
    """Everything the loop needs, and everything that must survive a restart."""

    modules: Mapping[str, nn.Module]  #: saved and restored, EMA copies included
    optimizers: Mapping[str, torch.optim.Optimizer]
    phases: tuple[Phase, ...]
    updates: tuple[Update, ...]  #: run in this order at every step
    sample: Callable[[NoiseSource], SampleBatch]  #: scenes for previews and for the collapse check
    flip: bool = True  #: mirror real pairs at random
    begin_phase: Callable[[Phase], None] = _nothing  #: choose the progressive level, say; again after a restart
    begin_step: Callable[[Position], None] = _nothing  #: learning-rate schedules
    end_step: Callable[[Position], None] = _nothing  #: moving averages
    save_snapshot: Callable[[Path], None] = _nothing  #: given a Path: write the model as it is now
