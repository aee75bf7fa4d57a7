"""Carrying a plan out from the command line: alone, or as one of the processes that torchrun started."""

import os
import shlex
import sys
from functools import partial
from pathlib import Path

from sbgan_bench.cli.progress import progress_listener
from sbgan_bench.devices import choose_device
from sbgan_bench.errors import ConfigError
from sbgan_bench.suite.engines.board import taken_seat
from sbgan_bench.suite.engines.crew import Crew, follow
from sbgan_bench.suite.engines.engine import Opener
from sbgan_bench.suite.plan import Plan, Sources
from sbgan_bench.suite.run import RunSummary, run_suite, workplace


def command_line() -> str:
    """Return what the user typed."""
    return shlex.join(["sbgan-bench", *sys.argv[1:]])


def check_engine(name: str) -> None:
    """Refuse an engine that starts processes of its own where torchrun has started them.

    Raises:
        ConfigError: It is so.
    """
    if name != "local" and taken_seat(os.environ) is not None:
        raise ConfigError(f"--engine {name} starts processes of its own: give the command without torchrun.")


def run_with_progress(
    plan: Plan, sources: Sources, out: Path, *, device: str, engine: Opener, workers: int
) -> RunSummary:
    """Run a plan with progress on the screen.

    Of the processes that torchrun started only the first returns; the others do their parts and end.

    Args:
        plan: What to do.
        sources: As given when planning.
        out: The run folder.
        device: As given with --device.
        engine: Makes what carries jobs out; torchrun's processes do it themselves.
        workers: Jobs at a time, for the time left.
    """
    device, threads, seat = choose_device(device), plan.suite.execution.threads, taken_seat(os.environ)
    if seat is not None:
        seat.check(device)
        engine, workers = partial(Crew, seat, threads), 1
        if not seat.leads:
            follow(seat, plan.jobs, workplace(plan, sources, out, device), threads)
            raise SystemExit(0)
    with progress_listener(plan, workers) as listener:
        return run_suite(plan, sources, out, device=device, engine=engine, listener=listener, command=command_line())
