"""What ``run --dry-run`` prints: the graph of jobs, an estimate, and the cells that cannot be."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sbgan_bench.suite.graph import Job, JobKind, topological, urgency
from sbgan_bench.suite.plan import Plan


@dataclass(frozen=True, slots=True)
class Description:
    """A plan in words and numbers."""

    title: str
    jobs: tuple[Job, ...]  #: inputs first
    skips: tuple[tuple[str, str], ...]  #: cell, reason
    workers: int
    seconds: float | None  #: estimated wall time; None if some job's cost was never measured
    unmeasured: int  #: jobs without an estimate

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "title": self.title,
            "workers": self.workers,
            "estimated_seconds": self.seconds,
            "jobs_without_estimate": self.unmeasured,
            "jobs": [
                {
                    "id": job.id,
                    "kind": job.kind,
                    "inputs": dict(job.inputs),
                    "seconds": job.seconds,
                    "sizes": _sizes(job),
                }
                for job in self.jobs
            ],
            "skipped": [{"cell": cell, "reason": reason} for cell, reason in self.skips],
        }

    def text(self) -> str:
        """Return lines for people."""
        counts = Counter(job.kind.value for job in self.jobs)
        kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
        lines = [self.title, f"{len(self.jobs)} jobs ({kinds}), {self.workers} at a time", ""]
        for job in self.jobs:
            cost = "      ?" if job.seconds is None else f"{job.seconds:6.0f}s"
            size = ", ".join(f"{key} {value}" for key, value in _sizes(job).items())
            after = f"  after {', '.join(job.inputs.values())}" if job.inputs else ""
            lines.append(f"{cost}  {job.id}{f' ({size})' if size else ''}{after}")
        lines.append("")
        for cell, reason in self.skips:
            lines.append(f"skipped: {cell}: {reason}")
        if self.seconds is None:
            lines.append("Estimate: none, the suite has no measured costs.")
        else:
            gap = f", {self.unmeasured} jobs without a measured cost left out" if self.unmeasured else ""
            lines.append(
                f"Estimate: about {self.seconds / 60:.0f} min{gap} (costs measured for the suite's own sizes)."
            )
        return "\n".join(lines)


def _sizes(job: Job) -> dict[str, Any]:
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


def describe(plan: Plan, workers: int) -> Description:
    """Describe a plan as it would run with ``workers`` jobs at a time."""
    jobs = tuple(topological(plan.jobs))
    costs = [job.seconds for job in jobs if job.seconds is not None]
    seconds = None
    if costs:
        seconds = max(sum(costs) / workers, max(urgency(plan.jobs).values()))
    skips = {}
    for cell in plan.cells:
        if not cell.job:
            row = cell.row
            axes = (row.model, row.recipe, row.variant, row.dataset, row.resolution, row.layout_source)
            name = "/".join(filter(None, axes))
            skips[name] = row.reason
    return Description(
        title=plan.suite.title,
        jobs=jobs,
        skips=tuple(skips.items()),
        workers=workers,
        seconds=seconds,
        unmeasured=len(jobs) - len(costs),
    )
