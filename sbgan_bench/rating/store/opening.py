"""Making a store, and opening one."""

import os
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, inspect, select, text

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.folder import STORE_VARIABLE, StudyFolder
from sbgan_bench.rating.store.database import Database
from sbgan_bench.rating.store.migrating import check_current, migrate
from sbgan_bench.rating.store.schema import event, image, place, rater, rating, slot, study
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import FrozenStudy, Role


def utc_now() -> datetime:
    """Return the time by this machine's clock."""
    return datetime.now(UTC)


def store_url(folder: StudyFolder, given: str | None) -> str:
    """Return where ratings are kept: as ``given``, else by the environment, else beside the study."""
    return given or os.environ.get(STORE_VARIABLE) or folder.default_store


def create_store(url: str, frozen: FrozenStudy, now: Callable[[], datetime] = utc_now) -> RatingStore:
    """Make a store for a study, or open the one that it has.

    Tables and images come in one transaction: whoever is killed in the middle leaves nothing, and processes that
    create the same store at the same time take turns.

    Args:
        url: SQLAlchemy URL of a SQLite file or a PostgreSQL database; the latter serves any number of studies.
        frozen: The study.
        now: The clock that leases and response times go by.

    Raises:
        ConfigError: A URL that cannot be used, ratings of another study, or a store of a newer version.
        StoreFullError: No room.
        StoreBusyError: The database does not answer.
    """
    database = Database(url, frozen.hash)
    if database.file is not None and not database.file.parent.is_dir():
        raise ConfigError(f"Cannot make {database.file}: there is no folder {database.file.parent}. Make it first.")

    def create(connection: Connection) -> None:
        if database.schema is not None:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {database.schema}"))
        migrate(connection, database.name)
        _insert_study(connection, frozen, database.name)

    return _store(database, create, frozen, now)


def open_store(url: str, frozen: FrozenStudy, now: Callable[[], datetime] = utc_now) -> RatingStore:
    """Open the store of a study; one made by an older version is brought up to date.

    Args:
        url: SQLAlchemy URL.
        frozen: The study.
        now: The clock that leases and response times go by.

    Raises:
        ConfigError: There is none, it belongs to another study, or was made by a newer version.
        StoreBusyError: The database does not answer.
    """
    database = Database(url, frozen.hash)
    _check_file(database, frozen)

    def check(connection: Connection) -> None:
        _check_tables(connection, database, frozen)
        migrate(connection, database.name)
        _check_study(connection, database, frozen)

    return _store(database, check, frozen, now)


def read_store(url: str, frozen: FrozenStudy, now: Callable[[], datetime] = utc_now) -> RatingStore:
    """Open the store of a study to look at it: nothing of it changes, and what would change it fails.

    Args:
        url: SQLAlchemy URL.
        frozen: The study.
        now: The clock that leases go by.

    Raises:
        ConfigError: There is none, it belongs to another study, or was made by another version.
        StoreBusyError: The database does not answer.
    """
    database = Database(url, frozen.hash, read_only=True)
    _check_file(database, frozen)
    try:
        with database.reading() as connection:
            _check_tables(connection, database, frozen)
            check_current(connection, database.name)
            _check_study(connection, database, frozen)
    except BaseException:
        database.dispose()
        raise
    return RatingStore(frozen, database, now)


def _missing(database: Database, frozen: FrozenStudy) -> ConfigError:
    return ConfigError(
        f"{database.name} holds no ratings of study {frozen.hash[:12]}; make it with: sbgan-bench rate create."
    )


def _check_file(database: Database, frozen: FrozenStudy) -> None:
    if database.file is not None and not database.file.is_file():
        raise _missing(database, frozen)


def _check_tables(connection: Connection, database: Database, frozen: FrozenStudy) -> None:
    if not inspect(connection).has_table("study"):
        raise _missing(database, frozen)


def _check_study(connection: Connection, database: Database, frozen: FrozenStudy) -> None:
    found = connection.scalar(select(study.c.hash))
    if found != frozen.hash:
        raise ConfigError(f"{database.name} belongs to study {str(found)[:12]}, not to {frozen.hash[:12]}.")


def _store(
    database: Database, prepare: Callable[[Connection], None], frozen: FrozenStudy, now: Callable[[], datetime]
) -> RatingStore:
    """Run ``prepare``, one process at a time; nothing stays open if it fails."""

    def in_turn(connection: Connection) -> None:
        if database.schema is not None:  # with SQLite there is one writer anyway
            connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(database.schema))))
        prepare(connection)

    try:
        database.write(in_turn)
    except BaseException:
        database.dispose()
        raise
    return RatingStore(frozen, database, now)


def _insert_study(connection: Connection, frozen: FrozenStudy, name: str) -> None:
    """Write down the study and its images unless they are there; those of a study without ratings make room."""
    found = connection.scalar(select(study.c.hash))
    if found == frozen.hash:
        return
    if found is not None:
        if connection.scalar(select(func.count()).select_from(rating)):
            raise ConfigError(f"{name} holds ratings of study {found[:12]}, which are kept; name another database.")
        for table in (event, slot, rater, place, image, study):
            connection.execute(delete(table))
    connection.execute(insert(study).values(id=1, hash=frozen.hash, open=True, simulated=False))
    places = frozen.ratings_per_image
    connection.execute(
        insert(image),
        [
            {"id": number, "key": member.id, "role": member.role.value, "stratum": member.stratum,
             "places": places if member.role is Role.MAIN else 0, "taken": 0}
            for number, member in enumerate(frozen.images, start=1)
        ],
    )  # fmt: skip
    connection.execute(
        insert(place),
        [
            {"image": number, "number": taken}
            for number, member in enumerate(frozen.images, start=1)
            if member.role is Role.MAIN
            for taken in range(places)
        ],
    )
