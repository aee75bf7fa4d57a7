"""Progress of work that goes through a few stages one after the other: a bar each, with time left; lines in a log."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

#: Seconds between two lines in a log.
_EVERY = 20.0


class Stages(Protocol):
    """Somebody to tell how far a stage is."""

    def show(self, stage: str, done: int, total: int, note: str = "") -> None:
        """Say that ``done`` of ``total`` parts of a stage are done."""


class _Bars:
    """A terminal: bars that move."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, TaskID] = {}

    def show(self, stage: str, done: int, total: int, note: str = "") -> None:
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total, note=note)
        self._bars.update(self._tasks[stage], completed=done, total=total, note=note)


class _Lines:
    """A log: a line now and then."""

    def __init__(self, quiet: float) -> None:
        self._quiet = quiet
        self._began: dict[str, tuple[float, int]] = {}
        self._said = -_EVERY

    def show(self, stage: str, done: int, total: int, note: str = "") -> None:
        now = time.monotonic()
        started, skipped = self._began.setdefault(stage, (now, done))
        if now - started < self._quiet:
            return
        if now - self._said < _EVERY and done < total:
            return
        self._said = now
        fresh = done - skipped
        left = (now - started) / fresh * (total - done) if fresh else 0.0
        rest = f", about {left / 60:.1f} min left" if left else ""
        click.echo(f"{stage}: {done} of {total}{f' ({note})' if note else ''}{rest}", err=True)


@contextmanager
def shown_stages(quiet: float = 0.0) -> Iterator[Stages]:
    """Yield what shows progress in the way that fits where standard error goes.

    Args:
        quiet: Seconds that a stage may take before a log hears of it.
    """
    console = Console(stderr=True)
    if not console.is_terminal:
        yield _Lines(quiet)
        return
    columns = [
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        TimeRemainingColumn(),
    ]
    with Progress(*columns, console=console) as bars:
        yield _Bars(bars)
