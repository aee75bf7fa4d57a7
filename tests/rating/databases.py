"""The databases that stores are tested on: a SQLite file, and a PostgreSQL server that lives as long as the tests.

The server is the one at ``SBGAN_BENCH_TEST_POSTGRES`` (an SQLAlchemy URL; its user may create databases), else a
private one in a temporary folder, reached by a socket in there.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from sqlalchemy import URL, make_url

SERVER_VARIABLE = "SBGAN_BENCH_TEST_POSTGRES"
_OWNER = "bench"
_SECONDS_TO_START = 60


class Server:
    """A PostgreSQL server with a database of ours, that tests use one after the other."""

    def __init__(self, url: URL) -> None:
        self._server = url
        self.url = url.set(database=f"test_{secrets.token_hex(6)}")

    @contextlib.contextmanager
    def with_database(self) -> Iterator[Self]:
        """Make the database, and drop it."""
        self._execute(self._server, f"CREATE DATABASE {self.url.database}")
        try:
            yield self
        finally:
            self._execute(self._server, f"DROP DATABASE {self.url.database} WITH (FORCE)")

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """Yield the URL of the database, without studies in it."""
        try:
            yield self.url.render_as_string(hide_password=False)
        finally:
            schemas = "SELECT nspname FROM pg_namespace WHERE starts_with(nspname, 'study_')"
            for (schema,) in self._execute(self.url, schemas):
                self._execute(self.url, f"SET lock_timeout TO '20s'; DROP SCHEMA {schema} CASCADE")

    def wait(self) -> None:
        """Return when it answers."""
        end = time.monotonic() + _SECONDS_TO_START
        while True:
            try:
                self._execute(self._server, "SELECT 1")
                return
            except psycopg.OperationalError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.05)

    @staticmethod
    def _execute(url: URL, statement: str) -> list[tuple[Any, ...]]:
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(plain, autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []


class PrivateServer(Server):
    """A server of our own, which can be stopped and started again.

    It is the child of a shell that waits for its standard input to close: also if the tests are killed, it ends.
    """

    _SCRIPT = '"$@" & read line; kill -INT $!; wait'

    def __init__(self, programs: Path, folder: Path) -> None:
        super().__init__(URL.create("postgresql+psycopg", _OWNER, database="postgres", query={"host": str(folder)}))
        self._programs = programs
        self._data = folder / "data"
        self._user = None
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            names = {entry.pw_name for entry in pwd.getpwall()}
            self._user = "postgres" if "postgres" in names else "nobody"
            shutil.chown(folder, self._user)
        options = ["-A", "trust", "-U", _OWNER, "-E", "UTF8", "--locale=C", "--no-sync"]
        command = [programs / "initdb", *options, "-D", self._data]
        subprocess.run(command, check=True, capture_output=True, user=self._user, cwd="/")
        self._socket = folder

    def start(self) -> None:
        """Start, and return when it answers."""
        settings = [f"unix_socket_directories={self._socket}", "listen_addresses=", "fsync=off", "max_connections=200"]
        command = [str(self._programs / "postgres"), "-D", str(self._data)]
        for setting in settings:
            command += ["-c", setting]
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", self._SCRIPT, "sh", *command],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._user, cwd="/",
        )  # fmt: skip
        self.wait()

    def stop(self) -> None:
        """Stop at once, whoever is connected."""
        assert self._shell.stdin is not None
        self._shell.stdin.close()
        self._shell.wait()


def _programs() -> Path | None:
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists() and (place / "postgres").exists()), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server, one per process of tests."""
    given = os.environ.get(SERVER_VARIABLE)
    if given:
        with Server(make_url(given).set(drivername="postgresql+psycopg")).with_database() as server:
            yield server
        return
    programs = _programs()
    if programs is None:
        pytest.skip(f"PostgreSQL is not installed (no initdb), and {SERVER_VARIABLE} names no server")
    with _temporary_folder(Path(tempfile.gettempdir())) as folder:
        private = PrivateServer(programs, folder)
        private.start()
        try:
            with private.with_database():
                yield private
        finally:
            private.stop()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """URL of an empty database: a test that asks for it runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        memory = Path("/dev/shm")  # a file there is as good as any to a process that is killed, and faster
        with _temporary_folder(memory if os.access(memory, os.W_OK) else tmp_path) as folder:
            yield f"sqlite:///{folder / 'ratings.db'}"
        return
    with request.getfixturevalue("postgres").database() as url:
        yield url


@contextlib.contextmanager
def _temporary_folder(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sbgan-ratings-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
