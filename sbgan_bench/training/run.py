"""What the harness hands to a model that is about to be trained."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from sbgan_bench.precision import Precision as Precision
from sbgan_bench.reporting import no_report
from sbgan_bench.workers import ALONE, Workers


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training run is."""

    images: int  #: real images shown so far
    total: int  #: real images shown when it ends
    phase: str  #: name of the current phase
    losses: dict[str, float]  #: the last logged value of every loss term


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingRun:
    """Where and how a model is trained. Nothing here but ``seed`` and ``precision`` may change a number."""

    folder: Path  #: checkpoints, stats.jsonl, curves and previews go here; resumed from if they exist
    seed: int  #: training seed: initial weights, noise, order of the data
    device: torch.device = torch.device("cpu")
    precision: Precision = Precision.FLOAT32
    report: Callable[[Progress], None] = no_report  #: called about once a second
    checkpoint_every: float = 60.0  #: seconds between resumable checkpoints
    #: Models kept at evenly spaced moments of the time in which the whole network is trained, the end included; more
    #: than 1 allows "best".
    snapshots: int = 1
    previews: int = 8  #: sample sheets drawn at evenly spaced moments, the end included
    workers: Workers = ALONE  #: this process among those that share the run
