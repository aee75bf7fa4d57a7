"""The Ratings page: what people said, from rows and findings; progress for the owner alone."""

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from dashboard.opening import argue, check, html, open_page, text
from rating.sessions import answer, ask, come
from rating.studies import make_study
from report.fake_rows import Fake, rows
from streamlit import config

from sbgan_bench.dashboard import studies
from sbgan_bench.rating.folder import STORE_VARIABLE, StudyFolder
from sbgan_bench.rating.store.opening import create_store, open_store
from sbgan_bench.results import Origin, ResultRow

FINDINGS = {
    "simulated": False,
    "exclusions": {"rules": [{"name": "gold_failures", "words": "More than one gold image failed.", "active": True,
                              "excluded": ["R003"]}]},
    "kept": {"n_raters": 9, "n_ratings": 540, "agreement": {"alpha": 0.41, "low": 0.3, "high": 0.5},
             "consistency": {"exact": 0.7, "mean_difference": 0.33}},
    "everyone": {"n_raters": 10, "n_ratings": 600},
}  # fmt: skip


def rated(folder: Path, **changed: object) -> Path:
    """Add the report of a study to a run."""
    trained = [one for one in rows(Fake()) if one.trial is None and one.protocol == "scene" and one.value is not None]
    made = {one.cell(): one for one in trained if one.training_seed is None and one.metric == "frechet-distance"}
    scores = [_score(one, 1 + 0.1 * place, **changed) for place, one in enumerate(made.values())]
    (folder / "ratings").mkdir()
    (folder / "ratings/results.jsonl").write_text("".join(score.model_dump_json() + "\n" for score in scores))
    (folder / "ratings/findings.json").write_text(json.dumps(FINDINGS))
    return folder


def _score(row: ResultRow, value: float, **changed: object) -> ResultRow:
    human = {"metric": "human-score", "protocol": "study-0a1b", "better": "higher", "value": value,
             "low": value - 0.2, "high": value + 0.2, "training_seed": None}  # fmt: skip
    return row.model_copy(update={**human, **changed})


@pytest.fixture
def run(small: Path, tmp_path: Path) -> Path:
    return shutil.copytree(small, tmp_path / "run")


def test_scores_agreement_and_exclusions_are_shown(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, rated(run))
    app = open_page("ratings")
    check(app)
    shown = html(app)
    assert "Table 3: human scores, study-0a1b" in shown
    assert "More than one gold image failed." in shown
    assert "R003" in shown
    assert "0.41" in shown
    assert "9 of 10 raters stay, with 540 of 600 ratings." in shown
    assert "SIMULATED" not in shown


def test_simulated_raters_are_marked(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, rated(run, origin=Origin.SIMULATED))
    assert "SIMULATED RATERS – NOT A RESULT" in html(open_page("ratings"))
    assert "Simulated raters: not a result." in html(open_page("metrics"))


def test_metrics_stand_against_people(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, rated(run))
    app = open_page("metrics")
    check(app)
    assert "No human scores" not in html(app)
    assert len(app.get("vega_lite_chart")) > len(open_page("ratings").get("vega_lite_chart"))


def test_the_page_says_how_to_start_a_study(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, run)
    app = open_page("ratings")
    assert "Nobody has rated" in html(app)
    assert "sbgan-bench rate demo" in text(app)


def test_progress_is_for_this_machine_alone(run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, run, "--study", tmp_path)
    seen = studies.Progress("A study", (("ratings", "17 of 600"),), 0.03)
    monkeypatch.setattr("sbgan_bench.dashboard.pages.ratings.progress", lambda _: seen)
    monkeypatch.setattr("sbgan_bench.dashboard.pages.ratings.may_be_shown", lambda: False)
    assert "17 of 600" not in html(open_page("ratings"))
    monkeypatch.setattr("sbgan_bench.dashboard.pages.ratings.may_be_shown", lambda: True)
    assert "17 of 600" in html(open_page("ratings"))


@pytest.mark.parametrize(
    ("address", "shown"),
    [("127.0.0.1", True), ("localhost", True), ("::1", True), ("0.0.0.0", False), ("", False), (None, False),
     ("192.0.2.7", False), ("localhost.example.com", False)],
)  # fmt: skip
def test_only_a_dashboard_that_no_other_machine_reaches_may_show_progress(address: str | None, shown: bool) -> None:
    before = config.get_option("server.address")
    config.set_option("server.address", address)
    try:
        assert studies.may_be_shown() is shown
    finally:
        config.set_option("server.address", before)


@pytest.fixture
def study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyFolder:
    """A study with one rater, who gave two of its twelve ratings and has an image before them."""
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    place = make_study(tmp_path / "study", practice=0)
    store = create_store(place.default_store, place.read())
    (who,) = come(store)
    for _ in range(2):
        answer(store, who, ask(store, who))
    ask(store, who)
    store.dispose()
    return place


def test_progress_is_counted(study: StudyFolder) -> None:
    found = studies.progress(study.path)
    assert (found.title, found.fault) == (study.read().title, "")
    assert dict(found.facts) == {
        "ratings": "2 of 12", "images that have all of theirs": "0", "raters who began": "1",
        "raters who are done": "0", "images out with raters now": "1",
    }  # fmt: skip
    assert found.share == pytest.approx(2 / 12)


def state(folder: Path) -> dict[Path, tuple[int, bytes]]:
    """Return what a folder holds, byte by byte, and when each file was written."""
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in folder.rglob("*") if path.is_file()}


def test_counting_changes_nothing_of_a_study(study: StudyFolder) -> None:
    before = state(study.path)
    assert not studies.progress(study.path).fault
    assert state(study.path) == before


def test_a_study_is_counted_while_raters_are_at_it(study: StudyFolder) -> None:
    store = open_store(study.default_store, study.read())
    (who,) = come(store)
    answer(store, who, ask(store, who))
    assert dict(studies.progress(study.path).facts)["ratings"] == "3 of 12"
    store.dispose()


def test_a_study_of_another_version_is_left_as_it_is(study: StudyFolder) -> None:
    database = study.path / "ratings.db"
    for revisions, words in ([["9999"]], "newer version"), ([], "older version"):
        with contextlib.closing(sqlite3.connect(database)) as connection:
            connection.execute("DELETE FROM alembic_version")
            connection.executemany("INSERT INTO alembic_version VALUES (?)", revisions)
            connection.commit()
        before = state(study.path)
        assert words in studies.progress(study.path).fault
        assert state(study.path) == before


@pytest.mark.parametrize("damage", ["DROP TABLE rater", "DROP TABLE study", "UPDATE study SET hash = 'other'"])
def test_a_study_whose_tables_are_not_as_they_were_says_so(study: StudyFolder, damage: str) -> None:
    with contextlib.closing(sqlite3.connect(study.path / "ratings.db")) as connection:
        connection.execute(damage)
        connection.commit()
    found = studies.progress(study.path)
    assert found.fault
    assert not found.facts


def test_a_study_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    found = studies.progress(tmp_path / "none")
    assert found.fault
    assert not found.facts
