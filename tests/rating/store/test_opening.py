"""Making stores, opening them, and the tables that this makes."""

import contextlib
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from rating.databases import Server
from rating.sessions import answer, ask, check, come, frozen_study, tampering
from rating.studies import make_study
from sqlalchemy import CheckConstraint, inspect, text
from sqlalchemy.exc import DBAPIError

from sbgan_bench.errors import BenchError, ConfigError, CorruptFileError
from sbgan_bench.rating.folder import STORE_VARIABLE
from sbgan_bench.rating.store.database import Database
from sbgan_bench.rating.store.opening import create_store, open_store, read_store, store_url
from sbgan_bench.rating.store.schema import metadata
from sbgan_bench.rating.store.store import RatingStore

Make = Callable[..., RatingStore]


def test_the_migrations_make_the_tables_that_the_program_knows(make_store: Make) -> None:
    store = make_store()
    with store.database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, metadata) == []
        tables = inspect(connection)
        for name, table in metadata.tables.items():
            named = {found["name"] for found in tables.get_check_constraints(name)}
            assert named == {item.name for item in table.constraints if isinstance(item, CheckConstraint)}
            partial = {index["name"] for index in tables.get_indexes(name) if index["dialect_options"]}
            options = {index.name for index in table.indexes if index.dialect_options["sqlite"]["where"] is not None}
            assert options <= {name for name in partial if name}


def test_creating_twice_and_opening_keep_everything(database_url: str) -> None:
    study = frozen_study()
    with pytest.raises(ConfigError, match=f"holds no ratings of study {study.hash[:12]}"):
        open_store(database_url, study)
    store = create_store(database_url, study)
    (who,) = come(store)
    answer(store, who, ask(store, who))
    waiting = ask(store, who)
    kept = store.ratings()
    store.dispose()
    for again in (create_store, open_store):
        store = again(database_url, study)
        assert store.ratings() == kept
        assert ask(store, who) == waiting
        store.dispose()


def test_a_store_that_is_read_cannot_be_changed(database_url: str) -> None:
    study = frozen_study()
    with pytest.raises(ConfigError, match=f"holds no ratings of study {study.hash[:12]}"):
        read_store(database_url, study)
    store = create_store(database_url, study)
    (who,) = come(store)
    answer(store, who, ask(store, who))
    kept = store.ratings(), store.overview()
    for at_rest in (False, True):
        if at_rest:
            store.dispose()
        seen = read_store(database_url, study)
        assert (seen.ratings(), seen.overview()) == kept
        with pytest.raises((BenchError, DBAPIError)):
            seen.invite(1)
        seen.dispose()
    with pytest.raises(ConfigError, match=r"belongs to study|holds no ratings"):
        read_store(database_url, frozen_study(seed=1, practice=1))


