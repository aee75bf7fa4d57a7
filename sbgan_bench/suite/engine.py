"""The scheduler: walks the graph in order of urgency, skips what is done, outlives what breaks; knows no machine."""

import heapq
import logging
import signal
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Protocol

from sbgan_bench.suite.graph import Job, urgency
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.worker import Outcome, finished

_log = logging.getLogger(__name__)

#: Seconds between two looks at whether the user asked to stop.
PATIENCE = 0.5
#: How often a job is started again whose machine or process was lost under it.
RETRIES = 3
#: How often one goes on that was asked to leave, by Slurm when its time was over, say: it saved itself.
CONTINUATIONS = 100


class Executor(Protocol):
    """Carries jobs out somewhere: in processes, on a cluster, in a simulation."""

    def room(self) -> int:
        """Return how many more jobs may be started now."""

    def start(self, job: Job, key: str, inputs: Mapping[str, str]) -> None:
        """Start a job.

        Args:
            job: What to do.
            key: Its content address.
            inputs: Role -> folder of a finished job, below the run folder.
        """

    def news(self, timeout: float) -> Iterable[tuple[Job, Tick | Outcome]]:
        """Return what running jobs told since the last call; every started job ends with one outcome.

        Args:
            timeout: Seconds to wait for something to happen, at most.
        """

    def stop(self) -> None:
        """Ask running jobs to save and leave, then make sure that they are gone."""


class Listener(Protocol):
    """Who is told what happens."""

    def started(self, job: Job) -> None:
        """A job was started, perhaps again."""

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


def walk(
    jobs: Mapping[str, Job],
    executor: Executor,
    run: Path,
    listener: Listener,
    after_each: Callable[[RunState], None],
) -> RunState:
    """Run every job whose inputs succeeded, the most urgent first.

    Args:
        jobs: The graph.
        executor: Where jobs are carried out.
        run: The run folder, in which finished jobs are found.
        listener: Told of progress.
        after_each: Called whenever a job ended, with everything known so far.

    Returns:
        Outcomes by job id; a job whose input failed has a failed outcome that names the root cause.
    """
    with _stop_requests() as stopped:
        progress = _Walk(jobs, executor, run, listener, after_each)
        try:
            while progress.unfinished and not stopped.is_set():
                progress.step()
        finally:
            executor.stop()
        progress.state.interrupted = stopped.is_set()
    return progress.state


class _Queue:
    """Jobs, the most urgent first; among equals the one planned first."""

    def __init__(self, ranks: Mapping[str, tuple[float, int]]) -> None:
        self._ranks = ranks
        self._heap: list[tuple[tuple[float, int], str]] = []

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, job: str) -> None:
        heapq.heappush(self._heap, (self._ranks[job], job))

    def pop(self) -> str:
        return heapq.heappop(self._heap)[1]


@dataclass(frozen=True, slots=True)
class _Call:
    """A job that must be carried out, with all that it needs."""

    job: Job
    key: str
    inputs: Mapping[str, str]


class _Walk:
    """One walk over a graph. A job waits for inputs, is decided upon, is due, runs, and ends."""

    def __init__(
        self,
        jobs: Mapping[str, Job],
        executor: Executor,
        run: Path,
        listener: Listener,
        after_each: Callable[[RunState], None],
    ) -> None:
        self.state = RunState()
        self._jobs, self._executor, self._run = jobs, executor, run
        self._listener, self._after_each = listener, after_each
        seconds = urgency(jobs)
        ranks = {name: (-seconds[name], place) for place, name in enumerate(jobs)}
        self._undecided, self._due = _Queue(ranks), _Queue(ranks)
        self._running: dict[str, _Call] = {}
        self._calls: dict[str, _Call] = {}  # of jobs that are due
        self._attempts: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()
        self._lacking = {name: len(set(job.inputs.values())) for name, job in jobs.items()}
        self._children: defaultdict[str, list[str]] = defaultdict(list)
        for name, job in jobs.items():
            for parent in set(job.inputs.values()):
                self._children[parent].append(name)
            if not job.inputs:
                self._undecided.push(name)

    @property
    def unfinished(self) -> bool:
        """Whether anything is left to do."""
        return bool(self._undecided or self._due or self._running)

    def step(self) -> None:
        """Decide upon one job, start what is due, and hear what running jobs tell."""
        if self._undecided:
            self._decide(self._jobs[self._undecided.pop()])
        while self._due and self._executor.room() > 0:
            self._start(self._calls.pop(self._due.pop()))
        if self._running:
            for job, message in self._executor.news(0.0 if self._undecided else PATIENCE):
                self._hear(job, message)
        elif self._due and not self._undecided:  # all the room is taken by what others run
            time.sleep(PATIENCE)

    def _decide(self, job: Job) -> None:
        """Settle a job all of whose inputs have ended, if it cannot be done or was done earlier; else it is due."""
        state = self.state
        broken = [parent for parent in job.inputs.values() if state.outcomes[parent].reason]
        if broken and not (job.tolerant and len(broken) < len(job.inputs)):
            self._end(job, Outcome(reason=_root_cause(broken[0], state)))
            return
        usable = {role: parent for role, parent in job.inputs.items() if parent not in broken}
        key = job.key({role: state.outcomes[parent].content for role, parent in usable.items()})
        earlier = finished(self._run, job.folder(key), key)
        if earlier is None:
            self._calls[job.id] = _Call(job, key, {role: state.folders[parent] for role, parent in usable.items()})
            self._due.push(job.id)
            return
        reused = not self._attempts[job.id]
        if reused:
            state.reused.add(job.id)
        self._end(job, earlier, folder=job.folder(key), reused=reused)

    def _start(self, call: _Call) -> None:
        self._attempts[call.job.id] += 1
        self._running[call.job.id] = call
        self._executor.start(call.job, call.key, call.inputs)
        self._listener.started(call.job)

    def _hear(self, job: Job, message: Tick | Outcome) -> None:
        if isinstance(message, Tick):
            self._listener.ticked(job, message)
            return
        call = self._running.pop(job.id)
        self._lost[job.id] += message.lost
        again = message.lost or message.interrupted
        if again and self._lost[job.id] <= RETRIES and self._attempts[job.id] <= CONTINUATIONS:
            _log.warning("%s: %s; it is started again.", job.id, message.reason)
            self._undecided.push(job.id)  # it may have finished before it was lost
            return
        self._end(job, message, folder="" if message.reason else job.folder(call.key))

    def _end(self, job: Job, outcome: Outcome, *, folder: str = "", reused: bool = False) -> None:
        self.state.outcomes[job.id] = outcome
        if folder:
            self.state.folders[job.id] = folder
        for child in self._children[job.id]:
            self._lacking[child] -= 1
            if not self._lacking[child]:
                self._undecided.push(child)
        self._listener.ended(job, outcome, reused=reused)
        self._after_each(self.state)


def _root_cause(parent: str, state: RunState) -> str:
    reason = state.outcomes[parent].reason
    return reason if " failed: " in reason else f"{parent} failed: {reason}"


@contextmanager
def _stop_requests() -> Iterator[threading.Event]:
    """Turn Ctrl-C and SIGTERM into an event, for an orderly stop; a second Ctrl-C is not waited for."""
    stopped = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return

    def ask(number: int, frame: FrameType | None) -> None:
        del number, frame
        if stopped.is_set():
            raise KeyboardInterrupt
        stopped.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
