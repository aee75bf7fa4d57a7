"""The processes that torchrun started as an engine: all of them train and measure together, the first does the rest.

The first process walks the graph and announces what is to be done together; the others follow. Each of them does its
part in a process of its own, as the local engine does, so that memory and the group of a job end with it. A part that
fails or dies is told to all, and the job ends for all of them: nobody waits for gradients that will not come. Nor for
a process that is gone without a word: each looks whether the others live.
"""

import contextlib
import itertools
import math
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

import torch.distributed as dist

from sbgan_bench.errors import BenchError, Interrupted
from sbgan_bench.suite.engines.board import Board, Call, Post, Seat
from sbgan_bench.suite.engines.engine import EngineSettings
from sbgan_bench.suite.engines.local import LocalProcesses
from sbgan_bench.suite.engines.pulse import Pulse
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.worker import Channel, Outcome, Workplace, execute
from sbgan_bench.training.interruption import StopRequest, stop_requests

#: What all processes do together.
TOGETHER = frozenset({JobKind.TRAIN, JobKind.FEATURES})
#: Seconds between two looks at the board.
POLL = 0.2
#: Seconds that a part is given to end by itself when another has failed.
MOMENT = 10.0


class Crew:
    """Carries jobs out one after the other, as the first process of a crew."""

    def __init__(self, seat: Seat, threads: int, place: Workplace) -> None:
        self._seat, self._threads, self._place = seat, threads, place
        self._board = Board(seat)
        self._pulse = Pulse(seat)
        self._alone = LocalProcesses(EngineSettings(jobs=1, threads=threads), place)
        self._part: _Part | None = None
        self._calls = 0

    def room(self) -> int:
        """Return 1 while nothing is being done."""
        return 0 if self._part else self._alone.room()

    def start(self, job: Job, key: str, inputs: Mapping[str, str]) -> None:
        """Begin a job, together with the others if it is one for all."""
        if job.kind not in TOGETHER:
            self._alone.start(job, key, inputs)
            return
        if rank := self._board.left():
            raise Interrupted(f"Process {rank} was asked to stop. Run the same command again to go on from here.")
        self._calls += 1
        call = Call(job.id, key, inputs)
        self._board.announce(self._calls, call)
        self._part = _Part(self._seat, self._board, self._calls, self._place, self._threads, job, call)

    def news(self, timeout: float) -> Iterator[tuple[Job, Tick | Outcome]]:
        """Yield what was told; the outcome is that of the whole crew, when every part has ended.

        Raises:
            BenchError: A process is gone without a word.
        """
        part = self._part
        if part is None:
            yield from self._alone.news(timeout)
            return
        yield from part.news(min(timeout, POLL))
        if part.ended and (posts := self._board.posts(self._calls)):
            self._part = None
            yield part.job, agreed(posts)
        else:
            self._pulse.check()

    def stop(self) -> None:
        """Let everybody save and go."""
        self._alone.stop()
        if self._part:
            self._part.stop()
        self._board.announce(self._calls + 1, None)
        self._pulse.close()


def follow(seat: Seat, jobs: Mapping[str, Job], place: Workplace, threads: int) -> None:
    """Do one process's part in every job that the first one announces, until there are no more.

    Args:
        seat: Of this process, which is not the first.
        jobs: The graph, as the first process has planned it too.
        place: The workplace, as this process sees it.
        threads: Of each job.

    Raises:
        Interrupted: This process was asked to stop.
        BenchError: The first process has planned other jobs, or some process is gone without a word.
    """
    board = Board(seat)
    with _first_machine(), contextlib.closing(Pulse(seat)) as pulse, stop_requests() as stop:
        for number in itertools.count(1):
            call = _next_call(board, number, pulse, stop)
            if call is None:
                break
            if call.job not in jobs:
                raise BenchError(
                    f"Process {seat.workers.rank} knows no job {call.job!r}, which process 0 has planned: all of them "
                    "must be started by the same command, with the same releases and the same data."
                )
            part = _Part(seat, board, number, place, threads, jobs[call.job], call)
            try:
                while not part.ended and not stop:
                    list(part.news(POLL))
                    pulse.check()
            finally:
                if stop:
                    board.leave()
                part.stop()
    if stop:
        raise Interrupted(f"Process {seat.workers.rank} was stopped by {stop.name}.")


@contextlib.contextmanager
def _first_machine() -> Iterator[None]:
    """Say what is wrong when the board is gone, which torchrun keeps on the first machine."""
    try:
        yield
    except dist.DistError as error:
        raise BenchError(
            "torchrun on the first machine is gone: process 0 or another one there died; what was printed there may "
            "say why. Run the same command on every machine again to go on from the last checkpoint."
        ) from error


def _next_call(board: Board, number: int, pulse: Pulse, stop: StopRequest) -> Call | None:
    while not board.announced(number):
        if stop:
            board.leave()
            return None
        pulse.check()
        time.sleep(POLL)
    return board.call(number)


class _Part:
    """What one process does of one job."""

    def __init__(
        self, seat: Seat, board: Board, number: int, place: Workplace, threads: int, job: Job, call: Call
    ) -> None:
        self.job = job
        self._board, self._number = board, number
        self._deadline = math.inf
        settings = EngineSettings(jobs=1, threads=threads)
        self._own = LocalProcesses(settings, place, partial(execute_together, seat, number))
        self._own.start(job, call.key, call.inputs)

    @property
    def ended(self) -> bool:
        """Whether nothing is being done any more; the board has the outcome then."""
        return self._own.room() > 0

    def news(self, timeout: float) -> Iterator[tuple[Job, Tick]]:
        """Yield how far this part is, and see to it that it ends when another has failed."""
        for job, message in self._own.news(timeout):
            if isinstance(message, Tick):
                yield job, message
            elif not self._board.posted(self._number):  # it died without a word
                self._board.post(self._number, replace(message, lost=True))
        if not self.ended and self._board.failed(self._number):
            self._deadline = min(self._deadline, time.monotonic() + MOMENT)
            if time.monotonic() >= self._deadline:
                self._own.stop(grace=0)
                self._board.post(self._number, Outcome(reason="ended, since another process had failed"))

    def stop(self) -> None:
        """Let it save and leave, then make sure that it is gone."""
        self._own.stop()


def execute_together(
    seat: Seat, number: int, job: Job, key: str, inputs: Mapping[str, str], place: Workplace, pipe: Channel | None
) -> Outcome:
    """Do this process's part in a job; the outcome is on the board before others can notice that this one is gone."""
    board = Board(seat)
    board.join(number, place.device)
    outcome = execute(job, key, inputs, place, pipe, seat.workers)
    board.post(number, outcome)
    if not outcome.reason:  # else the others may be waiting inside an exchange, which ends with this process
        dist.destroy_process_group()
    return outcome


def agreed(posts: list[Post]) -> Outcome:
    """Return the outcome of a job from what became of its parts: the first process's, or what went wrong first.

    A part whose process died comes before those that failed, since their connections broke when it did.
    """
    failed = [post for post in posts if post.outcome.reason]
    if not failed:
        return posts[0].outcome
    first = min(failed, key=lambda post: (not post.outcome.lost, post.turn))
    if len({post.outcome.reason for post in posts}) == 1:
        return first.outcome
    return replace(first.outcome, reason=f"process {first.rank} of {len(posts)}: {first.outcome.reason}")
