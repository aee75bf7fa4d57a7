"""One job in one process: what happens between being started and leaving a finished folder."""

import contextlib
import logging
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, Protocol

import torch

from sbgan_bench.errors import BenchError, Interrupted, TakenOverError
from sbgan_bench.hashing import hash_file
from sbgan_bench.locking import claimed
from sbgan_bench.storage import read_json, write_json, write_text
from sbgan_bench.suite.failures import disk_is_away, failure
from sbgan_bench.suite.graph import Job
from sbgan_bench.suite.jobs import JOBS
from sbgan_bench.suite.jobs.context import JobContext, Tick
from sbgan_bench.workers import ALONE, Workers

_log = logging.getLogger(__name__)

#: Folder inside a run folder: who is at which job, and how far.
NOTES = ".remote"
#: The file whose presence says that a job folder is complete; it holds the sha256 of the others.
DONE = "job.json"
#: Where training keeps what it needs to go on; not output, so not checked.
SCRATCH = "training"


@dataclass(frozen=True, slots=True)
class Workplace:
    """What every job of a run shares; nothing here may change a number."""

    run: Path
    cache: Path
    device: str
    datasets: Mapping[str, Mapping[str, Any]]
    judge: Path | None
    weights: Mapping[str, Path] = field(default_factory=dict)
    trusted: bool = False
    revision: str = ""  #: commit of the package's checkout


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a job ended."""

    content: str = ""  #: content hash of the output; "" if there is none
    seconds: float = 0.0  #: wall time
    cpu_seconds: float = 0.0  #: processor time, which a busy machine does not change
    peak_memory_mib: float = 0.0
    reason: str = ""  #: why it failed; "" if it did not
    interrupted: bool = False  #: stopped on request, to be continued
    lost: bool = False  #: the machine or process went away under the job, which may be sound


class Channel(Protocol):
    """Where a job tells how far it is: a pipe, a file."""

    def send(self, message: Tick, /) -> None:
        """Pass it on.

        Raises:
            OSError: Nobody listens; the job goes on all the same.
        """


def thread_variables(threads: int) -> dict[str, str]:
    """Return the environment of a job's process, to be set before it imports any library.

    The number of threads changes numbers, so it is set for every library and not left to the environment.
    """
    return {f"{library}_NUM_THREADS": str(threads) for library in ("OMP", "MKL", "OPENBLAS")}


def finished(run: Path, folder: str, key: str) -> Outcome | None:
    """Return the outcome of a job done earlier, or None if it must (still) be done."""
    path = run / folder / DONE
    if not path.is_file():
        return None
    try:
        record = read_json(path)
        if record["key"] != key:
            return None
        changed = [name for name, digest in record["files"].items() if not _is(run / folder / name, digest)]
        outcome = Outcome(record["content"], record["seconds"], record["cpu_seconds"], record["peak_memory_mib"])
    except (BenchError, KeyError, TypeError, AttributeError):
        changed = [DONE]
    if not changed:
        return outcome
    _log.warning("%s in %s is damaged; the job is done again.", changed[0], run / folder)
    path.unlink(missing_ok=True)
    return None


def _is(path: Path, digest: str) -> bool:
    return path.is_file() and hash_file(path) == digest


def _outputs(folder: Path) -> dict[str, str]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name != DONE)
    names = ((path.relative_to(folder), path) for path in files)
    return {name.as_posix(): hash_file(path) for name, path in names if name.parts[0] != SCRATCH}


def execute(
    job: Job, key: str, inputs: Mapping[str, str], place: Workplace, pipe: Channel | None, workers: Workers = ALONE
) -> Outcome:
    """Do one job, or this process's part in it, and mark its folder finished; never while another process does it.

    Jobs of a driver that was killed may run on elsewhere: the next attempt, by whichever engine, waits for that one,
    takes what it left, and goes on where it stopped if it is gone.

    Args:
        job: What to do.
        key: Its content address.
        inputs: Role -> folder of a finished job, below the run folder.
        place: Where the run lies, device, data folders.
        pipe: Where progress is sent; None to keep it to oneself.
        workers: This process among those that do the job together; one of them writes.

    Returns:
        The outcome; a failure is returned, not raised, with a one-line reason.
    """
    name = job.folder(key)
    try:
        with _claim(place.run / NOTES / Path(name).name, workers) as check:
            earlier = finished(place.run, name, key) if workers.alone else None
            return earlier or _execute(job, key, inputs, place, _Reporter(pipe, check), check, workers)
    except OSError as error:
        return Outcome(reason=failure(error), lost=disk_is_away(error))


def _claim(path: Path, workers: Workers) -> contextlib.AbstractContextManager[Callable[[], None]]:
    """Return the claim on a job, of the process that writes; the others go where it goes."""
    return claimed(path) if workers.writes else contextlib.nullcontext(lambda: None)


def _execute(
    job: Job,
    key: str,
    inputs: Mapping[str, str],
    place: Workplace,
    report: Callable[[Tick], None],
    check: Callable[[], None],
    workers: Workers,
) -> Outcome:
    folder = place.run / job.folder(key)
    started = time.monotonic()
    torch.set_num_threads(int(job.config.get("threads", 1)))
    torch.set_flush_denormal(True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        context = JobContext(
            job=job,
            folder=folder,
            inputs={role: place.run / name for role, name in inputs.items()},
            cache=place.cache,
            device=torch.device(place.device),
            datasets=place.datasets,
            judge=place.judge,
            weights=place.weights,
            trusted=place.trusted,
            report=report,
            workers=workers,
        )
        content = JOBS[job.kind](context)
        check()
    except TakenOverError as error:
        return Outcome(reason=str(error), lost=True)
    except Interrupted as error:
        return Outcome(reason=str(error), interrupted=True)
    except BenchError as error:
        return Outcome(reason=failure(error), seconds=time.monotonic() - started, lost=disk_is_away(error))
    except Exception as error:  # a plug-in may raise anything; the rest of the suite goes on
        trace = "traceback.txt" if workers.writes else f"traceback-{workers.rank}.txt"
        with contextlib.suppress(BenchError, OSError):
            write_text(folder / trace, traceback.format_exc())
        reason = f"{failure(error)} (traceback in {job.folder(key)}/{trace})"
        return Outcome(reason=reason, seconds=time.monotonic() - started, lost=disk_is_away(error))
    outcome = Outcome(content, time.monotonic() - started, time.process_time(), _peak_memory_mib())
    if not workers.writes:
        return outcome
    record = {
        "id": job.id,
        "kind": job.kind.value,
        "key": key,
        "config": dict(job.config),
        "inputs": dict(inputs),
        "content": content,
        "files": _outputs(folder),
        "seconds": round(outcome.seconds, 3),
        "cpu_seconds": round(outcome.cpu_seconds, 3),
        "peak_memory_mib": round(outcome.peak_memory_mib, 1),
        "device": place.device,
        "git_revision": place.revision,
    }
    try:
        write_json(folder / DONE, record)
    except BenchError as error:
        return replace(outcome, content="", reason=failure(error), lost=disk_is_away(error))
    return outcome


def serve(
    carry_out: Callable[..., Outcome],
    job: Job,
    key: str,
    inputs: Mapping[str, str],
    place: Workplace,
    pipe: Connection,
) -> None:
    """Be the process of one job: die with the parent, leave Ctrl-C to it, send ticks and then the outcome."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    threading.Thread(target=_die_with_parent, args=(pipe,), daemon=True).start()
    outcome = carry_out(job, key, inputs, place, pipe)
    with contextlib.suppress(OSError):
        pipe.send(outcome)


def _die_with_parent(pipe: Connection) -> None:
    """Leave at once when the other end of the pipe is gone, so that no orphan writes into a run folder."""
    with contextlib.suppress(OSError):
        pipe.poll(None)
    os._exit(1)


class _Reporter:
    """Sends ticks, at most a few per second, as long as the job is this process's to do."""

    def __init__(self, pipe: Channel | None, check: Callable[[], None]) -> None:
        self._pipe, self._check = pipe, check
        self._last = 0.0

    def __call__(self, tick: Tick) -> None:
        now = time.monotonic()
        if now - self._last < 0.25 and tick.done < tick.total:
            return
        self._last = now
        self._check()
        if self._pipe is None:
            return
        with contextlib.suppress(OSError):
            self._pipe.send(tick)


def _peak_memory_mib() -> float:
    """Return the most memory this process held, in MiB; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10
