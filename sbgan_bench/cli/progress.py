"""Progress on the screen: a bar per running job and one for the whole, with time left; plain lines in a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from sbgan_bench.suite.engine import Listener
from sbgan_bench.suite.graph import Job
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.plan import Plan
from sbgan_bench.suite.worker import Outcome


class Clock:
    """Says how long the rest will take, from measured costs where the suite has them, else from what went before."""

    def __init__(self, plan: Plan, workers: int) -> None:
        known = [job.seconds for job in plan.jobs.values() if job.seconds is not None]
        typical = sum(known) / len(known) if known else 1.0
        self._cost = {name: typical if job.seconds is None else job.seconds for name, job in plan.jobs.items()}
        self._measured = bool(known)
        self._workers = workers
        self._left = sum(self._cost.values())
        self._done = 0.0
        self._started = time.monotonic()

    def ended(self, job: Job, *, reused: bool) -> None:
        """Count a job as done."""
        self._left -= self._cost[job.id]
        self._done += 0.0 if reused else self._cost[job.id]

    def words(self) -> str:
        """Return "about 5 min left", or nothing while there is nothing to go by."""
        elapsed = time.monotonic() - self._started
        pace = elapsed / self._done if self._done > 0 else 1.0 / self._workers if self._measured else 0.0
        seconds = max(0.0, self._left * pace)
        if not pace:
            return ""
        return f"about {seconds / 60:.0f} min left" if seconds > 90 else f"about {seconds:.0f} s left"


class _Bars:
    """A terminal: bars that move."""

    def __init__(self, bars: Progress, plan: Plan, clock: Clock) -> None:
        self._bars, self._clock = bars, clock
        self._tasks: dict[str, TaskID] = {}
        self._total = bars.add_task("all jobs", total=len(plan.jobs), note="")

    def started(self, job: Job) -> None:
        if job.id in self._tasks:  # it was lost, and is started again
            self._bars.remove_task(self._tasks.pop(job.id))
        self._tasks[job.id] = self._bars.add_task(job.id, total=None, note="")

    def ticked(self, job: Job, tick: Tick) -> None:
        note = f"{tick.done}/{tick.total} {tick.note}"
        self._bars.update(self._tasks[job.id], completed=tick.done, total=tick.total, note=note)

    def ended(self, job: Job, outcome: Outcome, *, reused: bool) -> None:
        self._clock.ended(job, reused=reused)
        if job.id in self._tasks:
            self._bars.remove_task(self._tasks.pop(job.id))
        if outcome.reason:
            self._bars.console.print(f"[red]failed[/red] {job.id}: {outcome.reason}", highlight=False)
        elif not reused:
            self._bars.console.print(f"[green]done[/green] {job.id} ({outcome.seconds:.0f} s)", highlight=False)
        self._bars.update(self._total, advance=1, note=self._clock.words())


class _Lines:
    """A log: one line per job."""

    def __init__(self, plan: Plan, clock: Clock) -> None:
        self._clock = clock
        self._count, self._of = 0, len(plan.jobs)

    def started(self, job: Job) -> None:
        click.echo(f"start  {job.id}", err=True)

    def ticked(self, job: Job, tick: Tick) -> None:
        del job, tick

    def ended(self, job: Job, outcome: Outcome, *, reused: bool) -> None:
        self._clock.ended(job, reused=reused)
        self._count += 1
        word = "failed" if outcome.reason else "reused" if reused else "done"
        why = f": {outcome.reason}" if outcome.reason else f" ({outcome.seconds:.1f} s)"
        click.echo(f"{word:6} {job.id}{why} [{self._count}/{self._of}, {self._clock.words()}]", err=True)


@contextmanager
def progress_listener(plan: Plan, workers: int) -> Iterator[Listener]:
    """Yield a listener fit for where standard error goes."""
    console = Console(stderr=True)
    clock = Clock(plan, workers)
    if not console.is_terminal:
        yield _Lines(plan, clock)
        return
    columns = [
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[note]}", markup=False),
        TimeElapsedColumn(),
    ]
    with Progress(*columns, console=console) as bars:
        yield _Bars(bars, plan, clock)