def test_a_file_holds_one_study_and_its_ratings_are_kept(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ratings.db'}"
    first, second, third = (frozen_study(seed=seed, practice=seed) for seed in range(3))
    create_store(url, first).dispose()
    store = create_store(url, second)  # nobody had rated
    assert {row.key for row in rows(store, "image")} == {image.id for image in second.images}
    (who,) = come(store)
    answer(store, who, ask(store, who))
    store.dispose()
    with pytest.raises(ConfigError, match=f"holds ratings of study {second.hash[:12]}"):
        create_store(url, third)
    with pytest.raises(ConfigError, match=f"belongs to study {second.hash[:12]}"):
        open_store(url, third)
    store = open_store(url, second)
    assert len(store.ratings()) == 1
    store.dispose()


@pytest.mark.postgres
def test_a_postgresql_database_holds_many_studies(postgres: Server) -> None:
    with postgres.database() as url:
        stores = [create_store(url, frozen_study(seed=seed, cells=seed + 1)) for seed in range(3)]
        for number, store in enumerate(stores):
            (who,) = come(store)
            for _ in range(number + 1):
                answer(store, who, ask(store, who))
        assert [len(store.ratings()) for store in stores] == [1, 2, 3]
        assert {store.database.schema for store in stores} == {f"study_{store.study.hash[:12]}" for store in stores}
        for store in stores:
            store.dispose()


def rows(store: RatingStore, table: str) -> list[object]:
    with store.database.reading() as connection:
        return list(connection.execute(text(f"SELECT * FROM {table}")).all())


def test_nothing_of_the_owners_is_in_the_database(database_url: str, tmp_path: Path) -> None:
    place = make_study(tmp_path / "study", gold=1)
    store = create_store(database_url, place.read())
    said = " ".join(str(row) for table in metadata.tables for row in rows(store, table))
    store.dispose()
    assert "model-a" not in said
    assert "member" not in said
    assert str(tmp_path) not in said


def test_a_database_of_a_newer_version_is_refused(make_store: Make) -> None:
    store = make_store()
    with tampering(store) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    url = store.database._engine.url.render_as_string(hide_password=False)
    for opening in (open_store, create_store, read_store):
        with pytest.raises(ConfigError, match=r"newer version \(revision '9999'\)"):
            opening(url, store.study)
    with tampering(store) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    open_store(url, store.study).dispose()


def test_a_store_that_dies_while_it_is_made_leaves_nothing(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    study = frozen_study()
    with monkeypatch.context() as patch:
        patch.setattr("sbgan_bench.rating.store.opening._insert_study", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            create_store(database_url, study)
    with pytest.raises(ConfigError, match="holds no ratings"):
        open_store(database_url, study)
    create_store(database_url, study).dispose()


def test_many_threads_may_create_one_store(database_url: str) -> None:
    study = frozen_study()
    with ThreadPoolExecutor(6) as pool:
        stores = list(pool.map(lambda _: create_store(database_url, study), range(6)))
    for store in stores:
        check(store)
        assert len(rows(store, "image")) == len(study.images)
        store.dispose()


@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("ratings.db", "no database URL"),
        ("", "no database URL"),
        ("sqlite://", "name a file"),
        ("sqlite:///:memory:", "name a file"),
        ("mysql://me@here/ratings", "not in 'mysql'"),
    ],
)
def test_urls_that_cannot_be_used_are_explained(url: str, fault: str) -> None:
    for opening in (create_store, open_store):
        with pytest.raises(ConfigError, match=fault):
            opening(url, frozen_study())


def test_a_missing_folder_and_a_strange_file_are_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no folder"):
        create_store(f"sqlite:///{tmp_path / 'none' / 'ratings.db'}", frozen_study())
    strange = tmp_path / "strange.db"
    strange.write_text("This is no database. " * 100)
    with pytest.raises(CorruptFileError, match=r"strange\.db is damaged or no SQLite file"):
        create_store(f"sqlite:///{strange}", frozen_study())
    assert strange.read_text().startswith("This is no database.")
    other = tmp_path / "other.db"
    with contextlib.closing(sqlite3.connect(other)) as connection:
        connection.execute("CREATE TABLE rating (stars INTEGER)")
    with pytest.raises(ConfigError, match="holds other tables"):
        create_store(f"sqlite:///{other}", frozen_study())


@pytest.mark.postgres
def test_passwords_are_not_printed_and_a_missing_server_is_explained() -> None:
    with pytest.raises(BenchError, match="did not answer") as refusal:
        open_store("postgresql://me:secret@127.0.0.1:1/ratings", frozen_study())
    assert "secret" not in str(refusal.value)


def test_the_option_goes_before_the_environment_and_that_before_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = make_study(tmp_path / "study")
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    assert store_url(place, None) == place.default_store
    monkeypatch.setenv(STORE_VARIABLE, "postgresql://somewhere/else")
    assert store_url(place, None) == "postgresql://somewhere/else"
    assert store_url(place, "sqlite:///given.db") == "sqlite:///given.db"


@pytest.mark.parametrize(
    "url",
    ["postgresql//lab:s3cret@db/ratings", "lab:s3c/s3cret@db", "//lab:s3@s3cret@db", "nonsense?password=s3cret&x=y"],
)
def test_a_malformed_url_is_shown_without_its_password(url: str) -> None:
    with pytest.raises(ConfigError, match="no database URL") as refusal:
        create_store(url, frozen_study())
    assert "s3" not in str(refusal.value)


def test_a_password_among_the_parameters_is_not_shown() -> None:
    database = Database("postgresql://lab@db/ratings?password=s3cret&application_name=x", "a" * 64)
    assert "s3cret" not in database.name
    assert "application_name=x" in database.name
    database.dispose()
