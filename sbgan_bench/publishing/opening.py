"""Reading a run folder in order to publish it: every fault is noted, none ends the reading."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sbgan_bench.comparing.correlation import CORRELATIONS, RankCorrelation, read_correlations
from sbgan_bench.comparing.rows import COMPARISONS, Comparison, read_comparisons
from sbgan_bench.config_hash import config_hash_of
from sbgan_bench.errors import CorruptFileError
from sbgan_bench.manifest import RATINGS, RESULTS, Manifest
from sbgan_bench.publishing.traces import without_places_in
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.results import ResultRow, Status, read_rows

#: The suite as it was run, beside its results.
SUITE = "suite.json"
#: Kinds of jobs that leave result rows, and the file in their folders.
_MEASURING, JOB_ROWS = frozenset({"score", "gan-train", "summary"}), "rows.jsonl"

_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one folder, those of single trials included."""

    results: tuple[ResultRow, ...]
    comparisons: tuple[Comparison, ...]
    correlations: tuple[RankCorrelation, ...]


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """What a run folder says, as far as it can be read."""

    folder: RunFolder  #: without rows: they are below
    measured: Rows
    rated: Rows  #: in ``ratings/``: what people said; empty where nobody was asked
    left: tuple[ResultRow, ...]  #: by the jobs that measured, in their folders
    suite: str  #: ``suite.json`` without places of the machine
    faults: tuple[str, ...]

    @property
    def rows(self) -> tuple[ResultRow, ...]:
        """All result rows, of metrics and of people."""
        return (*self.measured.results, *self.rated.results)

    @property
    def manifest(self) -> Manifest:
        """Its table of contents."""
        return self.folder.manifest


def open_run(path: Path) -> OpenedRun:
    """Read a run folder.

    Raises:
        CorruptFileError: There is no ``run.json``, or it is damaged: then there is nothing else to say.
    """
    folder = RunFolder(path, Manifest.read(path), ())
    faults: list[str] = []
    return OpenedRun(
        folder=folder,
        measured=_all_rows(folder, "", faults, needed=True),
        rated=_all_rows(folder, f"{RATINGS}/", faults, needed=False),
        left=tuple(_left(folder, faults)),
        suite=_suite(folder, faults),
        faults=tuple(faults),
    )


def _all_rows(folder: RunFolder, place: str, faults: list[str], *, needed: bool) -> Rows:
    return Rows(
        tuple(_rows(folder, f"{place}{RESULTS}", read_rows, faults, needed=needed)),
        tuple(_rows(folder, f"{place}{COMPARISONS}", read_comparisons, faults)),
        tuple(_rows(folder, f"{place}{CORRELATIONS}", read_correlations, faults)),
    )


def _rows(
    folder: RunFolder,
    name: str,
    read: Callable[[Path], Sequence[_Row]],
    faults: list[str],
    *,
    needed: bool = False,
) -> Sequence[_Row]:
    path = folder.file(name)
    if path is None:
        if needed or (folder.path / name).is_symlink():
            faults.append(f"{name} is missing, or leads out of the folder")
        return ()
    try:
        return read(path)
    except CorruptFileError as error:
        faults.append(str(error).replace(str(path), name))
        return ()


def _left(folder: RunFolder, faults: list[str]) -> Iterator[ResultRow]:
    for job in folder.manifest.jobs:
        if job.kind in _MEASURING and job.status is Status.DONE:
            yield from _rows(folder, f"{job.folder or job.title}/{JOB_ROWS}", read_rows, faults, needed=True)


def _suite(folder: RunFolder, faults: list[str]) -> str:
    path = folder.file(SUITE)
    if path is None:
        faults.append(f"{SUITE} is missing, or leads out of the folder")
        return ""
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        text = json.dumps(without_places_in(values), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
        text.encode()
    except (OSError, ValueError, RecursionError) as error:  # ValueError: infinite numbers and half characters too
        faults.append(f"{SUITE} is no JSON ({error})")
        return ""
    manifest = folder.manifest
    known = isinstance(values, dict) and values.get("name") == manifest.suite
    if not known or config_hash_of(values) != manifest.config_hash:
        faults.append(f"{SUITE} is not the suite that run.json was made by; run the same command again")
    return text
