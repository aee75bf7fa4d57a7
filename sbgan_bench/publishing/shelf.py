"""The folder of all published runs: what lies there, how large it is, and whether it is what was published."""

from collections.abc import Iterator
from pathlib import Path

from sbgan_bench.errors import CorruptFileError
from sbgan_bench.hashing import hash_file
from sbgan_bench.manifest import MANIFEST
from sbgan_bench.publication import PUBLICATION, Publication
from sbgan_bench.publishing.thinning import foreign_chunks
from sbgan_bench.publishing.traces import find_traces
from sbgan_bench.shelves import PAPER

#: Bytes of everything published, the paper's tables included.
MOST_OF_ALL = 20_000_000


def size_of(folder: Path) -> int:
    """Return the bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def published_runs(folder: Path) -> list[Path]:
    """Return the folders of published runs, in order of name."""
    return sorted(path.parent for path in folder.glob(f"*/{MANIFEST}") if path.parent.name != PAPER)


def faults_of_shelf(folder: Path) -> Iterator[str]:
    """Yield what is wrong with a folder of published runs; nothing, if all is as it was published."""
    size = size_of(folder)
    if size > MOST_OF_ALL:
        yield f"{folder} has {size / 1e6:.1f} MB, of at most {MOST_OF_ALL / 1e6:.0f}"
    for run in published_runs(folder):
        yield from (f"{run.name}: {fault}" for fault in faults_of_run(run))


def faults_of_run(run: Path) -> Iterator[str]:
    """Yield what is wrong with one published run; nothing, if its files are what was published."""
    try:
        record = Publication.read(run)
    except CorruptFileError as error:
        yield str(error)
        return
    there = {path.relative_to(run).as_posix(): path for path in run.rglob("*") if path.is_file()}
    there.pop(PUBLICATION)
    yield from (f"{name} is missing" for name in sorted(record.files.keys() - there.keys()))
    yield from (f"{name} was not published" for name in sorted(there.keys() - record.files.keys()))
    for name in sorted(there.keys() & record.files.keys()):
        if hash_file(there[name]) != record.files[name]:
            yield f"{name} is not what was published"
        yield from faults_of_content(name, there[name].read_bytes())


def faults_of_content(name: str, data: bytes, own: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield what a published file gives away of a person or a machine, or that it is not what its name says.

    Args:
        name: Of the file.
        data: Its content.
        own: Names of this user and machine.
    """
    yield from (f"the name {name!r} holds {found}" for found in find_traces(name, own))
    if name.endswith(".png"):
        yield from (f"{name} holds more than a picture ({chunk})" for chunk in foreign_chunks(data))
    else:
        yield from (f"{name} holds {found}" for found in find_traces(data.decode("utf-8", "replace"), own))
