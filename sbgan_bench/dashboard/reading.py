"""Reading a run folder for many pages: within limits, once for all readers, and around whatever is damaged."""

import gc
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from sbgan_bench.comparing.correlation import CORRELATIONS, RankCorrelation
from sbgan_bench.comparing.rows import COMPARISONS, Comparison
from sbgan_bench.config import Settings
from sbgan_bench.dashboard.library import MANIFEST_LIMIT, manifest_of
from sbgan_bench.errors import BenchError
from sbgan_bench.hashing import hash_json
from sbgan_bench.manifest import MANIFEST, RATINGS, RESULTS
from sbgan_bench.publication import PUBLICATION, Publication
from sbgan_bench.report.run_folder import Found, RunFolder
from sbgan_bench.results import ResultRow
from sbgan_bench.within import file_within

#: Files with more bytes or lines are not read, and longer lines are left out.
MOST_BYTES, MOST_LINES, LONGEST_LINE = 64 * 2**20, 200_000, 2**20
#: Rows of single trials stand in no table; this tells them without reading the rest of the line.
_TRIAL = re.compile(rb'(?<!\\)"trial": ?\d')
#: What makes a run another one when it changes.
_ROWS = (RESULTS, COMPARISONS, CORRELATIONS)
_FILES = (MANIFEST, PUBLICATION, *_ROWS, *(f"{RATINGS}/{name}" for name in _ROWS))

_Row = TypeVar("_Row", bound=Settings)
_Made = TypeVar("_Made")


@dataclass(slots=True, eq=False)
class OpenRun:
    """A run as pages see it, with what they made of it: made once, forgotten together."""

    run: RunFolder
    notes: tuple[str, ...]  #: what was skipped, and why
    stamp: str  #: changes when a file of the run does
    _made: OrderedDict[Hashable, Any] = field(default_factory=OrderedDict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def once(self, key: Hashable, make: Callable[[], _Made], most: int = 128) -> _Made:
        """Return what ``make`` made the first time that it was asked for under ``key``."""
        with self._lock:
            if key not in self._made:
                self._made[key] = make()
                if len(self._made) > most:
                    self._made.popitem(last=False)
            self._made.move_to_end(key)
            made: _Made = self._made[key]
            return made


def open_run(folder: Path) -> OpenRun:
    """Open a run folder; unreadable parts of it become notes.

    Raises:
        BenchError: It has no ``run.json`` that can be read.
    """
    manifest_of(folder)
    return _open(folder, tuple(file_state(folder / name) for name in _FILES))


def file_state(path: Path) -> tuple[int, int]:
    """Return what changes when a file does: its time in ns and its size; zeros where there is none."""
    try:
        state = path.stat()
    except OSError:
        return 0, 0
    return state.st_mtime_ns, state.st_size


@lru_cache(maxsize=6)
def _open(folder: Path, states: tuple[tuple[int, int], ...]) -> OpenRun:
    own, notes = _found(folder)
    rated, rated_notes = _found(folder, f"{RATINGS}/")
    publication, publication_notes = _publication(folder)
    run = RunFolder.of(folder, manifest_of(folder), own, rated, publication)
    opened = OpenRun(run, (*notes, *rated_notes, *publication_notes), hash_json(states)[:12])
    # Streamlit looks for garbage after every change that a reader makes; looking through all rows takes a third of a
    # second, and rows hold nothing in circles: they go when the run is forgotten. What is garbage now must go first.
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    return opened


def _found(folder: Path, below: str = "") -> tuple[Found, tuple[str, ...]]:
    rows, notes = _read_some(folder, f"{below}{RESULTS}", ResultRow, ResultRow.cell)
    tests, test_notes = _read_some(folder, f"{below}{COMPARISONS}", Comparison, Comparison.key)
    orders, order_notes = _read_some(folder, f"{below}{CORRELATIONS}", RankCorrelation, RankCorrelation.key)
    return Found(tuple(rows), tuple(tests), tuple(orders)), (*notes, *test_notes, *order_notes)


def _publication(folder: Path) -> tuple[Publication | None, tuple[str, ...]]:
    path = file_within(folder, PUBLICATION)
    if path is None:
        return None, ()
    if path.stat().st_size > MANIFEST_LIMIT:
        return None, (f"{PUBLICATION} is larger than the dashboard reads.",)
    try:
        return Publication.read(folder), ()
    except BenchError:
        return None, (f"{PUBLICATION} is damaged and was not read.",)


def _read_some(
    folder: Path, name: str, kind: type[_Row], key: Callable[[_Row], tuple[str, ...]]
) -> tuple[list[_Row], tuple[str, ...]]:
    """Read the rows of a file of JSON Lines that can be read; of two with one key the later line wins.

    Returns:
        The rows, and notes on what was left out.
    """
    path = file_within(folder, name)
    if path is None:
        return [], ()
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            return [], (f"{name} has {size:,} bytes and was not read; the dashboard reads up to {MOST_BYTES:,}.",)
        lines = path.read_bytes().splitlines()
    except OSError as error:
        return [], (f"{name} cannot be read: {error.strerror}.",)
    if len(lines) > MOST_LINES:
        return [], (f"{name} has {len(lines):,} lines and was not read; up to {MOST_LINES:,} are.",)
    rows: dict[tuple[str, ...], _Row] = {}
    faulty = []
    for number, line in enumerate(lines, start=1):
        if len(line) > LONGEST_LINE:
            faulty.append(number)
        elif not _TRIAL.search(line):
            try:
                row = kind.model_validate_json(line)
            except ValidationError:
                faulty.append(number)
            else:
                rows[key(row)] = row
    return list(rows.values()), _faults(name, faulty, kind)


def _faults(name: str, lines: list[int], kind: type[Settings]) -> tuple[str, ...]:
    if not lines:
        return ()
    shown = ", ".join(map(str, lines[:5])) + (", …" if len(lines) > 5 else "")
    number = f"{len(lines):,} lines are" if len(lines) > 1 else "one line is"
    return (f"{name}: {number} no {kind.__name__} and left out (line {shown}).",)
