"""A cluster on paper: jobs take no time, leave real files, fail and get lost by chance, and are counted."""

import contextlib
import heapq
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sbgan_bench.dataset import resolution_text
from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.locking import LEASE, held
from sbgan_bench.results import ResultRow
from sbgan_bench.suite.engines.remote import NOTES
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.jobs.context import ROWS, TABLE, TRAINING, Tick
from sbgan_bench.suite.worker import DONE, Outcome, finished

#: What the scheduler hears of a job whose machine it has lost.
LOST = Outcome(reason="its worker was lost", lost=True)
#: Simulated seconds between two looks at whether a claim is free.
POLL = 60.0


@dataclass(frozen=True, slots=True, order=True)
class _Attempt:
    wakes: float  #: simulated seconds
    number: int
    job: Job = field(compare=False)
    course: Iterator[float | Outcome] = field(compare=False)


@dataclass(slots=True)
class SimulatedCluster:
    """Machines that outlive the scheduler, as those of Slurm do: what runs when it is killed runs on.

    An attempt goes as on a real machine: it waits for the claim of its job, with the lock that machines use, looks
    whether the job is finished, with the function that they use, and only then does it. Simulated are what a job does,
    and that the claim of a dead machine lapses after the time of a lease.
    """

    run: Path
    slots: int
    failing: float  #: share of attempts that fail
    losing: float  #: share of attempts whose worker is lost: dead, cut off while it works on, or just after the end
    chance: random.Random
    claiming: bool = True  #: whether claims are respected
    clock: float = 0.0
    attempts: Counter[str] = field(default_factory=Counter)  #: that did something, by job folder
    done: Counter[str] = field(default_factory=Counter)  #: by job folder
    lost: int = 0
    unheard: int = 0  #: jobs that were finished by a machine which the scheduler had lost
    failed: int = 0
    submitted: int = 0
    taken: set[int] = field(
        default_factory=set
    )  #: attempts that have a slot: the scheduler has not heard how they ended
    waking: list[_Attempt] = field(default_factory=list)

    def submit(self, job: Job, key: str) -> int:
        """Start an attempt at a job and return its number."""
        self.submitted += 1
        self.taken.add(self.submitted)
        heapq.heappush(self.waking, _Attempt(self.clock, self.submitted, job, self._course(job, key)))
        return self.submitted

    def step(self) -> tuple[int, Job, Outcome] | None:
        """Let the next thing happen; return what the scheduler hears of it."""
        attempt = heapq.heappop(self.waking)
        self.clock = attempt.wakes
        told = next(attempt.course, None)
        if told is None:
            return None
        wakes = told if isinstance(told, float) else self.clock
        heapq.heappush(self.waking, replace(attempt, wakes=wakes))
        if isinstance(told, float):
            return None
        self.taken.discard(attempt.number)
        return attempt.number, attempt.job, told

    def run_out(self) -> None:
        """Let everything end that still runs, heard or not."""
        while self.waking:
            self.step()

    def _course(self, job: Job, key: str) -> Iterator[float | Outcome]:
        """Yield when an attempt does its next thing, and what the scheduler hears, as soon as it hears it."""
        folder = job.folder(key)
        with contextlib.ExitStack() as claim:
            while self.claiming and not claim.enter_context(held(self.run / NOTES / Path(folder).name, wait=False)):
                yield self.clock + POLL
            if earlier := finished(self.run, folder, key):
                claim.close()
                yield earlier
                return
            self.attempts[folder] += 1
            seconds, fate = (job.seconds or 10.0) * self.chance.uniform(0.5, 2.0), self.chance.random()
            if fate >= self.failing + self.losing:
                yield self.clock + seconds
                outcome = self._finish(job, key)
            elif fate < self.failing:
                yield self.clock + seconds
                self.failed += 1
                outcome = Outcome(reason="it failed by chance")
            else:
                yield from self._lose(job, key, seconds)
                outcome = LOST
        yield outcome

    def _lose(self, job: Job, key: str, seconds: float) -> Iterator[float | Outcome]:
        """Lose a worker in one of three ways; its claim is held until this ends."""
        self.lost += 1
        fate = self.chance.randrange(3)
        yield self.clock + seconds / 2
        if fate == 0:  # dead: heard of at once, while the claim stays for as long as a lease
            yield LOST
            yield self.clock + LEASE
            return
        if fate == 1:  # cut off: given up, and another attempt begun, while it works on
            yield LOST
        yield self.clock + seconds / 2
        self.unheard += 1
        self._finish(job, key)

    def _finish(self, job: Job, key: str) -> Outcome:
        folder = job.folder(key)
        self.done[folder] += 1
        here = self.run / folder
        here.mkdir(parents=True, exist_ok=True)
        leave_output(job, here)
        files = {path.name: hash_file(path) for path in here.iterdir() if path.name != DONE}
        content = hash_json(files)
        record = {"key": key, "content": content, "files": files, "seconds": 1.0, "cpu_seconds": 1.0}
        _write(here / DONE, {**record, "peak_memory_mib": 100.0})
        return Outcome(content, 1.0, 1.0, 100.0)


