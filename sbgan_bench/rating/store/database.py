"""A connection to the database of a store: SQLite or PostgreSQL, one transaction per call."""

import contextlib
import re
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.store.failures import CollisionError, translated
from sbgan_bench.rating.store.records import StoreBusyError

T = TypeVar("T")

#: Seconds that a call waits for its turn before it gives up with ``StoreBusyError``.
PATIENCE = 10
#: How often a transaction is tried that lost a race.
ATTEMPTS = 8
#: Digits of a study's hash in the name of its PostgreSQL schema.
_DIGITS = 12
#: A password among the parameters of a URL.
_PASSWORD = re.compile(r"(?i)(?<=password=)[^&]*")
#: Who logs in, as far as it can be made out where a URL is malformed.
_LOGIN = re.compile(r"^([\w+]*:?/{0,2}).*@", re.DOTALL)


class Database:
    """Transactions on one study's tables. Safe for threads; each process opens its own."""

    def __init__(self, url: str, study_hash: str, *, read_only: bool = False) -> None:
        """Prepare; nothing is connected yet.

        Args:
            url: SQLAlchemy URL.
            study_hash: Whose tables.
            read_only: Refuse whatever would change the database.

        Raises:
            ConfigError: The URL is of neither SQLite nor PostgreSQL, or its driver is missing.
        """
        parsed = _parse(url)
        if not study_hash.isalnum():
            raise ConfigError(f"{study_hash!r} is no hash of a study; restore study.json.")
        self.name = _PASSWORD.sub("***", parsed.render_as_string(hide_password=True))
        self.schema = None if parsed.get_backend_name() == "sqlite" else f"study_{study_hash[:_DIGITS]}"
        self.file = Path(parsed.database or "") if self.schema is None else None
        try:
            if self.file is None:
                self._engine = _postgresql(parsed, self.schema or "", read_only=read_only)
            else:
                self._engine = _sqlite_to_read(parsed, self.file) if read_only else _sqlite(parsed)
        except ImportError as error:
            raise ConfigError("PostgreSQL needs a driver: pip install 'sbgan-bench[postgres]'.") from error

    def write(self, work: Callable[[Connection], T]) -> T:
        """Run ``work`` in a transaction; what it did is on the disk when this returns, or nothing of it is.

        A transaction that lost a race is run again, so ``work`` must change nothing but the database.
        """
        lost: Exception | None = None
        for _ in range(ATTEMPTS):
            try:
                with translated(self.name), self._engine.begin() as connection:
                    return work(connection)
            except CollisionError as collision:
                lost = collision
        raise StoreBusyError(f"{self.name} is too busy: a change lost {ATTEMPTS} races. Try again.") from lost

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the tables and keeps no writer waiting."""
        options: dict[str, Any] = {"isolation_level": "REPEATABLE READ"} if self.schema else {"deferred": True}
        with translated(self.name), self._engine.connect() as plain:
            connection = plain.execution_options(**options)
            with connection.begin():
                yield connection

    def dispose(self) -> None:
        """Close all connections."""
        self._engine.dispose()


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError as error:
        raise ConfigError(
            f"{_without_password(url)!r} is no database URL; write sqlite:///FILE or postgresql://USER@HOST/NAME."
        ) from error
    if backend in ("postgres", "postgresql"):
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise ConfigError(
            f"Ratings are kept in SQLite or PostgreSQL, not in {backend!r}: sqlite:///FILE, for example."
        )
    if parsed.database in (None, "", ":memory:"):
        raise ConfigError("Ratings must outlive the process: name a file, as in sqlite:///FILE.")
    return parsed.set(drivername="sqlite")


def _without_password(malformed: str) -> str:
    return _LOGIN.sub(r"\1***@", _PASSWORD.sub("***", malformed))


def _sqlite(url: URL) -> Engine:
    """Open a file. All threads take turns with one connection, so that they queue instead of colliding."""
    engine = create_engine(url, pool_size=1, max_overflow=0, pool_timeout=PATIENCE, connect_args={"timeout": PATIENCE})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, record: Any) -> None:
        del record
        connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in (
            "journal_mode = WAL",
            "synchronous = FULL",  # a committed rating survives a power cut
            "foreign_keys = ON",
            "recursive_triggers = ON",  # INSERT OR REPLACE must not slip past the triggers either
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        deferred = connection.get_execution_options().get("deferred", False)
        connection.exec_driver_sql("BEGIN" if deferred else "BEGIN IMMEDIATE")

    return engine


def _sqlite_to_read(url: URL, file: Path) -> Engine:
    """Open a file without changing a byte of it, or leaving files of SQLite's own beside it."""

    def connect() -> sqlite3.Connection:
        # Somebody has it open if its log lies beside it; to look at one that is at rest, SQLite needs to be told so.
        way = "mode=ro" if file.with_name(f"{file.name}-wal").exists() else "immutable=1"
        name = f"{file.resolve().as_uri()}?{way}"
        return sqlite3.connect(name, timeout=PATIENCE, isolation_level=None, check_same_thread=False, uri=True)

    engine = create_engine(url, creator=connect, pool_size=1, max_overflow=0, pool_timeout=PATIENCE)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN")

    return engine


def _postgresql(url: URL, schema: str, *, read_only: bool) -> Engine:
    """Open a database; every statement is about the tables of one schema."""
    settings = {"search_path": schema, "lock_timeout": f"{PATIENCE}s", "synchronous_commit": "on"}
    settings |= {"default_transaction_read_only": "on"} if read_only else {}
    given = url.query.get("options", "")
    options = [given] if isinstance(given, str) else list(given)
    options += [f"-c {name}={value}" for name, value in settings.items()]
    return create_engine(
        url.update_query_dict({"options": " ".join(options), "connect_timeout": str(PATIENCE)}),
        pool_size=8,
        max_overflow=8,
        pool_timeout=PATIENCE,
        pool_pre_ping=True,
    )
