"""Laws of the scheduler, on executors that carry nothing out."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sbgan_bench.storage import write_json
from sbgan_bench.suite.engine import CONTINUATIONS, PATIENCE, RETRIES, RunState, walk
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.worker import DONE, Outcome

ROOT = Path(__file__).parent.parent.parent


def job(name: str, *parents: str, seconds: float = 1.0, tolerant: bool = False) -> Job:
    inputs = {parent: parent for parent in parents}
    return Job(id=name, kind=JobKind.TRAIN, config={"name": name}, inputs=inputs, seconds=seconds, tolerant=tolerant)


class Script:
    """An executor whose jobs end as told: a list of outcomes by job, the last of them for good; done where none is."""

    def __init__(self, run: Path, slots: int = 1, **outcomes: list[Outcome]) -> None:
        self.run, self.slots, self.outcomes = run, slots, outcomes
        self.started: list[str] = []
        self.inputs: dict[str, Mapping[str, str]] = {}
        self.running: list[tuple[Job, str]] = []
        self.stopped = False

    def room(self) -> int:
        return self.slots - len(self.running)

    def start(self, job: Job, key: str, inputs: Mapping[str, str]) -> None:
        assert self.room() > 0
        self.started.append(job.id)
        self.inputs[job.id] = inputs
        self.running.append((job, key))

    def news(self, timeout: float) -> Iterator[tuple[Job, Tick | Outcome]]:
        del timeout
        job, key = self.running.pop(0)
        yield job, Tick(1, 2)
        script = self.outcomes.get(job.id, [Outcome(content=job.id)])
        outcome = script.pop(0) if len(script) > 1 else script[0]
        if outcome.content:
            record = {"seconds": 1.0, "cpu_seconds": 1.0, "peak_memory_mib": 1.0}
            write_json(self.run / job.folder(key) / DONE, {"key": key, "content": job.id, "files": {}, **record})
        yield job, outcome

    def stop(self) -> None:
        self.stopped = True


class Notes:
    """A listener that remembers how jobs ended."""

    def __init__(self) -> None:
        self.ends: list[tuple[str, bool]] = []

    def started(self, job: Job) -> None: ...

    def ticked(self, job: Job, tick: Tick) -> None: ...

    def ended(self, job: Job, outcome: Outcome, *, reused: bool) -> None:
        self.ends.append((job.id, reused))


def done(jobs: list[Job], executor: Script, notes: Notes | None = None) -> RunState:
    graph = {one.id: one for one in jobs}
    return walk(graph, executor, executor.run, notes or Notes(), lambda state: None)


def test_the_most_urgent_ready_job_starts_first(tmp_path: Path) -> None:
    executor = Script(tmp_path)
    done([job("short"), job("root"), job("long", "root", seconds=9.0), job("middle", seconds=5.0)], executor)
    assert executor.started == ["root", "long", "middle", "short"]
    assert executor.stopped


def test_what_depends_on_a_failure_is_told_its_root_and_the_rest_goes_on(tmp_path: Path) -> None:
    executor = Script(tmp_path, a=[Outcome(reason="out of paint")])
    jobs = [job("a"), job("b", "a"), job("c", "b"), job("d"), job("e", "c", "d", tolerant=True)]
    state = done(jobs, executor)
    assert executor.started == ["a", "d", "e"]
    assert state.outcomes["c"].reason == state.outcomes["b"].reason == "a failed: out of paint"
    assert executor.inputs["e"] == {"d": state.folders["d"]}


def test_a_second_walk_repeats_nothing_that_succeeded(tmp_path: Path) -> None:
    jobs = [job("a"), job("b", "a"), job("c", "a")]
    done(jobs, Script(tmp_path, b=[Outcome(reason="no")]))
    again, notes = Script(tmp_path), Notes()
    state = done(jobs, again, notes)
    assert again.started == ["b"]
    assert state.reused == {"a", "c"}
    assert dict(notes.ends) == {"a": True, "c": True, "b": False}


def test_a_lost_job_is_started_again_so_many_times(tmp_path: Path) -> None:
    lost = Outcome(reason="its worker was lost", lost=True)
    once = Script(tmp_path / "once", a=[lost, Outcome(content="a")])
    assert not done([job("a")], once).outcomes["a"].reason
    assert once.started == ["a", "a"]
    always = Script(tmp_path / "always", a=[lost])
    assert done([job("a"), job("b")], always).outcomes["a"].reason == "its worker was lost"
    assert always.started.count("a") == 1 + RETRIES


def test_a_job_that_saved_itself_goes_on_however_often_its_time_is_over(tmp_path: Path) -> None:
    cut = Outcome(reason="its time was over", interrupted=True)
    many = Script(tmp_path / "many", a=[*[cut] * 10 * RETRIES, Outcome(content="a")])
    assert not done([job("a")], many).outcomes["a"].reason
    always = Script(tmp_path / "always", a=[cut])
    assert done([job("a")], always).outcomes["a"].reason == "its time was over"
    assert len(always.started) == 1 + CONTINUATIONS


def test_a_job_that_finished_before_it_was_lost_is_not_repeated(tmp_path: Path) -> None:
    executor = Script(tmp_path, a=[Outcome(content="a", reason="its worker was lost", lost=True)])
    state = done([job("a"), job("b", "a")], executor)
    assert executor.started == ["a", "b"]
    assert not state.reused


def test_a_walk_that_only_waits_for_room_sleeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when a predecessor's jobs fill the cluster."""
    executor, naps = Script(tmp_path, slots=0), []

    def nap(seconds: float) -> None:
        naps.append(seconds)
        executor.slots = len(naps) // 3

    monkeypatch.setattr("sbgan_bench.suite.engine.time.sleep", nap)
    done([job("a")], executor)
    assert executor.started == ["a"]
    assert naps == [PATIENCE] * 3


def test_an_error_in_the_driver_stops_what_runs(tmp_path: Path) -> None:
    executor = Script(tmp_path)

    def broken(state: RunState) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        walk({"a": job("a")}, executor, tmp_path, Notes(), broken)
    assert executor.stopped


def simulated(*options: str) -> dict[str, Any]:
    """Let the benchmark of the scheduler run, and return what it prints."""
    path = os.pathsep.join(filter(None, (str(ROOT / "benchmarks"), os.environ.get("PYTHONPATH"))))
    ended = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "scheduler.py", "--jobs", "500", "--losing", "0.05", *options],
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    report: dict[str, Any] = json.loads(ended.stdout)
    return report


def test_hundreds_of_jobs_with_failures_and_a_dead_driver_are_each_done_once() -> None:
    report = simulated()
    assert report["lost_workers"] > report["jobs_finished_unheard"] > 0
    assert report["jobs_without_outcome"] == report["jobs_finished_more_than_once"] == 0
    assert report["ms_per_job"] < 50


def test_it_is_the_claims_that_keep_jobs_from_being_done_twice() -> None:
    assert simulated("--no-claims")["jobs_finished_more_than_once"] > 0
