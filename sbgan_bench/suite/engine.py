"""The local engine: walks the graph with a few processes, skipping what is done, surviving what breaks."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from types import FrameType
from typing import Protocol

from sbgan_bench.suite.graph import Job, urgency
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.worker import Outcome, Workplace, finished, serve

#: Seconds that running jobs are given to write a checkpoint when the run is stopped.
GRACE = 60.0


class Listener(Protocol):
    """Who is told what happens."""

    def started(self, job: Job) -> None:
        """A job was started."""

    def ticked(self, job: Job, tick: Tick) -> None:
        """A running job got further."""

    def ended(self, job: Job, outcome: Outcome, *, reused: bool) -> None:
        """A job is done, failed, or was found done."""


@dataclass(slots=True)
class RunState:
    """What became of every job."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)  #: of finished jobs, below the run folder
    reused: set[str] = field(default_factory=set)  #: jobs that an earlier invocation had done
    interrupted: bool = False


@dataclass(slots=True)
class _Running:
    job: Job
    folder: str
    process: BaseProcess
    pipe: Connection
    outcome: Outcome | None = None


class LocalEngine:
    """Runs jobs on this machine, ``workers`` at a time, each in a process of its own."""

    def __init__(self, place: Workplace, workers: int, threads: int, listener: Listener) -> None:
        self._place = place
        self._workers = workers
        self._listener = listener
        self._context = _process_context(threads)
        self._stop = False

    def run(self, jobs: Mapping[str, Job], after_each: Callable[[RunState], None]) -> RunState:
        """Run every job whose inputs succeeded.

        Args:
            jobs: The graph.
            after_each: Called whenever a job ended, with everything known so far.

        Returns:
            Outcomes by job id; a job whose input failed has a failed outcome that names the root cause.
        """
        state = RunState()
        priority = urgency(jobs)
        waiting = dict(sorted(jobs.items(), key=lambda item: -priority[item[0]]))
        running: list[_Running] = []
        with self._stoppable():
            while running or (waiting and not self._stop):
                if not self._stop and self._settle(waiting, running, state):
                    after_each(state)
                    continue
                for worker in self._listen(running):
                    running.remove(worker)
                    self._finish(worker, state)
                    after_each(state)
                if self._stop:
                    self._wind_down(running)
        state.interrupted = self._stop
        return state

    def _settle(self, waiting: dict[str, Job], running: list[_Running], state: RunState) -> bool:
        """Deal with the most urgent job that can be dealt with; False when there is none."""
        for job in waiting.values():
            if any(parent not in state.outcomes for parent in job.inputs.values()):
                continue
            broken = [parent for parent in job.inputs.values() if state.outcomes[parent].reason]
            if broken and not (job.tolerant and len(broken) < len(job.inputs)):
                state.outcomes[job.id] = Outcome(reason=_root_cause(broken[0], state))
                self._listener.ended(job, state.outcomes[job.id], reused=False)
                del waiting[job.id]
                return True
            usable = {role: parent for role, parent in job.inputs.items() if parent not in broken}
            key = job.key({role: state.outcomes[parent].content for role, parent in usable.items()})
            earlier = finished(self._place.run, job.folder(key), key)
            if earlier is not None:
                state.outcomes[job.id], state.folders[job.id] = earlier, job.folder(key)
                state.reused.add(job.id)
                self._listener.ended(job, earlier, reused=True)
                del waiting[job.id]
                return True
            if len(running) < self._workers:
                folders = {role: state.folders[parent] for role, parent in usable.items()}
                running.append(self._start(job, key, folders))
                del waiting[job.id]
                return True
        return False

    def _start(self, job: Job, key: str, inputs: dict[str, str]) -> _Running:
        ours, theirs = multiprocessing.Pipe()
        process = self._context.Process(  # type: ignore[attr-defined]  # typeshed omits it on BaseContext
            target=serve, args=(job, key, inputs, self._place, theirs), name=job.id
        )
        process.start()
        theirs.close()
        self._listener.started(job)
        return _Running(job, job.folder(key), process, ours)

    def _listen(self, running: list[_Running]) -> list[_Running]:
        """Wait a moment for news from the jobs; return those whose process has ended."""
        by_pipe = {worker.pipe: worker for worker in running}
        ended = []
        for pipe in wait(list(by_pipe), timeout=0.5):
            worker = by_pipe[pipe]  # type: ignore[index]  # wait returns what it was given
            try:
                message = worker.pipe.recv()
            except (EOFError, OSError):
                ended.append(worker)
                continue
            if isinstance(message, Outcome):
                worker.outcome = message
            else:
                self._listener.ticked(worker.job, message)
        return ended

    def _finish(self, worker: _Running, state: RunState) -> None:
        worker.process.join()
        worker.pipe.close()
        outcome = worker.outcome or Outcome(reason=_death(worker.process.exitcode))
        if outcome.interrupted and self._stop:
            return
        state.outcomes[worker.job.id] = outcome
        if not outcome.reason:
            state.folders[worker.job.id] = worker.folder
        self._listener.ended(worker.job, outcome, reused=False)

    def _wind_down(self, running: list[_Running]) -> None:
        """Ask running jobs to save and leave; those that do not in time are killed (their checkpoints stay)."""
        for worker in running:
            worker.process.terminate()
        deadline = time.monotonic() + GRACE
        for worker in running:
            while worker.process.is_alive() and time.monotonic() < deadline:
                self._drain(worker)
                worker.process.join(0.1)
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()
        running.clear()

    def _drain(self, worker: _Running) -> None:
        try:
            while worker.pipe.poll():
                worker.pipe.recv()
        except (EOFError, OSError):
            return

    @contextmanager
    def _stoppable(self) -> Iterator[None]:
        """Turn Ctrl-C and SIGTERM into an orderly stop; a second Ctrl-C is not waited for."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def ask(number: int, frame: FrameType | None) -> None:
            del number, frame
            if self._stop:
                raise KeyboardInterrupt
            self._stop = True

        before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _root_cause(parent: str, state: RunState) -> str:
    reason = state.outcomes[parent].reason
    return reason if " failed: " in reason else f"{parent} failed: {reason}"


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        hint = ", perhaps for want of memory" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{hint}; run the same command again to go on from its last checkpoint"
    return f"its process ended with code {code}; run the same command again to go on from its last checkpoint"


def _process_context(threads: int) -> BaseContext:
    """Processes that start fast: forked from a server that has imported the heavy libraries, where that is safe.

    The number of threads changes numbers, so it is set for every library here and not left to the environment.
    """
    for library in ("OMP", "MKL", "OPENBLAS"):
        os.environ[f"{library}_NUM_THREADS"] = str(threads)
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sbgan_bench.suite.worker"])
    if threading.current_thread() is threading.main_thread():
        # The server inherits this: Ctrl-C reaches it too, and is this process's to answer.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        forkserver.ensure_running()
        signal.signal(signal.SIGINT, before)
    return context
