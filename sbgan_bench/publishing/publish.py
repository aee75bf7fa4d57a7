"""From a run folder to a published one: checked as a whole, refused with every reason, written at once."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sbgan_bench.errors import BenchError, CorruptFileError
from sbgan_bench.hashing import hash_bytes, hash_file
from sbgan_bench.manifest import RESULTS
from sbgan_bench.publication import Publication
from sbgan_bench.publishing.fitting import MOST_OF_A_RUN, MOST_OF_PICTURES, Fitted, fit
from sbgan_bench.publishing.gathering import gather
from sbgan_bench.publishing.licences import licence_of
from sbgan_bench.publishing.opening import OpenedRun, open_run
from sbgan_bench.publishing.shelf import MOST_OF_ALL, faults_of_content, faults_of_run, size_of
from sbgan_bench.publishing.soundness import faults_of_collection, faults_of_manifest, faults_of_rows, notes_of_rows
from sbgan_bench.publishing.traces import own_names
from sbgan_bench.shelves import PAPER
from sbgan_bench.storage import atomic_folder

_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
#: Reasons printed; faults that are alike are one of them.
_MOST_PRINTED = 60


class NotPublishableError(BenchError):
    """A run that may not be published; the message has every reason."""

    def __init__(self, run: Path, reasons: Sequence[str]) -> None:
        super().__init__(run, reasons)
        self.run = run
        self.reasons = tuple(reasons)

    def __str__(self) -> str:
        shown = self.reasons[:_MOST_PRINTED]
        more = len(self.reasons) - len(shown)
        lines = [f"  - {reason}" for reason in shown] + ([f"  - and {more} more"] if more else [])
        return "\n".join([f"{self.run} cannot be published:", *lines])


@dataclass(frozen=True, slots=True)
class Outcome:
    """What publishing did, or would do."""

    folder: Path
    publication: Publication
    size: int  #: bytes of the run's files
    total: int  #: bytes of everything published then
    changed: bool  #: False if exactly this was published already


def publish(run: Path, to: Path, *, name: str = "", replace: bool = False, dry_run: bool = False) -> Outcome:
    """Check a run and copy what may be published of it to ``to/name``.

    Args:
        run: The run folder; it is only read.
        to: The folder of all published runs.
        name: Of the folder; "" for the suite's.
        replace: Put it in the place of another publication of that name; nothing else is ever replaced.
        dry_run: Check everything, write nothing.

    Raises:
        NotPublishableError: With every reason at once.
        CorruptFileError: ``run`` is no run folder.
        CannotWriteError: ``to`` cannot be written.
    """
    opened = open_run(run)
    gathered = gather(opened)
    fitted = fit(opened, gathered, MOST_OF_A_RUN, MOST_OF_PICTURES)
    name = name or opened.manifest.suite
    reasons = [*_faults(opened, name), *opened.faults, *gathered.faults, *fitted.faults, *_traces(opened, fitted)]
    if reasons:
        raise NotPublishableError(run, list(dict.fromkeys(reasons)))
    made = _publication(opened, fitted, name)
    target = to / name
    there = _published(target)
    damage = list(faults_of_run(target)) if there is not None else []
    changed = there is None or bool(damage) or not there.same_content(made)
    total = _total(to, target, fitted.size + len(made.text().encode()))
    late = [*_faults_of_size(to, total)]
    if there is None and target.exists():
        late.append(f"{target} was not published, so nothing takes its place; move it away, or give another --name")
    elif there is not None and changed and not replace:
        other = f"not what was published ({damage[0]})" if damage else "another publication"
        late.append(f"{target} is {other}; give --replace to put this in its place, or another --name")
    if late:
        raise NotPublishableError(run, late)
    if changed and not dry_run:
        _write(target, fitted, made)
    return Outcome(target, made if changed or there is None else there, fitted.size, total, changed)


def _faults(opened: OpenedRun, name: str) -> Iterator[str]:
    if not _NAME.fullmatch(name) or name == PAPER:
        yield f"{name!r} is no name for it: use small letters, digits and hyphens, and not {PAPER!r}"
    yield from faults_of_manifest(opened.manifest)
    yield from faults_of_rows(opened.rows, opened.manifest)
    yield from faults_of_collection(opened.measured.results, opened.left)


def _traces(opened: OpenedRun, fitted: Fitted) -> Iterator[str]:
    manifest = opened.manifest
    words = {manifest.suite, *(record.dataset for record in manifest.datasets), *(row.model for row in opened.rows)}
    own = own_names(words)
    for name, data in fitted.files.items():
        yield from faults_of_content(name, data, own)


def _publication(opened: OpenedRun, fitted: Fitted, name: str) -> Publication:
    return Publication(
        name=name,
        published=datetime.now(UTC).date().isoformat(),
        suite=opened.manifest.suite,
        results=hash_file(opened.folder.path / RESULTS),
        licences=tuple({one.dataset: licence_of(one) for one in opened.manifest.datasets}.values()),
        dropped=fitted.dropped,
        notes=tuple(notes_of_rows(opened.rows)),
        files={path: hash_bytes(data) for path, data in sorted(fitted.files.items())},
    )


def _published(target: Path) -> Publication | None:
    try:
        return Publication.read(target)
    except CorruptFileError:
        return None


def _total(to: Path, target: Path, size: int) -> int:
    """Return the bytes of everything published once this run is, its old version left out."""
    everything = size_of(to) if to.is_dir() else 0
    old = size_of(target) if target.is_dir() else 0
    return everything - old + size


def _faults_of_size(to: Path, total: int) -> Iterator[str]:
    if total > MOST_OF_ALL:
        yield f"{to} would have {total / 1e6:.1f} MB, of at most {MOST_OF_ALL / 1e6:.0f}; remove a run there"


def _write(target: Path, fitted: Fitted, made: Publication) -> None:
    with atomic_folder(target) as temporary:
        for name, data in fitted.files.items():
            path = temporary / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        made.write(temporary)
