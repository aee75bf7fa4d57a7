"""What benchmarks share: seconds of a call, and a table whose rows say whether a promise was kept.

Seconds are counted in two ways. Wall seconds are what a person waits, and depend on whoever else uses the machine. CPU
seconds, of the process and of those it started, hardly do, so ratios are ratios of CPU seconds.
"""

import contextlib
import os
import platform
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from unittest import mock

import numpy
import scipy
import torch

_Value = TypeVar("_Value")
_WIDTHS = (72, 9, 9, 9, 12, 6)


@dataclass(frozen=True)
class Spent:
    """Seconds."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: "Spent") -> "Spent":
        return Spent(self.wall - other.wall, self.cpu - other.cpu)

    def __mul__(self, factor: float) -> "Spent":
        return Spent(self.wall * factor, self.cpu * factor)


def now() -> Spent:
    """Return the clocks: wall time, and CPU time of this process and of those that it started and that ended."""
    times = os.times()
    return Spent(time.perf_counter(), time.process_time() + times.children_user + times.children_system)


def timed(function: Callable[[], _Value], repeats: int = 1) -> tuple[_Value, Spent]:
    """Return what a function returns, and what it cost: of several calls the cheapest, after one to warm up."""
    if repeats > 1:
        function()
    costs = []
    for _ in range(repeats):
        start = now()
        value = function()
        costs.append(now() - start)
    return value, min(costs, key=lambda spent: spent.cpu)


def timed_in_turn(ways: Sequence[Callable[[], _Value]], repeats: int) -> list[tuple[_Value, Spent]]:
    """Time several ways to do a thing, one after the other, over and over, so that none has the quieter machine."""
    rounds = [[timed(way) for way in ways] for _ in range(repeats)]
    return [min(results, key=lambda result: result[1].cpu) for results in zip(*rounds, strict=True)]


class Stopwatch:
    """What calls of some functions cost in all, wherever they are called from."""

    def __init__(self) -> None:
        self.total = Spent()

    @contextlib.contextmanager
    def on(self, *places: tuple[Any, str]) -> Iterator["Stopwatch"]:
        """Count the calls of functions, each given by its module and its name there, while the block runs."""
        with contextlib.ExitStack() as stack:
            for module, name in places:
                stack.enter_context(mock.patch.object(module, name, self._watched(getattr(module, name))))
            yield self

    def _watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **options: Any) -> Any:
            value, spent = timed(lambda: function(*args, **options))
            self.total += spent
            return value

        return call


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """Run a block and the processes that it starts with so many threads, on as many cores where the system can."""
    before = torch.get_num_threads()
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_setaffinity") else set()
    torch.set_num_threads(count)
    if cores:
        os.sched_setaffinity(0, sorted(cores)[:count])
    try:
        yield
    finally:
        torch.set_num_threads(before)
        if cores:
            os.sched_setaffinity(0, cores)


def heading(title: str) -> None:
    """Print a title, the conditions, and the head of the table."""
    busy = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    print(f"\n{title}")
    print(
        f"{os.cpu_count()} cores, load {busy}, Python {platform.python_version()}, torch {torch.__version__}, "
        f"numpy {numpy.__version__}, scipy {scipy.__version__}"
    )
    if os.environ.get("OMP_NUM_THREADS") != "1":
        print("numpy's own threads are not counted in: set OMP_NUM_THREADS=1, as tox does")
    _print("what", "wall s", "CPU s", "ratio", "promised", "")


def row(what: str, spent: Spent | None = None, ratio: float | None = None, promised: float | None = None) -> None:
    """Print one row: what was done, its seconds, how many times this project's it is, and what was promised."""
    _print(
        what,
        "" if spent is None else f"{spent.wall:.2f}",
        "" if spent is None else f"{spent.cpu:.2f}",
        "" if ratio is None else f"{ratio:,.2f}x",
        "" if promised is None else f">= {promised:,g}x",
        verdict(ratio >= promised) if ratio is not None and promised is not None else "",
    )


def limit(what: str, value: float, most: float, unit: str = "") -> None:
    """Print one row of something that must stay below a limit."""
    _print(what, "", "", f"{value:.3g}", f"<= {most:g} {unit}".rstrip(), verdict(value <= most))


def verdict(kept: bool) -> str:
    """Return the word for a promise."""
    return "met" if kept else "MISSED"


def _print(*cells: str) -> None:
    first, *rest = (cell.ljust(width) if index == 0 else cell.rjust(width)
                    for index, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=True)))  # fmt: skip
    print(" ".join([first, *rest]).rstrip(), flush=True)
