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
    scripts = ScriptDirectory(str(files("sbgan_bench.rating.store").joinpath("migrations")))
    context = MigrationContext.configure(connection, opts={"target_metadata": metadata})
    revision = context.get_current_revision()
    if revision == scripts.get_current_head():
        return
    if revision is None and inspect(connection).get_table_names():
        raise ConfigError(f"{name} holds other tables; ratings need a database of their own: name a new one.")
    if revision is not None and revision not in {script.revision for script in scripts.walk_revisions()}:
        raise ConfigError(
            f"{name} was made by a newer version (revision {revision!r}); use that one: pip install -U sbgan-bench."
        )
    operations = Operations(context)
    for step in reversed(list(scripts.iterate_revisions("head", revision or "base"))):
        step.module.upgrade(operations)
    context.stamp(scripts, "head")
