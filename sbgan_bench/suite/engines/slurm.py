"""Jobs as jobs of Slurm, submitted with submitit."""

import logging
import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field

from sbgan_bench.suite.engines.engine import Engine, EngineSettings, missing_extra
from sbgan_bench.suite.engines.remote import Call, Notes, carry_out, needs_gpu
from sbgan_bench.suite.graph import Job
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.worker import NOTES, Outcome, Workplace, thread_variables

_log = logging.getLogger(__name__)

#: Seconds that cancelled jobs are given to leave the queue when the run is stopped.
GRACE = 60.0
#: Jobs in Slurm's queue at a time where nobody says how many.
QUEUED = 64
#: Seconds between two looks at the queue.
INTERVAL = 1.0
#: Seconds after which a job is offered again that Slurm did not take: a limit was reached, its controller was busy.
PAUSE = 30.0
#: How often in a row Slurm may refuse while nothing of ours stands in its queue, before that counts as its answer.
REFUSALS = 5


class SlurmSettings(EngineSettings):
    """What is asked of Slurm for every job; None leaves it to the cluster."""

    partition: str | None = None
    account: str | None = None
    qos: str | None = None
    constraint: str | None = None
    time: int = Field(default=24 * 60, ge=1)  #: minutes; a job cut off goes on from its last checkpoint
    gpus: int | None = Field(default=None, ge=0)  #: of jobs with work for one; None for one on cuda, else none
    memory_gb: int | None = Field(default=None, ge=1)  #: per job
    setup: str = ""  #: shell commands before each job, "module load cuda && source env/bin/activate"
    cluster: str = "slurm"  #: "local" or "debug" to try it out without Slurm, as submitit offers


class SlurmJobs:
    """Submits every ready job; Slurm queues it. A job that Slurm lost is the scheduler's to submit again."""

    def __init__(self, settings: SlurmSettings, place: Workplace) -> None:
        os.environ.update(thread_variables(settings.threads))  # a submitted job has the environment of its submitter
        self._settings, self._place = settings, place
        gpus = (1 if place.device == "cuda" else 0) if settings.gpus is None else settings.gpus
        self._queues = {wanted: _queue(settings, place, gpus if wanted else 0) for wanted in (False, True)}
        self._refused: Call | None = None
        self._refusals, self._pause_ends = 0, 0.0
        self._running: dict[str, tuple[Call, Any]] = {}
        self._notes = Notes()

    def room(self) -> int:
        """Return how many more jobs may stand in Slurm's queue; none while it takes none."""
        return 0 if self._refused else (self._settings.jobs or QUEUED) - len(self._running)

    def start(self, job: Job, key: str, inputs: Mapping[str, str]) -> None:
        """Submit a job; one that Slurm does not take now is offered again later."""
        self._submit(Call(job, key, inputs, self._place, Path.cwd()))

    def _submit(self, call: Call) -> str:
        """Offer a job to Slurm; return why it does not take it, "" if it does."""
        from submitit.core.utils import FailedJobError

        queue = self._queues[needs_gpu(call.job, self._place)]
        queue.update_parameters(name=call.job.id.replace("/", "-"))
        try:
            self._running[call.job.id] = (call, queue.submit(carry_out, call))
        except FailedJobError as error:
            reason = (str(error).strip() or "sbatch failed").splitlines()[-1]
            _log.warning("Slurm did not take %s (%s); it is offered again in %d s.", call.job.id, reason, PAUSE)
            self._refused, self._pause_ends = call, time.monotonic() + PAUSE
            self._refusals += 1
            return reason
        self._refused, self._refusals = None, 0
        return ""

    def news(self, timeout: float) -> Iterator[tuple[Job, Tick | Outcome]]:
        """Yield how far jobs are, and how they ended."""
        refused = self._refused
        if refused and time.monotonic() >= self._pause_ends:
            reason = self._submit(refused)
            if reason and self._refusals >= REFUSALS and not self._running:
                self._refused = None
                yield refused.job, Outcome(reason=f"Slurm does not take it: {reason}")
        yield from self._notes.read({name: call for name, (call, _) in self._running.items()})
        deadline = time.monotonic() + timeout
        while not (ended := [name for name, (_, handle) in self._running.items() if handle.done()]):
            left = deadline - time.monotonic()
            if left <= 0:
                return
            time.sleep(min(left, INTERVAL))
        for name in ended:
            call, handle = self._running.pop(name)
            yield call.job, _outcome(handle)

    def stop(self) -> None:
        """Cancel what runs: Slurm asks it to leave, then ends it."""
        for _, handle in self._running.values():
            handle.cancel(check=False)
        deadline = time.monotonic() + GRACE
        while time.monotonic() < deadline and not all(handle.done() for _, handle in self._running.values()):
            time.sleep(INTERVAL)
        self._running.clear()


def _outcome(handle: Any) -> Outcome:
    """Return what a job left; one that left nothing was lost: its node failed, or its time was over."""
    from submitit.core.utils import FailedJobError, UncompletedJobError

    try:
        outcome: Outcome = handle.result()
    except FailedJobError as error:  # our own function did not run: another version there
        return Outcome(reason=f"Slurm could not run it: {str(error).strip().splitlines()[-1]}")
    except UncompletedJobError:
        return Outcome(reason=f"Slurm lost it (state {handle.state}, job {handle.job_id})", lost=True)
    return outcome


def _queue(settings: SlurmSettings, place: Workplace, gpus: int) -> Any:
    """Return submitit's executor, told what jobs with so many GPUs need."""
    try:
        import submitit
    except ImportError as error:
        raise missing_extra("slurm", "submitit") from error
    queue = submitit.AutoExecutor(folder=place.run / NOTES / "slurm", cluster=settings.cluster)
    wanted = {
        "timeout_min": settings.time,
        "cpus_per_task": settings.threads,
        "gpus_per_node": gpus,
        "mem_gb": settings.memory_gb,
        "slurm_partition": settings.partition,
        "slurm_account": settings.account,
        "slurm_qos": settings.qos,
        "slurm_constraint": settings.constraint,
        "slurm_setup": [settings.setup] if settings.setup else None,
    }
    queue.update_parameters(**{name: value for name, value in wanted.items() if value})
    return queue


ENGINE = Engine("jobs of a Slurm cluster, through submitit", SlurmSettings, SlurmJobs)
