"""A plan: jobs by id, and the cells they fill. What ``planning`` makes and everything else reads."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sbgan_bench.dataset import AbstractDataset
from sbgan_bench.hashing import hash_json
from sbgan_bench.results import ResultRow, Status
from sbgan_bench.suite.graph import Job
from sbgan_bench.suite.spec import Suite

#: The splits every suite prepares.
SPLITS = ("train", "selection", "test")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where things lie on this machine; never part of a hash."""

    data: Mapping[str, Path] = field(default_factory=dict)  #: dataset name -> folder
    judge: Path | None = None  #: a judge made elsewhere, for every dataset of the suite


@dataclass(frozen=True, slots=True)
class Cell:
    """One summary row to be: its identity, and the job that will measure it."""

    row: ResultRow  #: without values; complete if no job will measure it
    job: str = ""  #: id of the score job; "" if the cell is skipped, or failed already when planning


@dataclass(slots=True)
class Plan:
    """A suite's work: jobs by id, and the cells they fill."""

    suite: Suite
    jobs: dict[str, Job] = field(default_factory=dict)
    cells: list[Cell] = field(default_factory=list)
    datasets: dict[str, AbstractDataset] = field(default_factory=dict)  #: the ones whose data is present

    def add(self, job: Job) -> str:
        """Add a job unless an equal one is there, and return its id."""
        known = self.jobs.setdefault(job.id, job)
        variants = tuple(dict.fromkeys((*known.variants, *job.variants)))
        if variants != known.variants:
            self.jobs[job.id] = replace(known, variants=variants)
        return job.id


def config_hash(suite: Suite) -> str:
    """Return the sha256 of everything in a suite, as one entry sees it, that can change a number."""
    words = {"name", "title", "summary", "estimate", "entries"}
    return hash_json({key: value for key, value in suite.to_json().items() if key not in words})


def dataset_values(suite: Suite, name: str, sources: Sources) -> dict[str, Any]:
    """Return a dataset's settings with the folder given on the command line."""
    root = {"root": sources.data[name]} if name in sources.data else {}
    return {**suite.datasets.get(name, {}), **root}


def skip_column(plan: Plan, dataset: str, resolution: str, reason: str) -> None:
    """Note every cell of a dataset at a resolution as skipped for ``reason``."""
    suite = plan.suite
    axes = itertools.product(suite.entries, suite.evaluation.protocols, suite.evaluation.metrics)
    for entry, protocol, metric in axes:
        for recipe in entry.recipes:
            row = ResultRow(
                suite=suite.name, model=entry.model, recipe=recipe, variant=entry.variant, preset=suite.preset,
                dataset=dataset, resolution=resolution, protocol=protocol, metric=metric, status=Status.SKIPPED,
                reason=reason,
            )  # fmt: skip
            plan.cells.append(Cell(row))
