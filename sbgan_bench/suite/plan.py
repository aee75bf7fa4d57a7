"""A plan: jobs by id, and the cells they fill. What ``planning`` makes and everything else reads."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sbgan_bench.config_hash import config_hash_of
from sbgan_bench.dataset import AbstractDataset
from sbgan_bench.errors import PluginImportError
from sbgan_bench.model import AbstractModel
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.results import Origin, ResultRow, Status
from sbgan_bench.samples import LayoutSource
from sbgan_bench.suite.graph import Job
from sbgan_bench.suite.measurable import metric_record, readable
from sbgan_bench.suite.spec import Entry, Suite

#: The splits every suite prepares.
SPLITS = ("train", "selection", "test")


@dataclass(frozen=True, slots=True)
class Sources:
    """Where things lie on this machine; never part of a hash."""

    data: Mapping[str, Path] = field(default_factory=dict)  #: dataset name -> folder
    judge: Path | None = None  #: a judge made elsewhere, for every dataset of the suite
    weights: Mapping[str, Path] = field(default_factory=dict)  #: protocol -> file of its weights
    trusted: bool = False  #: whether weights other than the published ones are accepted, and marked


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
    absent: dict[str, str] = field(default_factory=dict)  #: the others, with what they need

    def add(self, job: Job) -> str:
        """Add a job unless an equal one is there, and return its id."""
        known = self.jobs.setdefault(job.id, job)
        variants = tuple(dict.fromkeys((*known.variants, *job.variants)))
        if variants != known.variants:
            self.jobs[job.id] = replace(known, variants=variants)
        return job.id


def config_hash(suite: Suite) -> str:
    """Return the sha256 of everything in a suite, as one entry sees it, that can change a number."""
    return config_hash_of(suite.to_json())


def dataset_values(suite: Suite, name: str, sources: Sources) -> dict[str, Any]:
    """Return a dataset's settings with the folder given on the command line."""
    root = {"root": sources.data[name]} if name in sources.data else {}
    return {**suite.datasets.get(name, {}), **root}


def skip_entries(
    plan: Plan, suite: Suite, entries: Sequence[Entry], dataset: str, resolution: str, reason: str
) -> None:
    """Note every cell of entries in one column as skipped for ``reason``; ``suite`` is as that column sees it."""
    pairs = readable(suite.evaluation.protocols, suite.evaluation.metrics)
    for entry, (protocol, metric) in itertools.product(entries, pairs):
        recipes = (Origin.IMPORTED.value,) if entry.saved else entry.recipes
        for recipe, source in itertools.product(recipes, _layout_sources(entry)):
            row = ResultRow(
                suite=suite.name, model=entry.model, recipe=recipe, variant=entry.variant, preset=suite.preset,
                dataset=dataset, resolution=resolution, layout_source=source, protocol=protocol, metric=metric,
                better=metric_record(metric).better, status=Status.SKIPPED, reason=reason,
            )  # fmt: skip
            plan.cells.append(Cell(row))


def _layout_sources(entry: Entry) -> Sequence[LayoutSource]:
    """Return the sources of layouts that an entry would have rows for."""
    try:
        kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, entry.model)
    except PluginImportError:
        return entry.layout_sources or (LayoutSource.NONE,)
    return entry.layout_sources or tuple(sorted(kind.layout_sources))


def without_duplicates(cells: Sequence[Cell]) -> list[Cell]:
    """Keep one cell of those with one identity: one that is measured rather than one that is skipped.

    Entries may overlap, and an entry that stands in some columns alone may leave the others to another entry.
    """
    measured = {_identity(cell) for cell in cells if cell.job}
    kept: dict[tuple[str, ...], Cell] = {}
    for cell in cells:
        whole_entry = not cell.job and cell.row.training_seed is None
        if not (whole_entry and _identity(cell) in measured):
            kept.setdefault(cell.row.cell(), cell)
    return list(kept.values())


def _identity(cell: Cell) -> tuple[str, ...]:
    row = cell.row
    return (
        row.dataset, row.resolution, row.model, row.recipe, row.variant, row.layout_source, row.protocol, row.metric,
    )  # fmt: skip
