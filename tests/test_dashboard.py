"""The dashboard shows what the report shows, and says so when there is nothing."""

import sys
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

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
