"""What ``run --dry-run`` says: tables cell by cell, jobs, an estimate, what data is missing, what cannot be."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sbgan_bench.errors import BenchError
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.questions import is_standard
from sbgan_bench.report.definitions import definitions
from sbgan_bench.results import FLOOR, ResultRow
from sbgan_bench.suite.graph import Job, JobKind, topological, urgency
from sbgan_bench.suite.plan import Cell, Plan

#: Heading of the cells that stand in no table of their own.
YARDSTICKS = "Beside every table: yardsticks"
OTHERS = "In none of these tables"

#: Jobs that belong to one model; the others serve all.
_OWN = frozenset(
    {JobKind.TRAIN, JobKind.SELECT, JobKind.RESETTLE, JobKind.LOAD, JobKind.FEATURES, JobKind.SCORE, JobKind.GAN_TRAIN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One cell of a printed table: a model in a column, with all its seeds, protocols and metrics."""

    table: str
    dataset: str
    resolution: str
    model: str
    recipe: str
    variant: str
    layout_source: str
    training_images: int | None
    seeds: tuple[int, ...]
    protocols: tuple[str, ...]
    metrics: tuple[str, ...]
    num_samples: int
    seconds: float | None  #: with every stage before it; None if no cost is known
    reason: str  #: why it is skipped; "" if it is planned

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def place(self) -> tuple[str, str]:
        """Dataset and size."""
        return self.dataset, self.resolution

    @property
    def title(self) -> str:
        """The model as printed."""
        if self.model == FLOOR:
            return "real against other real (the floor)"
        try:
            title = load_plugin(PluginGroup.MODELS, self.model).title
        except BenchError:
            title = self.model
        recipe = "" if self.recipe in ("", "default") else self.recipe
        words = ", ".join(filter(None, (title, recipe)))
        sized = f", {self.training_images} images" if self.training_images is not None else ""
        return f"{words}{f' ({self.variant})' if self.variant else ''}{sized}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """A plan in words and numbers."""

    title: str
    jobs: tuple[Job, ...]  #: inputs first; those of absent data at the end
    lines: tuple[Line, ...]  #: in order of tables
    needs: Mapping[str, str]  #: dataset -> what it needs, "" if it is here
    skips: tuple[tuple[str, str], ...]  #: cell, reason
    workers: int
    seconds: float | None  #: estimated wall time; None if some job's cost was never measured
    totals: Mapping[str, float]  #: seconds of all jobs by dataset, each counted once
    unmeasured: int  #: jobs without an estimate
    basis: str  #: how the estimates came about; "" if they were measured
    changed: tuple[str, ...]  #: options that changed the sizes that estimates are for

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "title": self.title,
            "workers": self.workers,
            "data": [{"dataset": name, "here": not needs, "needs": needs} for name, needs in self.needs.items()],
            "cells": [line.to_json() for line in self.lines],
            "estimated_seconds": self.seconds,
            "estimated_seconds_by_dataset": dict(self.totals),
            "estimate_basis": self.basis or "measured",
            "sizes_changed_by": list(self.changed),
            "jobs_without_estimate": self.unmeasured,
            "jobs": [
                {
                    "id": job.id,
                    "kind": job.kind,
                    "inputs": dict(job.inputs),
                    "after": sorted(set(job.inputs.values())),
                    "seconds": job.seconds,
                    "sizes": sizes_of(job),
                }
                for job in self.jobs
            ],
            "skipped": [{"cell": cell, "reason": reason} for cell, reason in self.skips],
        }


def sizes_of(job: Job) -> dict[str, Any]:
    """Return what says how large a job is, as far as its configuration holds it."""
    if job.kind is JobKind.TRAIN:
        images = job.config["training_images"]
        shown = {
            "images": job.config["settings"].get("images"),
            "batch_size": job.config["settings"].get("batch_size"),
        }
        sizes = {"seed": job.config["seed"], "training_images": "all" if images is None else images, **shown}
    else:
        sizes = {key: job.config.get(key) or None for key in ("count", "num_samples", "trials", "samples")}
    return {key: value for key, value in sizes.items() if value is not None}


def describe(plan: Plan, imagined: Plan, workers: int, changed: Sequence[str] = ()) -> Description:
    """Describe a plan as it would run with ``workers`` jobs at a time.

    Args:
        plan: What would run.
        imagined: What would run besides if the absent data were here.
        workers: Jobs at a time.
        changed: Options of the command line that changed the sizes that the suite's estimates are for.
    """
    everything = {**imagined.jobs, **plan.jobs}
    jobs = (*topological(plan.jobs), *topological(imagined.jobs))
    costs = [job.seconds for job in jobs if job.seconds is not None]
    seconds = max(sum(costs) / workers, max(urgency(everything).values())) if costs else None
    cells = [cell for cell in plan.cells if cell.row.dataset not in plan.absent] + imagined.cells
    return Description(
        title=plan.suite.title,
        jobs=jobs,
        lines=_lines(plan, cells, everything),
        needs={name: plan.absent.get(name, "") for name in plan.suite.grid.dataset_names},
        skips=_skips(plan.cells),
        workers=workers,
        seconds=seconds,
        totals=_totals(jobs),
        unmeasured=len(jobs) - len(costs),
        basis=plan.suite.estimate_basis,
        changed=tuple(changed) if costs else (),
    )


def _skips(cells: Sequence[Cell]) -> tuple[tuple[str, str], ...]:
    skips = {}
    for cell in cells:
        if not cell.job:
            row = cell.row
            axes = (row.model, row.recipe, row.variant, row.dataset, row.resolution, row.layout_source)
            skips["/".join(filter(None, axes))] = row.reason
    return tuple(skips.items())


def _totals(jobs: Sequence[Job]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for job in jobs:
        if job.seconds is not None and "dataset" in job.config:
            totals[job.config["dataset"]] = totals.get(job.config["dataset"], 0.0) + job.seconds
    return totals


def _tables_of(plan: Plan, row: ResultRow) -> list[str]:
    """Return the titles of the tables that a cell stands in."""
    if is_standard(row):
        return [YARDSTICKS]
    wanted = [one for group in definitions(plan.suite.tables).values() for one in group]
    titles = [one.title for one in wanted if row.layout_source in one.sources and one.select([row])]
    return titles or [OTHERS]


def _lines(plan: Plan, cells: Sequence[Cell], jobs: Mapping[str, Job]) -> tuple[Line, ...]:
    groups: dict[tuple[Any, ...], list[Cell]] = {}
    for cell in cells:
        row = cell.row
        size = row.training_images if plan.suite.grid.training_images else None
        axes = (row.dataset, row.resolution, row.model, row.recipe, row.variant, row.layout_source.value, size)
        for title in _tables_of(plan, row):
            groups.setdefault((title, *axes), []).append(cell)
    lines = [_line(key, group, jobs) for key, group in groups.items()]
    titles = [one.title for group in definitions(plan.suite.tables).values() for one in group]
    order = [record.title for record in plan.suite.tables] or titles
    places = list(plan.suite.grid.places)
    ranks = {title: rank for rank, title in enumerate((*order, YARDSTICKS, OTHERS))}
    return tuple(sorted(lines, key=lambda line: (ranks[line.table], places.index(line.place))))


def _line(key: tuple[Any, ...], cells: Sequence[Cell], jobs: Mapping[str, Job]) -> Line:
    title, dataset, resolution, model, recipe, variant, source, size = key
    rows = [cell.row for cell in cells]
    planned = [cell for cell in cells if cell.job]
    return Line(
        table=title,
        dataset=dataset,
        resolution=resolution,
        model=model,
        recipe=recipe,
        variant=variant,
        layout_source=source,
        training_images=size,
        seeds=tuple(dict.fromkeys(row.training_seed for row in rows if row.training_seed is not None)),
        protocols=tuple(dict.fromkeys(row.protocol for row in rows)),
        metrics=tuple(dict.fromkeys(row.metric for row in rows)),
        num_samples=rows[0].num_real,
        seconds=_cost({cell.job for cell in planned}, jobs),
        reason="" if planned else rows[0].reason,
    )


def _cost(goals: set[str], jobs: Mapping[str, Job]) -> float | None:
    """Return the seconds of some jobs and of everything before them that belongs to a model; None if unknown."""
    wanted: set[str] = set()
    queue = list(goals)
    while queue:
        name = queue.pop()
        if name not in wanted:
            wanted.add(name)
            queue += jobs[name].inputs.values()
    known = [jobs[name].seconds for name in wanted if jobs[name].kind in _OWN]
    return sum(filter(None, known)) if any(seconds is not None for seconds in known) else None
