"""Processes killed, disks full, servers gone: nothing acknowledged is lost, and the same call works again."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import rating.rater_process as program
from rating.databases import PrivateServer, Server
from rating.sessions import Clock, answer, ask, check, come, frozen_study
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import IntegrityError

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.store.database import ATTEMPTS
from sbgan_bench.rating.store.opening import create_store, open_store
from sbgan_bench.rating.store.records import Answer, Outcome, Platform, StoreBusyError, StoreFullError, Trial
from sbgan_bench.rating.store.store import RatingStore

Make = Callable[..., RatingStore]


def test_kill_9_loses_nothing_that_was_acknowledged(database_url: str, tmp_path: Path) -> None:
    study = frozen_study(cells=2, images_per_cell=200, ratings_per_image=3, per_rater=400)
    (tmp_path / "study.json").write_text(study.model_dump_json(), encoding="utf-8")
    store = create_store(database_url, study)
    command = [sys.executable, str(program.__file__), database_url, str(tmp_path / "study.json")]
    acknowledged: dict[str, str] = {}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1) as nursery:
        assert nursery.stdin is not None
        assert nursery.stdout is not None
        lines = (line.split() for line in nursery.stdout)
        for wait in np.random.default_rng(8).uniform(0.0, 0.3, size=5):
            nursery.stdin.write("1 3\n")
            while (words := next(lines))[0] != "ended":
                if words[0] == "process":
                    process = int(words[1])
                elif acknowledged.setdefault(words[1], words[2]) and process:
                    time.sleep(wait)
                    os.kill(process, signal.SIGKILL)
                    process = 0
            assert words == ["ended", str(int(signal.SIGKILL))]
            check(store)
        nursery.stdin.close()
    with store.database.reading() as connection:
        rows = connection.execute(text("SELECT key, score FROM rating JOIN slot ON slot.id = rating.slot"))
        kept = {row.key: str(row.score) for row in rows}
    assert {slot: kept.get(slot) for slot in acknowledged} == acknowledged
    assert 5 <= len(acknowledged) <= len(kept) <= len(acknowledged) + 5 * 3  # not yet said, perhaps, by any thread
    store.dispose()


def test_a_full_disk_is_said_and_nothing_breaks(tmp_path: Path) -> None:
    """SQLite is given no further page: that is the SQLITE_FULL of a full disk."""
    study = frozen_study(cells=2, images_per_cell=100, ratings_per_image=3, per_rater=200)
    store = create_store(f"sqlite:///{tmp_path / 'ratings.db'}", study)
    (who,) = come(store)
    _allow_pages(store, 1)  # as many as there are
    trial = _until_full(store, who)
    before = store.ratings()
    with pytest.raises(StoreFullError, match="free some space"):
        store.add_assignment(Platform.MTURK, "worker", [Answer(image.id, 1, 0) for image in study.images])
    assert store.ratings() == before
    check(store)
    _allow_pages(store, 10_000)
    again = ask(store, who)
    assert trial in (None, again)
    answer(store, who, again)
    assert len(store.ratings()) == len(before) + 1
    check(store)
    store.dispose()


def _allow_pages(store: RatingStore, pages: int) -> None:
    """Let the one connection of a SQLite store use no more pages (fewer than there are: as many)."""
    with store.database.reading() as connection:
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))


def _until_full(store: RatingStore, who: int) -> Trial | None:
    """Return the trial whose score does not fit; None if the next image does not."""
    while True:
        try:
            trial = ask(store, who)
        except StoreFullError:
            return None
        try:
            answer(store, who, trial)
        except StoreFullError:
            return trial


#: PostgreSQL's code, and what a caller gets.
STATES = {
    "53100": StoreFullError, "53300": StoreBusyError, "57P01": StoreBusyError, "55P03": StoreBusyError,
    "40001": StoreBusyError, "40P01": StoreBusyError, "42501": BenchError,
}  # fmt: skip


@pytest.mark.postgres
@pytest.mark.parametrize(("state", "error"), STATES.items(), ids=STATES)
def test_what_postgresql_says_of_itself_becomes_our_errors(
    postgres: Server, state: str, error: type[BenchError]
) -> None:
    with postgres.database() as url:
        store = create_store(url, frozen_study())

        def fail(connection: Connection) -> None:
            connection.execute(text("UPDATE study SET open = false"))
            connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'so it is' USING ERRCODE = '{state}'; END $$"))

        with pytest.raises(error, match="so it is" if state not in ("40001", "40P01") else "races"):
            store.database.write(fail)
        assert store.is_open()
        check(store)
        store.dispose()


@pytest.mark.postgres
def test_a_lost_race_is_run_again(postgres: Server) -> None:
    with postgres.database() as url:
        store = create_store(url, frozen_study())
        tries: list[int] = []

        def lose_twice(connection: Connection) -> int:
            tries.append(len(tries))
            if len(tries) < 3:
                connection.execute(text("DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '40001'; END $$"))
            return len(tries)

        assert store.database.write(lose_twice) == 3
        store.dispose()


def test_only_a_row_that_is_there_already_is_a_lost_race(database_url: str) -> None:
    store = create_store(database_url, frozen_study())
    tries: list[str] = []

    def write(connection: Connection, statement: str) -> None:
        tries.append(statement)
        connection.execute(text(statement))

    with pytest.raises(IntegrityError):
        store.database.write(lambda connection: write(connection, "UPDATE image SET taken = 99"))
    assert len(tries) == 1
    with pytest.raises(StoreBusyError, match="races"):
        store.database.write(lambda connection: write(connection, "INSERT INTO place SELECT * FROM place"))
    assert len(tries) == 1 + ATTEMPTS
    store.dispose()


@pytest.mark.postgres
def test_a_postgresql_that_restarts_is_found_again(postgres: Server) -> None:
    if not isinstance(postgres, PrivateServer):
        pytest.skip("the server is not ours to restart")
    with postgres.database() as url:
        store = create_store(url, frozen_study(), Clock())
        (who,) = come(store)
        answer(store, who, ask(store, who))
        trial = ask(store, who)
        store.deliver(trial.slot)
        postgres.stop()
        try:
            for call in (lambda: store.record(who, trial.slot, 2), lambda: store.next_trial(who), store.overview):
                with pytest.raises(StoreBusyError, match="again in a moment"):
                    call()
        finally:
            postgres.start()
        assert store.record(who, trial.slot, 2) is Outcome.RECORDED
        assert len(store.ratings()) == 2
        check(store)
        store.dispose()


@pytest.mark.postgres
def test_a_connection_cut_in_the_middle_of_a_call_keeps_all_or_nothing(postgres: Server) -> None:
    with postgres.database() as url:
        store = create_store(url, frozen_study())

        def cut(connection: Connection) -> None:
            connection.execute(text("UPDATE study SET open = false"))
            connection.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))

        with pytest.raises(StoreBusyError):
            store.database.write(cut)
        assert store.is_open()
        store.dispose()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Stores that are opened now wait a fifth of a second, not ten."""
    monkeypatch.setattr("sbgan_bench.rating.store.database.PATIENCE", 0.2)
    return


