"""Jobs on this machine, each in a process of its own."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from multiprocessing import forkserver
from multiprocessing.connection import Connection, wait
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess

from sbgan_bench.suite.engines.engine import Engine, EngineSettings
from sbgan_bench.suite.graph import Job
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.worker import Outcome, Workplace, execute, serve, thread_variables

#: Seconds that running jobs are given to write a checkpoint when the run is stopped.
GRACE = 60.0
#: Seconds that a process is given to end after its last word; a library may hang when the interpreter ends.
LEAVING = 10.0


@dataclass(frozen=True, slots=True)
class _Running:
    job: Job
    process: BaseProcess
    pipe: Connection


class LocalProcesses:
    """Runs so many jobs at a time in processes of this machine, which die with this one."""

    def __init__(
        self, settings: EngineSettings, place: Workplace, carry_out: Callable[..., Outcome] = execute
    ) -> None:
        self._place = place
        self._carry_out = carry_out
        self._workers = settings.jobs or 1
        self._context = _process_context(settings.threads)
        self._running: list[_Running] = []

    def room(self) -> int:
        """Return how many workers are idle."""
        return self._workers - len(self._running)

    def start(self, job: Job, key: str, inputs: Mapping[str, str]) -> None:
        """Start a process."""
        ours, theirs = multiprocessing.Pipe()
        process = self._context.Process(  # type: ignore[attr-defined]  # typeshed omits it on BaseContext
            target=serve, args=(self._carry_out, job, key, inputs, self._place, theirs), name=job.id
        )
        process.start()
        theirs.close()
        self._running.append(_Running(job, process, ours))

    def news(self, timeout: float) -> Iterator[tuple[Job, Tick | Outcome]]:
        """Yield what the processes sent; one that ended without a word has failed."""
        by_pipe = {worker.pipe: worker for worker in self._running}
        for pipe in wait(list(by_pipe), timeout=timeout):
            worker = by_pipe[pipe]  # type: ignore[index]  # wait returns what it was given
            message = _received(worker)
            if isinstance(message, Outcome):
                self._running.remove(worker)
                _see_off(worker.process)
                worker.pipe.close()
            yield worker.job, message

    def stop(self, grace: float = GRACE) -> None:
        """Ask running jobs to save and leave; those that do not in time are killed (their checkpoints stay)."""
        for worker in self._running:
            worker.process.terminate()
        deadline = time.monotonic() + grace
        for worker in self._running:
            while worker.process.is_alive() and time.monotonic() < deadline:
                _drain(worker)
                worker.process.join(0.1)
                worker.process.terminate()  # again: one that was just started may have missed it
            worker.process.kill()
            worker.process.join()
            worker.pipe.close()
        self._running.clear()


def _received(worker: _Running) -> Tick | Outcome:
    """Return the next message of a process, or how it died if there is none."""
    try:
        message: Tick | Outcome = worker.pipe.recv()
    except (EOFError, OSError):
        _see_off(worker.process)
        return Outcome(reason=_death(worker.process.exitcode))
    return message


def _see_off(process: BaseProcess) -> None:
    """Wait until a process that has nothing more to say is gone, killing it if need be."""
    process.join(LEAVING)
    if process.is_alive():
        process.kill()
        process.join()


def _drain(worker: _Running) -> None:
    """Read what a process that was asked to leave still says, so that it need not wait to say it."""
    try:
        while worker.pipe.poll():
            worker.pipe.recv()
    except (EOFError, OSError):
        return


def _death(code: int | None) -> str:
    if code is not None and code < 0:
        name = signal.Signals(-code).name
        hint = ", perhaps for want of memory" if name == "SIGKILL" else ""
        return f"its process was ended by {name}{hint}; run the same command again to go on from its last checkpoint"
    return f"its process ended with code {code}; run the same command again to go on from its last checkpoint"


def _process_context(threads: int) -> BaseContext:
    """Processes that start fast: forked from a server that has imported the heavy libraries, where that is safe."""
    os.environ.update(thread_variables(threads))
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["sbgan_bench.suite.worker"])
    if threading.current_thread() is threading.main_thread():
        # The server inherits this: what is sent to the whole group of processes is this one's to answer.
        before = {number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM)}
        forkserver.ensure_running()
        for number, handler in before.items():
            signal.signal(number, handler)
    return context


ENGINE = Engine("processes of this machine", EngineSettings, LocalProcesses)
