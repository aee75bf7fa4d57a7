"""The Ratings page: what people said, from rows and findings; progress for the owner alone."""

import json
import shutil
from pathlib import Path

import pytest
from dashboard.opening import argue, check, html, open_page, text
from report.fake_rows import Fake, rows

from sbgan_bench.dashboard import studies
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


def test_a_study_that_cannot_be_opened_says_why(tmp_path: Path) -> None:
    found = studies.progress(tmp_path / "none")
    assert found.fault
    assert not found.facts
