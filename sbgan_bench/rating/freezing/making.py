"""Making the folder of a study, whole or not at all."""

import itertools
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.freezing.existing import Existing
from sbgan_bench.rating.freezing.plan import Picture, Plan, Report, plan_study
from sbgan_bench.rating.freezing.spec_file import read_spec
from sbgan_bench.rating.freezing.writing import write_study
from sbgan_bench.rating.store.database import Database
from sbgan_bench.rating.store.opening import create_store, store_url
from sbgan_bench.rating.study import FrozenStudy
from sbgan_bench.reporting import no_report
from sbgan_bench.storage import atomic_folder, writing


class Outcome(StrEnum):
    """What became of the folder."""

    CREATED = "created"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"  #: the same study was there
    RESTORED = "restored"  #: the same, but images were missing or damaged and are whole again


def freeze(
    spec_path: Path,
    out: Path,
    *,
    store: str | None = None,
    replace: bool = False,
    device: str = "cpu",
    report: Report = no_report,
) -> StudyFolder:
    """Freeze a study and make its store.

    The same file and sources give the same study: ids, files, hash. What was there before is replaced only if nobody
    rated it and ``replace`` says so. A process that is killed leaves what was there.

    Args:
        spec_path: ``study.toml``.
        out: Folder of the study.
        store: SQLAlchemy URL of the store; None for the environment's, else a SQLite file in the folder.
        replace: Whether a study that nobody rated may go.
        device: Where models run.
        report: Told (what is worked on, parts done, parts in all).

    Raises:
        BenchError: A fault of the file or its sources, a study in the way, or no room.
    """
    check_place(spec_path, out, store=store, replace=replace)
    freeze_plan(plan_study(spec_path, report), out, store=store, replace=replace, device=device, report=report)
    return StudyFolder(out)


def check_place(spec_path: Path, out: Path, *, store: str | None, replace: bool) -> None:
    """Refuse a place where this study cannot be frozen, before any work; arguments as for ``freeze``.

    Raises:
        ConfigError: Another study is there, or something else; or ratings cannot be kept where they shall be.
        StoreBusyError: The database does not answer.
    """
    spec = read_spec(spec_path)
    folder = StudyFolder(out)
    url = store_url(folder, store)
    existing = Existing.at(folder, url)
    if existing is not None:
        existing.check(spec, replace=replace)
    elif url != folder.default_store:
        _check_database(url, spec.digest())


def freeze_plan(
    plan: Plan,
    out: Path,
    *,
    store: str | None = None,
    replace: bool = False,
    device: str = "cpu",
    report: Report = no_report,
) -> Outcome:
    """Freeze what was planned; arguments as for ``freeze``.

    Raises:
        BenchError: As there.
    """
    folder = StudyFolder(out)
    existing = Existing.at(folder, store_url(folder, store))
    with writing(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", suffix=".part", dir=out.parent) as place:
            fresh = StudyFolder(Path(place))
            study = write_study(plan, fresh, _pictures(plan, device, report))
            if existing is not None and existing.study.hash == study.hash:
                create_store(existing.url, study).dispose()
                return Outcome.RESTORED if existing.restore(fresh) else Outcome.UNCHANGED
            if existing is not None:
                existing.check_replaceable(replace=replace)
                existing.give_way()
            _make_store(folder, fresh, store, study)
            with atomic_folder(out) as temporary:
                for part in fresh.path.iterdir():
                    part.rename(temporary / part.name)
    return Outcome.CREATED if existing is None else Outcome.REPLACED


def _pictures(plan: Plan, device: str, report: Report) -> Iterator[Picture]:
    def told(name: str, done: int, total: int) -> None:
        report(f"freeze {name}", done, total)

    return itertools.chain(plan.lying_there(told), plan.sampled(device, told))


def _check_database(url: str, name: str) -> None:
    """See whether a store could be made there, for a study of whatever name."""
    database = Database(url, name)
    if database.file is None:
        with database.reading():
            pass
        database.dispose()
    elif not database.file.parent.is_dir():
        raise ConfigError(f"Cannot make {database.file}: there is no folder {database.file.parent}. Make it first.")


def _make_store(folder: StudyFolder, fresh: StudyFolder, given: str | None, study: FrozenStudy) -> None:
    """Make the store: in the new folder, which then appears with it, unless it is kept elsewhere."""
    url = store_url(folder, given)
    create_store(fresh.default_store if url == folder.default_store else url, study).dispose()
