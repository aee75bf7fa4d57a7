"""Which run folders there are: those named, else those below ``runs/``, and the published ones."""

import enum
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from sbgan_bench.dashboard.arguments import Arguments
from sbgan_bench.dashboard.inert import plain, unique
from sbgan_bench.errors import BenchError
from sbgan_bench.hashing import hash_json
from sbgan_bench.manifest import MANIFEST, Manifest
from sbgan_bench.shelves import PAPER, published_folder

#: Larger tables of contents are not read, and of a folder of runs no more than so many are looked at.
MANIFEST_LIMIT, MOST_RUNS = 16 * 2**20, 500


class Shelf(enum.Enum):
    """Where a run was found."""

    NAMED = enum.auto()  #: on the command line
    LOCAL = enum.auto()  #: below runs/
    PUBLISHED = enum.auto()  #: with this project


@dataclass(frozen=True, slots=True)
class Entry:
    """A run folder that can be chosen, or one that cannot be read."""

    key: str  #: hexadecimal digits that stand for the folder in addresses of pictures
    name: str  #: what a reader chooses by; no two are the same
    folder: Path
    shelf: Shelf
    title: str = ""
    fault: str = ""  #: why it is skipped; "" for one that can be shown


def entries(arguments: Arguments) -> tuple[Entry, ...]:
    """Return every run folder there is, the latest of each shelf first; broken ones say what is wrong with them."""
    found: dict[Path, tuple[Shelf, Path]] = {}
    for shelf, folders in _shelves(arguments):
        for folder in sorted(folders, key=_age)[:MOST_RUNS]:
            found.setdefault(folder.resolve(), (shelf, folder))
    names = _names({place: shelf for place, (shelf, _) in found.items()})
    return tuple(_entry(names[place], shelf, folder, place) for place, (shelf, folder) in found.items())


def _names(found: Mapping[Path, Shelf]) -> dict[Path, str]:
    """Name folders so that an address stays that of its run.

    A published run keeps its own name; of others that share one, the numbers go by their paths, not by their age.
    """
    places = sorted(found, key=lambda place: (found[place] is not Shelf.PUBLISHED, str(place)))
    return dict(zip(places, unique([place.name for place in places]), strict=True))


def _shelves(arguments: Arguments) -> Iterator[tuple[Shelf, Sequence[Path]]]:
    if arguments.runs:
        yield Shelf.NAMED, [folder for named in arguments.runs for folder in _named(named)]
    else:
        yield Shelf.LOCAL, _runs_below(Path("runs"))
    published = published_folder()
    if published is not None:
        yield Shelf.PUBLISHED, [folder for folder in _runs_below(published) if folder.name != PAPER]


def _named(folder: Path) -> list[Path]:
    """Return a folder that was named, or the run folders in it if it is none itself."""
    return [folder] if _holds_run(folder) else _runs_below(folder) or [folder]


def _runs_below(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as children:
            return [folder for child in children if _holds_run(folder := Path(child.path))]
    except OSError:
        return []


def _holds_run(folder: Path) -> bool:
    try:
        return (folder / MANIFEST).is_file()
    except OSError:  # it cannot be looked into
        return False


def _age(folder: Path) -> float:
    try:
        return -(folder / MANIFEST).stat().st_mtime
    except OSError:
        return 0.0


def _entry(name: str, shelf: Shelf, folder: Path, place: Path) -> Entry:
    key = hash_json(str(place))[:12]
    try:
        return Entry(key, name, folder, shelf, title=manifest_of(folder).title)
    except BenchError as error:
        return Entry(key, name, folder, shelf, fault=str(error))


def manifest_of(folder: Path) -> Manifest:
    """Return the table of contents of a run folder, read once as long as the file stays the same.

    Raises:
        BenchError: There is none, it is damaged, or larger than any that a run writes.
    """
    try:
        state = (folder / MANIFEST).stat()
    except PermissionError as error:
        message = f"{plain(str(folder))} cannot be looked into: {error.strerror}; make it readable for who runs this."
        raise BenchError(message) from error
    except OSError as error:
        message = f"{plain(str(folder))} is not a run folder: no {MANIFEST}. Make one with 'sbgan-bench run'."
        raise BenchError(message) from error
    if state.st_size > MANIFEST_LIMIT:
        raise BenchError(f"{MANIFEST} has {state.st_size:,} bytes; the dashboard reads up to {MANIFEST_LIMIT:,}.")
    found = _manifest(folder, state.st_ctime_ns, state.st_size)
    if isinstance(found, str):
        raise BenchError(found)
    return found


@lru_cache(maxsize=len(Shelf) * MOST_RUNS)
def _manifest(folder: Path, changed: int, size: int) -> Manifest | str:
    """Return the table of contents or what is wrong with it, so that a damaged one is not read at every click."""
    del changed, size  # a rewritten file, or one whose rights were changed, is another one
    try:
        return Manifest.read(folder)
    except BenchError as error:
        return str(error)
