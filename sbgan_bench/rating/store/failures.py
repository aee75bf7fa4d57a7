"""What a database's own errors mean to a caller."""

import contextlib
from collections.abc import Iterator
from sqlite3 import Error as SQLiteError

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from sbgan_bench.errors import BenchError, CorruptFileError
from sbgan_bench.rating.store.records import StoreBusyError, StoreFullError

#: SQLite's primary result codes (sqlite.org/rescode.html).
_BUSY, _LOCKED, _READ_ONLY, _IO_ERROR, _CORRUPT, _FULL, _CANNOT_OPEN, _NO_DATABASE = 5, 6, 8, 10, 11, 13, 14, 26

#: What says that somebody else wrote the same row: SQLite's extended result codes, and PostgreSQL's SQLSTATE.
_NOT_UNIQUE = (1555, 2067)
_UNIQUE_VIOLATION = "23505"

#: PostgreSQL's SQLSTATE codes of transactions that lost a race and may simply be tried again.
_LOST_RACES = ("40001", "40P01")
_DISK_FULL = "53100"
#: Classes: connection lost, shut down or not let in for want of room, no answer in time.
_BUSY_STATES = ("08", "57", "53", "55P03", *_LOST_RACES)
#: Password, database or rights.
_REFUSED = ("28", "3D", "42501")


class CollisionError(Exception):
    """Somebody else was faster; the transaction is to be tried again."""


@contextlib.contextmanager
def translated(name: str) -> Iterator[None]:
    """Turn errors of the database called ``name`` into ours.

    Raises:
        CollisionError: Somebody else wrote the same row, or won a race; the transaction may be tried again.
        StoreFullError: No room on the disk.
        StoreBusyError: No answer in time, or the connection is gone.
        CorruptFileError: A SQLite file is damaged, or is none.
        BenchError: The database cannot be written.
    """
    try:
        yield
    except IntegrityError as error:
        if not _same_row(error):
            raise
        raise CollisionError from error
    except PoolTimeoutError as error:
        raise _busy(name, "every connection is in use") from error
    except DBAPIError as error:
        known = _of_sqlite(name, error) if isinstance(error.orig, SQLiteError) else _of_postgresql(name, error)
        if known is None:
            raise
        raise known from error


def _same_row(error: IntegrityError) -> bool:
    """Say whether a row that must be the only one is there already."""
    if isinstance(error.orig, SQLiteError):
        return error.orig.sqlite_errorcode in _NOT_UNIQUE
    return getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION


def _of_sqlite(name: str, error: DBAPIError) -> Exception | None:
    """Return what a SQLite error means, or None."""
    match getattr(error.orig, "sqlite_errorcode", 0) & 0xFF:  # the byte above it says more precisely where
        case code if code in (_FULL, _IO_ERROR):
            return _full(name, str(error.orig))
        case code if code in (_BUSY, _LOCKED):
            return _busy(name, str(error.orig))
        case code if code in (_CORRUPT, _NO_DATABASE):
            return CorruptFileError(f"{name} is damaged or no SQLite file ({error.orig}); restore it from a backup.")
        case code if code in (_READ_ONLY, _CANNOT_OPEN):
            return BenchError(f"{name} cannot be written ({error.orig}); make the file and its folder writable.")
        case _:
            return None


def _of_postgresql(name: str, error: DBAPIError) -> Exception | None:
    """Return what a PostgreSQL error means, or None."""
    state = getattr(error.orig, "sqlstate", None) or ""
    reason = str(error.orig).strip().partition("\n")[0]
    if state in _LOST_RACES:
        return CollisionError()
    if state == _DISK_FULL:
        return _full(name, reason)
    if state.startswith(_REFUSED):
        return BenchError(f"{name} refuses ({reason}); check its address, user and rights.")
    if error.connection_invalidated or not state or state.startswith(_BUSY_STATES):
        return _busy(name, reason)
    return None


def _full(name: str, reason: str) -> StoreFullError:
    return StoreFullError(
        f"No room to write {name} ({reason}). What was there before is intact: free some space and try again."
    )


def _busy(name: str, reason: str) -> StoreBusyError:
    return StoreBusyError(f"{name} did not answer ({reason}). Nothing is lost: try again in a moment.")