class SimulatedExecutor:
    """The scheduler's end of the simulated cluster."""

    def __init__(self, cluster: SimulatedCluster) -> None:
        self._cluster = cluster
        self._mine: set[int] = set()

    def room(self) -> int:
        """Return how many slots are free; time goes by here while only those of a predecessor run, and fill them."""
        while not self._mine and len(self._cluster.taken) >= self._cluster.slots:
            self._cluster.step()
        return self._cluster.slots - len(self._cluster.taken)

    def start(self, job: Job, key: str, inputs: Mapping[str, str]) -> None:
        """Submit a job."""
        del inputs
        self._mine.add(self._cluster.submit(job, key))

    def news(self, timeout: float) -> Iterator[tuple[Job, Tick | Outcome]]:
        """Yield the next end of an attempt that this scheduler started; those of its predecessor end unheard."""
        del timeout
        while self._mine:
            told = self._cluster.step()
            if told and told[0] in self._mine:
                number, job, outcome = told
                self._mine.remove(number)
                yield job, outcome
                return

    def stop(self) -> None:
        """Leave everything running, as a scheduler does that is killed."""


def leave_output(job: Job, folder: Path) -> None:
    """Write what readers of a finished job look for."""
    config = job.config
    match job.kind:
        case JobKind.PREPARE:
            _write(folder / TABLE, {"fingerprint": "f", "pairs": 8, "caution": "", "groups": []})
        case JobKind.TRAIN:
            same = {name: config[name] for name in ("model", "recipe", "seed")}
            counts = dict.fromkeys(("images_seen", "total_images_seen", "training_images", "parameters"), 8)
            times = dict.fromkeys(("seconds", "total_seconds"), 1.0)
            _write(folder / TRAINING, {**same, **counts, **times, "title": config["model"], "collapsed": ""})
        case JobKind.SCORE:
            trials = (None, *range(5))
            rows = [_row(job, trial).model_dump_json() for trial in trials]
            (folder / ROWS).write_text("\n".join(rows) + "\n", encoding="utf-8")
        case JobKind.GALLERY:
            _write(folder / "gallery.json", {"count": 0, "has_images": True, "has_layouts": True,
                                                 "redistributable": True})  # fmt: skip
        case JobKind.SUMMARY:
            (folder / ROWS).touch()
            (folder / "correlations.jsonl").touch()
        case JobKind.COMPARE:
            (folder / "comparisons.jsonl").touch()
        case _:
            (folder / "output").touch()


def _write(path: Path, value: Any) -> None:
    """Write plainly: what a job's files cost is not the scheduler's."""
    path.write_text(json.dumps(value), encoding="utf-8")


def _row(job: Job, trial: int | None) -> ResultRow:
    return ResultRow(
        suite="simulated", model=job.id, dataset="toy-streets", resolution=resolution_text((32, 64)),
        protocol="texture", metric="frechet-distance", trial=trial, value=1.0,
        better="lower", status="done", reason="",
    )  # fmt: skip
