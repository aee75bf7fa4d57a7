"""The dashboard shows what the report shows, and says so when there is nothing."""

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sbgan_bench.comparing.rows import COMPARISONS, write_comparisons
from sbgan_bench.manifest import RATINGS, RESULTS
from sbgan_bench.results import write_rows

APP = Path(__file__).parent.parent / "app.py"
pytestmark = pytest.mark.filterwarnings("ignore")


def test_without_results_it_says_how_to_make_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["app.py"])
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    assert "run demo" in app.markdown[0].value


def test_every_page_of_a_run_opens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from report.fake_run import build

    run = build(tmp_path / "run")
    monkeypatch.setattr(sys, "argv", ["app.py", str(run)])
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    pages = app.sidebar.radio[0].options
    assert len(pages) > 3
    for page in pages:
        app.sidebar.radio[0].set_value(page).run()
        assert not app.exception


def test_the_ratings_page_says_how_to_start_a_study(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["app.py"])
    words = _words(AppTest.from_file(str(APP), default_timeout=60).run())
    for command in ("demo", "create", "invite", "serve", "report"):
        assert f"sbgan-bench rate {command}" in words


def test_the_ratings_page_shows_table_3_once_people_rated_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from report.fake_rows import Fake
    from report.fake_run import manifest
    from report.human_rows import scores, verdicts

    run = tmp_path / "run"
    manifest(run, Fake())
    monkeypatch.setattr(sys, "argv", ["app.py", str(run)])
    page = AppTest.from_file(str(APP), default_timeout=60).run().sidebar.radio[0].set_value("Human ratings").run()
    assert "2.50 ± 0.12" not in _words(page)
    assert "sbgan-bench rate demo" in _words(page)
    write_rows(run / RATINGS / RESULTS, scores())
    write_comparisons(run / RATINGS / COMPARISONS, verdicts(scores()))
    page = AppTest.from_file(str(APP), default_timeout=60).run().sidebar.radio[0].set_value("Human ratings").run()
    assert not page.exception
    assert "**2.50 ± 0.12**" in _words(page)
    assert "Score ↑ [a]" in _words(page)
    assert "sbgan-bench rate demo" in _words(page)


def _words(app: AppTest) -> str:
    return "\n".join(part.value for part in app.markdown)
