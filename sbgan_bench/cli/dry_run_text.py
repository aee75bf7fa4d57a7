"""The description of a plan as lines for people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from sbgan_bench.cli.dry_run import Description, Line, sizes_of
from sbgan_bench.samples import LayoutSource
from sbgan_bench.suite.graph import Job, JobKind

#: Plans with more jobs are told by their tables alone.
_MOST_JOBS = 40
#: Skipped cells that are named one by one.
_NAMED = 3
#: Jobs that are counted and not listed: there is one of each for every cell.
_MEASURING = (
    JobKind.FEATURES,
    JobKind.SCORE,
    JobKind.GALLERY,
    JobKind.NEAREST,
    JobKind.GAN_TRAIN,
    JobKind.COMPARE,
    JobKind.SUMMARY,
)


def lines_of(plan: Description) -> Iterator[str]:
    """Yield the lines."""
    counts = Counter(job.kind.value for job in plan.jobs)
    kinds = ", ".join(f"{count} {kind}" for kind, count in counts.items())
    yield plan.title
    yield f"{len(plan.jobs)} jobs ({kinds}), {plan.workers} at a time"
    yield ""
    yield from _data(plan)
    yield from _tables(plan)
    yield from _jobs(plan)
    yield from _skips(plan)
    yield from _estimate(plan)


def _data(plan: Description) -> Iterator[str]:
    for name, needs in plan.needs.items():
        yield f"data: {name}: {needs or 'here'}"
    yield ""


def _tables(plan: Description) -> Iterator[str]:
    for table, lines in groupby(plan.lines, lambda line: line.table):
        yield table
        for _, here in groupby(lines, lambda line: line.place):
            yield from _column(plan, list(here))
    if plan.lines:
        yield f"The {_unit(plan)} of a cell holds the stages it starts from; they are shared, so cells do not add up."
        yield ""


def _column(plan: Description, lines: list[Line]) -> Iterator[str]:
    """Yield what one table holds of one dataset at one size: planned cells one by one, skipped ones by reason."""
    first = next((line for line in lines if not line.reason), lines[0])
    missing = " (data missing)" if plan.needs.get(first.dataset) else ""
    yield f"  {first.dataset} {first.resolution}{missing}: {_terms(first)}"
    skipped: dict[str, list[str]] = {}
    for line in lines:
        if line.reason:
            skipped.setdefault(line.reason, []).append(f"{line.title}{_source(line)}")
        else:
            yield f"    {'?' if line.seconds is None else _time(line.seconds):>9}  {line.title}{_source(line)}"
    for reason, titles in skipped.items():
        yield f"    {'skipped':>9}  {'; '.join(titles)}: {reason}"


def _terms(line: Line) -> str:
    seeds = f"training seed{'s' if len(line.seeds) > 1 else ''} {', '.join(map(str, line.seeds))}; "
    number = f"N = {line.num_samples}; " if line.num_samples else ""
    return f"{seeds if line.seeds else ''}{number}{', '.join(line.protocols)} by {', '.join(line.metrics)}"


def _source(line: Line) -> str:
    return " from real layouts" if line.layout_source == LayoutSource.REAL else ""


def _time(seconds: float) -> str:
    if seconds < 3600:
        return f"{seconds:,.0f} s" if seconds < 600 else f"{seconds / 60:,.0f} min"
    hours = seconds / 3600
    return f"{hours:,.1f} h" if hours < 100 else f"{hours:,.0f} h"


def _unit(plan: Description) -> str:
    return "GPU time" if "GPU" in plan.basis else "time"


def _jobs(plan: Description) -> Iterator[str]:
    """Yield the graph: the jobs that make something one by one if they are few, the others by kind."""
    making = [job for job in plan.jobs if job.kind not in _MEASURING]
    few = len(making) <= _MOST_JOBS
    if few:
        for job in making:
            yield f"{_seconds(job.seconds)}  {job.id}{_words(job)}"
    kinds = {job.id: job.kind for job in plan.jobs}
    for kind in _MEASURING if few else JobKind:
        jobs = [job for job in plan.jobs if job.kind is kind]
        known = [job.seconds for job in jobs if job.seconds is not None]
        if jobs:
            number = f"{len(jobs)} jobs" if len(jobs) > 1 else "1 job"
            before = {kinds[parent] for job in jobs for parent in job.inputs.values()}
            after = _after([one.value for one in JobKind if one in before])
            yield f"{_seconds(sum(known) if known else None)}  {kind}: {number}{after}"
    if not few:
        yield f"{len(plan.jobs)} jobs; one by one, with what each waits for: --format json"
    yield ""


def _seconds(seconds: float | None) -> str:
    return "      ?" if seconds is None else f"{seconds:6.0f}s"


def _words(job: Job) -> str:
    size = ", ".join(f"{key} {value}" for key, value in sizes_of(job).items())
    after = _after([_short(parent) for parent in dict.fromkeys(job.inputs.values())])
    return f"{f' ({size})' if size else ''}{after}"


def _after(names: Sequence[str]) -> str:
    return f"  after {', '.join(names)}" if names else ""


def _short(job: str) -> str:
    """Return enough of a job's id to tell it from the other inputs of one job."""
    kind, *rest = job.split("/")
    return "/".join([kind, rest[-1]] if kind == JobKind.PREPARE else [kind, *rest[:2]])


def _skips(plan: Description) -> Iterator[str]:
    """Yield the reasons that neither the tables nor the data have given yet."""
    said = {*plan.needs.values(), *(line.reason for line in plan.lines)}
    by_reason: dict[str, list[str]] = {}
    for cell, reason in plan.skips:
        if reason not in said:
            by_reason.setdefault(reason, []).append(cell)
    for reason, cells in by_reason.items():
        more = f" and {len(cells) - _NAMED} more" if len(cells) > _NAMED else ""
        yield f"skipped: {', '.join(cells[:_NAMED])}{more}: {reason}"


def _estimate(plan: Description) -> Iterator[str]:
    if plan.seconds is None:
        yield "Estimate: none, the suite has no measured costs."
        return
    for name, seconds in plan.totals.items():
        yield f"{_time(seconds):>9}  {name}"
    if len(plan.totals) > 1:
        yield f"{_time(sum(plan.totals.values())):>9}  all datasets"
    yield f"These sums are {_unit(plan)} of all jobs, each counted once."
    jobs = "job" if plan.unmeasured == 1 else "jobs"
    gap = f", {plan.unmeasured} {jobs} without a known cost left out" if plan.unmeasured else ""
    basis = f"not measured: {plan.basis}" if plan.basis else "costs measured for the suite's own sizes"
    yield f"Estimate: about {_long(plan.seconds)} with {plan.workers} at a time{gap} ({basis})."
    if plan.changed:
        yield f"{' and '.join(plan.changed)} changed the sizes: the estimate is for the suite's own, not for these."


def _long(seconds: float) -> str:
    return f"{seconds / 60:.0f} min" if seconds < 10 * 3600 else f"{seconds / 3600:,.0f} h"