@pytest.mark.usefixtures("impatient")
def test_a_store_that_others_hold_is_busy_and_then_works(database_url: str) -> None:
    store = create_store(database_url, frozen_study())
    (who,) = come(store)
    with _holding(store):
        with pytest.raises(StoreBusyError, match="again in a moment"):
            store.next_trial(who)
        assert store.overview().ratings == 0  # readers do not wait
    answer(store, who, ask(store, who))
    check(store)
    store.dispose()


@contextlib.contextmanager
def _holding(store: RatingStore) -> Iterator[None]:
    """Hold what a writer needs, as another program might."""
    url = store.database._engine.url.difference_update_query(["options", "connect_timeout"])
    engine = create_engine(url)
    with engine.connect() as connection:
        schema = f"{store.database.schema}." if store.database.schema else ""
        connection.execute(text(f"UPDATE {schema}study SET open = true"))
        yield
        connection.rollback()
    engine.dispose()


def test_opening_fails_cleanly_when_the_file_is_locked(tmp_path: Path, impatient: None) -> None:
    url = f"sqlite:///{tmp_path / 'ratings.db'}"
    study = frozen_study()
    store = create_store(url, study)
    with _holding(store), pytest.raises(StoreBusyError):
        open_store(url, study)
    open_store(url, study).dispose()
    store.dispose()
