"""Jobs as Ray tasks, on a cluster that runs already or on one of this machine's own."""

import logging
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sbgan_bench.errors import BenchError, CorruptFileError
from sbgan_bench.manifest import Manifest
from sbgan_bench.suite.engines.engine import Engine, EngineSettings, missing_extra
from sbgan_bench.suite.engines.remote import Call, Notes, carry_out, needs_gpu
from sbgan_bench.suite.graph import Job
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.worker import Outcome, Workplace, thread_variables

_log = logging.getLogger(__name__)

#: Seconds that running jobs are given to write a checkpoint when the run is stopped.
GRACE = 60.0
#: Tasks submitted beyond what fits now: no worker waits for its next job, and a cluster that can grow sees why.
AHEAD = 2
#: Bytes of Ray's store of objects, in which only outcomes lie.
STORE = 100 * 2**20
#: Memory asked for, as a multiple of the largest peak of jobs of the same kind and model.
HEADROOM = 1.25


class RaySettings(EngineSettings):
    """Which cluster."""

    address: str | None = None  #: of a running cluster; None for one on this machine that ends with the run


class RayTasks:
    """Submits every job as a task with what it needs; Ray finds the machine, the scheduler mends lost workers."""

    def __init__(self, settings: RaySettings, place: Workplace) -> None:
        self._ray = _ray()
        self._settings, self._place = settings, place
        self._running: dict[Any, Call] = {}
        self._impossible: list[tuple[Job, Outcome]] = []
        self._warned = False
        self._notes = Notes()
        self._peaks = _known_peaks(place.run)
        self._folder: Path | None = None
        variables = {name: value for name, value in os.environ.items() if name.startswith("SBGAN_BENCH_")}
        path = {name: os.environ[name] for name in ("PYTHONPATH",) if name in os.environ}
        self._environment = {"env_vars": {**variables, **path, **thread_variables(settings.threads)}}
        self._connect()

    def _connect(self) -> None:
        words: dict[str, Any] = {"address": self._settings.address}
        if self._settings.address is None:
            # Sockets lie in this folder, and their paths must be short.
            self._folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp" if Path("/tmp").is_dir() else None))  # noqa: S108
            cpus = None if self._settings.jobs is None else self._settings.jobs * self._settings.threads
            words = {"address": "local", "num_cpus": cpus, "object_store_memory": STORE, "include_dashboard": False}
            words["_temp_dir"] = str(self._folder)
        try:
            self._ray.init(**words, log_to_driver=False, logging_level="ERROR", runtime_env=self._environment)
        except (ConnectionError, ValueError, RuntimeError) as error:
            raise BenchError(f"No Ray cluster at {self._settings.address or 'this machine'}: {error}") from error
        self._task = self._ray.remote(max_calls=1, max_retries=0)(carry_out)  # a process of its own for every job

    def room(self) -> int:
        """Return how many more tasks the cluster could take now, and a few that wait there."""
        fitting = sum(self._fitting(node["Resources"]) for node in self._ray.nodes() if node["Alive"])
        most = fitting + AHEAD if self._settings.jobs is None else min(fitting + AHEAD, self._settings.jobs)
        return most - len(self._running)

    def _fitting(self, resources: Mapping[str, float]) -> int:
        cpus = int(resources.get("CPU", 0.0) // self._settings.threads)
        return min(cpus, int(resources.get("GPU", 0.0))) if self._place.device == "cuda" else cpus

    def start(self, job: Job, key: str, inputs: Mapping[str, str]) -> None:
        """Submit a task, in a process of its own; not where no machine has what it needs and none will come."""
        if lacking := self._lacking(job):
            if self._settings.address is None:
                self._impossible.append((job, Outcome(reason=lacking)))
                return
            if not self._warned:
                _log.warning("%s: %s. It waits for a machine to join.", job.id, lacking)
                self._warned = True
        call = Call(job, key, inputs, self._place, Path.cwd())
        needs = {
            "num_cpus": self._settings.threads,
            "num_gpus": int(needs_gpu(job, self._place)),
            "memory": self._memory(job),
        }
        self._running[self._task.options(**needs, name=job.id).remote(call)] = call

    def _lacking(self, job: Job) -> str:
        """Return in words what a job needs that no machine has, busy or not; "" if one has it."""
        machines = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        cpus, gpus = self._settings.threads, int(needs_gpu(job, self._place))
        if any(machine.get("CPU", 0.0) >= cpus and machine.get("GPU", 0.0) >= gpus for machine in machines):
            return ""
        kinds = sorted({f"{one.get('CPU', 0.0):g} CPUs and {one.get('GPU', 0.0):g} GPUs" for one in machines})
        return (
            f"needs a machine with {cpus} CPUs and {gpus} GPUs, and Ray has {' or '.join(kinds) or 'no machine'}: "
            "choose another --device, fewer threads or another cluster"
        )

    def _memory(self, job: Job) -> int:
        """Return the bytes that a job is known to need, 0 if nobody measured; never more than some machine has."""
        most = max((node["Resources"].get("memory", 0.0) for node in self._ray.nodes() if node["Alive"]), default=0.0)
        return int(min(self._peaks.get(_family(job.id), 0.0) * 2**20 * HEADROOM, most))

    def news(self, timeout: float) -> Iterator[tuple[Job, Tick | Outcome]]:
        """Yield how far tasks are, and how they ended."""
        if self._impossible:
            yield from self._impossible
            self._impossible.clear()
            return
        yield from self._notes.read({call.job.id: call for call in self._running.values()})
        waiting = list(self._running)
        ready, _ = self._ray.wait(waiting, num_returns=1, timeout=timeout)
        if ready:
            ready, _ = self._ray.wait(waiting, num_returns=len(waiting), timeout=0)
        for reference in ready:
            call = self._running.pop(reference)
            outcome = self._outcome(reference)
            family = _family(call.job.id)
            self._peaks[family] = max(self._peaks.get(family, 0.0), outcome.peak_memory_mib)
            yield call.job, outcome

    def _outcome(self, reference: Any) -> Outcome:
        errors = self._ray.exceptions
        try:
            outcome: Outcome = self._ray.get(reference)
        except errors.RayTaskError as error:  # our own function did not run: no package there, or another version
            return Outcome(reason=f"Ray could not run it: {str(error).strip().splitlines()[-1]}")
        except errors.RayError as error:
            return Outcome(reason=f"its worker was lost ({type(error).__name__})", lost=True)
        return outcome

    def stop(self) -> None:
        """Ask running tasks to save and leave, end those that do not, and let go of the cluster."""
        waiting = list(self._running)
        for reference in waiting:
            self._ray.cancel(reference)
        if waiting:
            _, left = self._ray.wait(waiting, num_returns=len(waiting), timeout=GRACE)
            for reference in left:
                self._ray.cancel(reference, force=True)
        self._running.clear()
        self._ray.shutdown()
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _family(job: str) -> str:
    """Return the beginning of a job's id that jobs of the same kind and model share."""
    return "/".join(job.split("/")[:2])


def _known_peaks(run: Path) -> dict[str, float]:
    """Return the most MiB that jobs of each family held in earlier invocations."""
    peaks: dict[str, float] = {}
    try:
        jobs = Manifest.read(run).jobs
    except CorruptFileError:  # there was none
        return peaks
    for job in jobs:
        peaks[_family(job.title)] = max(peaks.get(_family(job.title), 0.0), job.peak_memory_mib)
    return peaks


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.exceptions
    except ImportError as error:
        raise missing_extra("ray", "Ray") from error
    return ray


ENGINE = Engine("tasks of a Ray cluster, on one machine or many", RaySettings, RayTasks)
