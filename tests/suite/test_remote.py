"""What is common to jobs on other machines, and Slurm's executor on submitit's stand-ins for Slurm."""

import errno
import importlib.util
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from suite_tools import TINY, bench, environment, rows

from sbgan_bench.errors import BenchError, ConfigError, Interrupted
from sbgan_bench.locking import SUFFIX
from sbgan_bench.plugins import PluginGroup, installed
from sbgan_bench.storage import CannotWriteError
from sbgan_bench.suite import worker
from sbgan_bench.suite.engines.engine import choose_engine
from sbgan_bench.suite.engines.ray_tasks import RaySettings, RayTasks
from sbgan_bench.suite.engines.remote import Call, Notes, carry_out
from sbgan_bench.suite.engines.slurm import REFUSALS, SlurmJobs, SlurmSettings
from sbgan_bench.suite.failures import failure
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.jobs.context import JobContext, Tick
from sbgan_bench.suite.worker import NOTES, Outcome, Workplace, execute, finished
from sbgan_bench.training.interruption import stop_requests

JOB = Job(id="train/a", kind=JobKind.TRAIN, config={})
#: Sets what answers a signal; tests have it replaced.
SET_HANDLER = signal.signal
needs_submitit = pytest.mark.skipif(importlib.util.find_spec("submitit") is None, reason="needs submitit")


@pytest.fixture
def call(tmp_path: Path) -> Call:
    return Call(JOB, JOB.key({}), {}, Workplace(tmp_path, tmp_path / "cache", "cpu", {}, None), tmp_path)


@pytest.fixture(autouse=True)
def as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """A job changes the working folder and the answer to SIGTERM of its process: here, those of other tests too."""
    monkeypatch.chdir(Path.cwd())
    monkeypatch.setattr(signal, "signal", lambda number, handler: None)


