"""Bringing the tables of a database up to date."""

from importlib.resources import files

from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.store.schema import metadata


def migrate(connection: Connection, name: str) -> None:
    """Take the steps that a database lacks, within the transaction of its connection.

    Alembic keeps the order of the steps and the revision in the database. Each step is a function ``upgrade`` that is
    handed its operations, so that threads may migrate several databases at once.

    Args:
        connection: In a transaction that keeps others out.
        name: Of the database, for the error.

    Raises:
        ConfigError: The database is of a newer version than this program, or of another program.
    """
    scripts, context = _steps(), _context(connection)
    revision = _revision(connection, name)
    if revision == scripts.get_current_head():
        return
    if revision is None and inspect(connection).get_table_names():
        raise ConfigError(f"{name} holds other tables; ratings need a database of their own: name a new one.")
    operations = Operations(context)
    for step in reversed(list(scripts.iterate_revisions("head", revision or "base"))):
        step.module.upgrade(operations)
    context.stamp(scripts, "head")


def check_current(connection: Connection, name: str) -> None:
    """See that a database lacks no step; nothing is changed.

    Raises:
        ConfigError: It is of another version than this program.
    """
    if _revision(connection, name) != _steps().get_current_head():
        raise ConfigError(f"{name} was made by an older version; bring it up to date with: sbgan-bench rate status.")


def _revision(connection: Connection, name: str) -> str | None:
    """Return the revision of a database, None for one without any; one that this program does not know is an error."""
    revision = _context(connection).get_current_revision()
    if revision is not None and revision not in {script.revision for script in _steps().walk_revisions()}:
        raise ConfigError(
            f"{name} was made by a newer version (revision {revision!r}); use that one: pip install -U sbgan-bench."
        )
    return revision


def _steps() -> ScriptDirectory:
    return ScriptDirectory(str(files("sbgan_bench.rating.store").joinpath("migrations")))


def _context(connection: Connection) -> MigrationContext:
    return MigrationContext.configure(connection, opts={"target_metadata": metadata})
