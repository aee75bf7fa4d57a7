"""A cluster on paper: jobs take no time, leave real files, fail and get lost by chance, and are counted."""

import heapq
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sbgan_bench.dataset import resolution_text
from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.results import ResultRow
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.jobs.context import ROWS, TABLE, TRAINING, Tick
from sbgan_bench.suite.worker import DONE, Outcome


@dataclass(frozen=True, slots=True, order=True)
class _Task:
    ends: float  #: simulated seconds
    number: int
    job: Job = field(compare=False)
    key: str = field(compare=False)


@dataclass(slots=True)
class SimulatedCluster:
    """Machines that outlive the scheduler, as those of Slurm do: what runs when it is killed runs on."""

    run: Path
    slots: int
    failing: float  #: share of attempts that fail
    losing: float  #: share of attempts whose worker is lost; every second such job had just finished
    chance: random.Random
    clock: float = 0.0
    attempts: Counter[str] = field(default_factory=Counter)  #: by job folder
    finished: Counter[str] = field(default_factory=Counter)  #: by job folder
    lost: int = 0
    failed: int = 0
    tasks: list[_Task] = field(default_factory=list)

    def submit(self, job: Job, key: str) -> None:
        """Start a job, unless it runs already: the claim of its folder sees to that on real machines."""
        if all(task.key != key or task.job.id != job.id for task in self.tasks):
            self.attempts[job.folder(key)] += 1
            ends = self.clock + (job.seconds or 10.0) * self.chance.uniform(0.5, 2.0)
            heapq.heappush(self.tasks, _Task(ends, self.attempts.total(), job, key))

    def step(self) -> tuple[Job, Outcome]:
        """Let the next task end."""
        task = heapq.heappop(self.tasks)
        self.clock = task.ends
        fate = self.chance.random()
        if fate < self.failing:
            self.failed += 1
            return task.job, Outcome(reason="it failed by chance")
        lost = fate < self.failing + self.losing
        if not lost or self.chance.random() < 0.5:
            outcome = self._finish(task)
        if lost:
            self.lost += 1
            return task.job, Outcome(reason="its worker was lost", lost=True)
        return task.job, outcome

    def _finish(self, task: _Task) -> Outcome:
        folder = task.job.folder(task.key)
        self.finished[folder] += 1
        here = self.run / folder
        here.mkdir(parents=True, exist_ok=True)
        leave_output(task.job, here)
        files = {path.name: hash_file(path) for path in here.iterdir()}
        content = hash_json(files)
        record = {"key": task.key, "content": content, "files": files, "seconds": 1.0, "cpu_seconds": 1.0}
        _write(here / DONE, {**record, "peak_memory_mib": 100.0})
        return Outcome(content, 1.0, 1.0, 100.0)


class SimulatedExecutor:
    """The scheduler's end of the simulated cluster."""

    def __init__(self, cluster: SimulatedCluster) -> None:
        self._cluster = cluster
        self._mine: set[str] = set()

    def room(self) -> int:
        """Return how many slots are free."""
        return self._cluster.slots - len(self._cluster.tasks)

    def start(self, job: Job, key: str, inputs: Mapping[str, str]) -> None:
        """Submit a job."""
        del inputs
        self._mine.add(job.id)
        self._cluster.submit(job, key)

    def news(self, timeout: float) -> Iterator[tuple[Job, Tick | Outcome]]:
        """Yield the next end of a job that this scheduler started; those of its predecessor end unheard."""
        del timeout
        if self._cluster.tasks:
            job, outcome = self._cluster.step()
            if job.id in self._mine:
                self._mine.remove(job.id)
                yield job, outcome

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
