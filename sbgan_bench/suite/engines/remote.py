"""Jobs on other machines that see the same folders: what runs there, and how it tells how far it is."""

import contextlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sbgan_bench.suite.failures import disk_is_away
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.worker import NOTES, Outcome, Workplace, execute

#: Seconds between two notes of how far a job is.
INTERVAL = 2.0


#: Jobs that work with files and numbers alone, whatever the device.
_NUMBERS = frozenset({JobKind.PREPARE, JobKind.SELECT, JobKind.SCORE, JobKind.COMPARE, JobKind.SUMMARY})


def needs_gpu(job: Job, place: Workplace) -> bool:
    """Whether a job has work for a GPU."""
    return place.device == "cuda" and job.kind not in _NUMBERS


@dataclass(frozen=True, slots=True)
class Call:
    """One job, with all that a machine needs to carry it out."""

    job: Job
    key: str
    inputs: Mapping[str, str]  #: role -> folder of a finished job, below the run folder
    place: Workplace
    home: Path  #: the working folder, from which paths that are not absolute count

    @property
    def note(self) -> Path:
        """The file that says how far the job is; it need not exist."""
        return (self.home / self.place.run / NOTES / Path(self.job.folder(self.key)).name).with_suffix(".json")


def carry_out(call: Call) -> Outcome:
    """Do one job here, on a machine that may not be the scheduler's.

    Slurm sends SIGUSR2 before the time of a job is over; what submitit would do then is an error to the job.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # while training, it means "save and leave"
    if sys.platform != "win32":
        signal.signal(signal.SIGUSR2, lambda *_: signal.raise_signal(signal.SIGTERM))
    note = _Note(call.note)
    try:
        os.chdir(call.home)
        return execute(call.job, call.key, call.inputs, call.place, note)
    except KeyboardInterrupt:
        return Outcome(reason=f"asked to stop on {socket.gethostname()}", interrupted=True)
    except OSError as error:
        return Outcome(
            reason=f"{socket.gethostname()} cannot work in {call.home} ({error.strerror or error}): "
            "every machine must see the same folders under the same paths",
            lost=disk_is_away(error),
        )
    finally:
        note.erase()


class _Note:
    """Writes how far a job is, now and then."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._last = 0.0

    def send(self, message: Tick, /) -> None:
        """Write it down, unless that was done a moment ago."""
        if time.monotonic() - self._last < INTERVAL:
            return
        self._last = time.monotonic()
        draft = self._path.with_suffix(".part")
        draft.write_text(json.dumps(asdict(message)), encoding="utf-8")
        draft.replace(self._path)

    def erase(self) -> None:
        """Remove what was written; who waited in vain has written nothing, and leaves the note of the one at work."""
        if self._last:
            with contextlib.suppress(OSError):
                self._path.unlink(missing_ok=True)


class Notes:
    """Reads how far jobs are."""

    def __init__(self) -> None:
        self._looked = 0.0
        self._told: dict[str, Tick] = {}

    def read(self, calls: Mapping[str, Call]) -> Iterator[tuple[Job, Tick]]:
        """Yield what is new about running jobs; looks no more often than notes are written."""
        if time.monotonic() - self._looked < INTERVAL:
            return
        self._looked = time.monotonic()
        for name, call in calls.items():
            try:
                tick = Tick(**json.loads(call.note.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                continue
            if self._told.get(name) != tick:
                self._told[name] = tick
                yield call.job, tick
