"""What a job is given, and the readers of other jobs' outputs that several kinds share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sbgan_bench.dataset import AbstractDataset, PairTable
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.draws import Draws
from sbgan_bench.errors import BenchError
from sbgan_bench.model import AbstractModel, load_model
from sbgan_bench.results import Reals
from sbgan_bench.splits import Partition
from sbgan_bench.storage import read_json
from sbgan_bench.suite.graph import Job
from sbgan_bench.workers import ALONE, Workers

#: File names inside job folders.
TABLE, JUDGE, MODEL, TRAINING, ROWS = "table.json", "judge.safetensors", "model", "training.json", "rows.jsonl"
DISTANCES = "distances.json"


@dataclass(frozen=True, slots=True)
class Tick:
    """How far a job is."""

    done: int
    total: int
    note: str = ""  #: what it is at, for people


@dataclass(frozen=True, slots=True, kw_only=True)
class JobContext:
    """Everything a job may look at. Only ``job`` and the contents of ``inputs`` decide its output."""

    job: Job
    folder: Path  #: where the output goes; may hold the beginnings of a killed attempt
    inputs: Mapping[str, Path]  #: role -> folder of a finished job
    cache: Path  #: content-addressed tables and features, shared between runs
    device: torch.device
    datasets: Mapping[str, Mapping[str, Any]]  #: dataset name -> settings, folder included
    judge: Path | None  #: the file given with --judge
    weights: Mapping[str, Path]  #: protocol -> file given with --weights
    trusted: bool  #: whether weights other than the published ones are accepted, and marked
    report: Callable[[Tick], None]
    workers: Workers = ALONE  #: this process among those that do the job together

    @property
    def config(self) -> Mapping[str, Any]:
        """The job's own configuration."""
        return self.job.config

    def dataset(self, name: str) -> AbstractDataset:
        """Open a dataset of the suite."""
        return open_dataset(name, dict(self.datasets[name]), f"dataset {name}")

    def table(self, role: str) -> PairTable:
        """Open the split that the PREPARE job behind ``role`` made; made again if the cache was emptied."""
        entry = read_json(self.inputs[role] / TABLE)
        height, width = entry["resolution"]
        table = prepare(self.dataset(entry["dataset"]), entry["split"], (height, width), self.cache)
        if table.fingerprint != entry["fingerprint"]:
            raise BenchError(f"The files of dataset {entry['dataset']!r} changed while the suite ran; start it again.")
        return table

    def model(self, role: str = "model") -> AbstractModel:
        """Load the model that the job behind ``role`` left, on the job's device."""
        return load_model(self.inputs[role] / MODEL, self.device)

    def sampling_seeds(self, start: int, stop: int) -> range:
        """Seeds of the generated images ``start`` to ``stop``; the same for every model."""
        first = int(self.config["sampling_seed"])
        return range(first + start, first + stop)

    def test_groups(self) -> tuple[str, ...]:
        """Groups of the test reals that must not be parted (blocks of time), one per pair; empty if there are none."""
        return tuple(read_json(self.inputs["test"] / TABLE)["groups"])

    @property
    def reals(self) -> Reals:
        """Which reals are the reference."""
        return Reals(self.config.get("reals", Reals.DISJOINT))

    def draws(self) -> Draws:
        """How this job draws reals and cuts trials."""
        return Draws(
            num=int(self.config["num_samples"]),
            trials=int(self.config.get("trials", 1)),
            seed=int(self.config["split_seed"]),
            reals=self.reals,
            groups=self.test_groups(),
        )

    def real_partition(self) -> Partition:
        """Split the test reals into N reference reals and N others, as trial 0 does; serves real layouts.

        Where the reference is the same in every trial, there are no others: the reference reals stand for them.
        """
        return self.draws().layout_donors(int(read_json(self.inputs["test"] / TABLE)["pairs"]))


def real_layouts(context: JobContext) -> NDArray[np.uint8]:
    """Return the ``(N, H, W)`` layouts given to models, of reals disjoint from the reference where there are such."""
    test = context.table("test")
    layouts: NDArray[np.uint8] = test.layouts[context.real_partition().other]
    return layouts