def test_two_machines_at_one_job_do_it_once(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    ran = []

    def slow(context: JobContext) -> str:
        ran.append(context.folder)
        time.sleep(0.5)
        return "content"

    monkeypatch.setitem(worker.JOBS, JobKind.TRAIN, slow)
    outcomes: list[Outcome] = []
    machines = [threading.Thread(target=lambda: outcomes.append(carry_out(call))) for _ in range(2)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join()
    assert len(ran) == 1
    assert [outcome.content for outcome in outcomes] == ["content", "content"]


def test_a_driver_on_another_engine_waits_for_a_job_that_runs_on(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    ran, begun = [], threading.Event()

    def slow(context: JobContext) -> str:
        ran.append(context.folder)
        begun.set()
        time.sleep(0.5)
        return "content"

    monkeypatch.setitem(worker.JOBS, JobKind.TRAIN, slow)
    orphan = threading.Thread(target=carry_out, args=(call,))
    orphan.start()
    begun.wait(10)
    assert execute(JOB, call.key, {}, call.place, None).content == "content"
    orphan.join()
    assert len(ran) == 1


def test_who_was_taken_for_dead_neither_goes_on_nor_finishes(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    went_on = []

    def suspended(context: JobContext) -> str:
        for lock in (call.place.run / NOTES).glob(f"*{SUFFIX}"):
            lock.write_text(lock.read_text().replace("token=", "token=f"))
        if context.job.config.get("tells"):
            context.report(Tick(1, 2))
            went_on.append(True)
        return "content"

    monkeypatch.setitem(worker.JOBS, JobKind.TRAIN, suspended)
    for job in (JOB, replace(JOB, config={"tells": True})):
        outcome = execute(job, job.key({}), {}, call.place, None)
        assert outcome.lost
        assert "took over" in outcome.reason
        assert finished(call.place.run, job.folder(job.key({})), job.key({})) is None
    assert not went_on


def test_one_that_is_told_to_leave_while_waiting_leaves_the_note_of_the_other(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> Outcome:
        raise KeyboardInterrupt

    monkeypatch.setattr("sbgan_bench.suite.engines.remote.execute", interrupted)
    call.note.parent.mkdir()
    call.note.write_text("{}")
    assert carry_out(call).interrupted
    assert call.note.exists()


def test_progress_is_heard_of_through_a_file(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[Job, Tick]] = []

    def telling(context: JobContext) -> str:
        context.report(Tick(1, 4, "a quarter"))
        heard.extend(Notes().read({JOB.id: call}))
        return "content"

    monkeypatch.setitem(worker.JOBS, JobKind.TRAIN, telling)
    monkeypatch.setattr("sbgan_bench.suite.engines.remote.INTERVAL", 0.0)
    assert carry_out(call).content == "content"
    assert heard == [(JOB, Tick(1, 4, "a quarter"))]
    assert not call.note.exists()


def test_a_full_disk_fails_one_job_in_words_and_the_next_start_does_it(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(context: JobContext) -> str:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "weights")

    monkeypatch.setitem(worker.JOBS, JobKind.TRAIN, full)
    outcome = execute(JOB, call.key, {}, call.place, None)
    assert outcome.reason.startswith("disk full on ")
    assert not outcome.lost
    monkeypatch.setitem(worker.JOBS, JobKind.TRAIN, lambda context: "content")
    assert execute(JOB, call.key, {}, call.place, None).content == "content"


def test_a_disk_that_is_away_is_no_fault_of_the_job(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(number: int) -> Outcome:
        def fail(context: JobContext) -> str:
            raise OSError(number, os.strerror(number), "weights")

        monkeypatch.setitem(worker.JOBS, JobKind.TRAIN, fail)
        return carry_out(call)

    assert failing(errno.ESTALE).lost
    assert failing(errno.EIO).lost
    assert not failing(errno.EACCES).lost


def test_a_run_folder_without_room_is_not_blamed_on_the_mount(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))

    monkeypatch.setattr(worker, "claimed", full)
    assert carry_out(call).reason.startswith("disk full on ")
    elsewhere = replace(call, home=call.home / "not-mounted")
    assert "must see the same folders" in carry_out(elsewhere).reason


def test_slurms_signal_before_the_end_of_the_time_lets_training_save_and_leave(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("not requeued: timed-out and not checkpointable")  # as submitit does

    def train(context: JobContext) -> str:
        with stop_requests() as stop:
            os.kill(os.getpid(), signal.SIGUSR2)
            assert stop.name == "SIGTERM"
            raise Interrupted("stopped and saved")

    def measure(context: JobContext) -> str:
        os.kill(os.getpid(), signal.SIGUSR2)
        time.sleep(10)
        return "content"

    monkeypatch.setattr(signal, "signal", SET_HANDLER)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGUSR2)}
    try:
        for function in (train, measure):
            signal.signal(signal.SIGUSR2, fail)
            monkeypatch.setitem(worker.JOBS, JobKind.TRAIN, function)
            assert carry_out(call).interrupted
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def test_a_full_disk_is_recognised_whoever_met_it() -> None:
    inner = OSError(errno.ENOSPC, "No space left on device")
    outer = CannotWriteError(Path("x"), "No space left on device")
    outer.__cause__ = inner
    assert all(
        failure(error).startswith("disk full") for error in (inner, outer, RuntimeError("No space left on device"))
    )
    assert failure(BenchError("no such file")) == "no such file"


def test_engines_refuse_what_they_cannot_be_told() -> None:
    assert {"local", "ray", "slurm"} <= installed(PluginGroup.ENGINES).keys()
    with pytest.raises(ConfigError, match="unknown key 'address'"):
        choose_engine("local", {"address": "auto"})
    with pytest.raises(ConfigError, match=r"unknown key 'partitoin'.*partition"):
        choose_engine("slurm", {"partitoin": "gpu"})
    with pytest.raises(BenchError, match=r"No engine named 'rya'.*ray"):
        choose_engine("rya", {})


@pytest.mark.parametrize(("name", "module"), [("ray", "ray"), ("slurm", "submitit")])
def test_an_engine_without_its_library_says_what_to_install(
    call: Call, monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(BenchError, match=rf"pip install 'sbgan-bench\[{name}\]'"):
        choose_engine(name, {})(call.place)


class Queue:
    """A stand-in for submitit's executor that refuses as often as told."""

    def __init__(self, refusals: int) -> None:
        self.refusals = refusals
        self.submitted: list[Job] = []

    def update_parameters(self, **parameters: object) -> None: ...

    def submit(self, function: Callable[[Call], Outcome], call: Call) -> "Queue":
        from submitit.core.utils import FailedJobError

        if self.refusals:
            self.refusals -= 1
            raise FailedJobError("sbatch: error: QOSMaxSubmitJobPerUserLimit")
        self.submitted.append(call.job)
        return self

    def done(self) -> bool:
        return True

    def result(self) -> Outcome:
        return Outcome(content="c")


@needs_submitit
def test_a_job_that_slurm_does_not_take_is_offered_again(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sbgan_bench.suite.engines.slurm.PAUSE", 0.0)
    for refusals, reason in ((REFUSALS - 1, ""), (REFUSALS, "QOSMaxSubmitJob")):
        queue = Queue(refusals)
        monkeypatch.setattr("sbgan_bench.suite.engines.slurm._queue", lambda *_, queue=queue: queue)
        jobs = SlurmJobs(SlurmSettings(), call.place)
        jobs.start(JOB, call.key, {})
        assert jobs.room() == 0
        news = [message for _ in range(REFUSALS) for message in jobs.news(0.0)]
        [(job, outcome)] = news
        assert isinstance(outcome, Outcome)
        assert (job, reason in outcome.reason, bool(outcome.content)) == (JOB, True, not reason)
        assert jobs.room() > 0


@needs_submitit
def test_gpus_are_asked_for_by_jobs_that_use_them(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    queues: dict[int, Queue] = {}
    monkeypatch.setattr(
        "sbgan_bench.suite.engines.slurm._queue", lambda _settings, _place, gpus: queues.setdefault(gpus, Queue(0))
    )
    slurm = SlurmJobs(SlurmSettings(gpus=2), replace(call.place, device="cuda"))
    for kind in JobKind:
        slurm.start(replace(JOB, id=kind.value, kind=kind), call.key, {})
    numbers = {JobKind.PREPARE, JobKind.SELECT, JobKind.SCORE, JobKind.COMPARE, JobKind.SUMMARY}
    assert {job.kind for job in queues[0].submitted} == numbers
    assert {job.kind for job in queues[2].submitted} == set(JobKind) - numbers


class SmallCluster:
    """A stand-in for Ray with a machine of four CPUs, on which nothing ever ends."""

    def __init__(self) -> None:
        self.submitted: list[Call] = []

    def init(self, **words: object) -> None: ...

    def shutdown(self) -> None: ...

    def nodes(self) -> list[dict[str, object]]:
        return [{"Alive": True, "Resources": {"CPU": 4.0}}]

    def remote(self, function: object | None = None, **words: object) -> object:
        if isinstance(function, Call):
            self.submitted.append(function)
            return function.key
        return lambda _: self

    def options(self, **words: object) -> "SmallCluster":
        return self

    def wait(self, waiting: list[object], **words: object) -> tuple[list[object], list[object]]:
        return [], waiting


def test_what_no_machine_of_rays_can_do_is_said(
    call: Call, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    ray = SmallCluster()
    monkeypatch.setattr("sbgan_bench.suite.engines.ray_tasks._ray", lambda: ray)
    on_gpu = replace(call.place, device="cuda")
    for settings, place in ((RaySettings(threads=8), call.place), (RaySettings(), on_gpu)):
        own = RayTasks(settings, place)
        own.start(JOB, call.key, {})
        [(job, outcome)] = own.news(0.0)
        own.stop()
        assert isinstance(outcome, Outcome)
        assert job == JOB
        assert (
            f"{settings.threads} CPUs and {int(place is on_gpu)} GPUs, and Ray has 4 CPUs and 0 GPUs" in outcome.reason
        )
    assert not ray.submitted
    shared = RayTasks(RaySettings(address="auto"), on_gpu)
    for number in range(2):
        shared.start(replace(JOB, id=f"train/{number}"), str(number), {})
    assert not list(shared.news(0.0))
    assert len(ray.submitted) == 2
    assert caplog.text.count("waits for a machine to join") == 1
    RayTasks(RaySettings(threads=4, address="auto"), call.place).start(JOB, call.key, {})
    assert len(ray.submitted) == 3


@needs_submitit
@pytest.mark.slow
def test_a_submitted_job_that_dies_is_lost_and_one_that_ends_is_heard(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function that is submitted stands in for a job: pickled by value, it kills its process or ends."""
    for function, lost in ((lambda _: os.kill(os.getpid(), 9), True), (lambda _: Outcome(content="c"), False)):
        monkeypatch.setattr("sbgan_bench.suite.engines.slurm.carry_out", function)
        queue = SlurmJobs(SlurmSettings(cluster="local", jobs=1), call.place)
        queue.start(JOB, call.key, {})
        assert queue.room() == 0
        deadline = time.monotonic() + 60
        while not (news := list(queue.news(1.0))) and time.monotonic() < deadline:
            pass
        [(job, outcome)] = news
        assert isinstance(outcome, Outcome)
        assert (job, outcome.lost, outcome.content) == (JOB, lost, "" if lost else "c")
        queue.stop()


@needs_submitit
@pytest.mark.slow
def test_slurms_engine_gives_the_rows_of_the_local_one(tmp_path: Path) -> None:
    suite = tmp_path / "one.toml"
    suite.write_text(TINY.read_text().replace("[0, 1]", "[0]").replace('recipes = ["default", "untrained"]', ""))
    assert bench(tmp_path / "cache", "run", str(suite), "--out", str(tmp_path / "local")).returncode == 0
    options = ("--engine", "slurm", "--slurm", "cluster=local", "--jobs", "2")
    own = tmp_path / "own-cache"  # nothing that was extracted locally is found there
    done = bench(own, "run", str(suite), "--out", str(tmp_path / "slurm"), *options)
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "slurm") == rows(tmp_path / "local")
    assert environment(own)["OMP_NUM_THREADS"] == "1"
