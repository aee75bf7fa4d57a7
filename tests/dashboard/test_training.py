"""Curves are those of the log as it is, and of every training that was chosen."""

import json
from pathlib import Path

import pytest
from dashboard.opening import argue, check, html, open_page
from report.fake_rows import Fake
from report.fake_run import build
from streamlit.testing.v1 import AppTest

from sbgan_bench.manifest import Manifest


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run with one training."""
    made = build(tmp_path / "run", Fake(seeds=(0,), logged=("progan",)))
    argue(monkeypatch, made)
    return made


def charts(app: AppTest) -> list[bytes]:
    check(app)
    return [one.proto.SerializeToString() for one in app.get("vega_lite_chart")]


def log(run: Path, stats: str, value: float) -> None:
    lines = ({"step": i, "images": 16 * i, "losses": {"generator adversarial": value}} for i in range(1, 9))
    (run / stats).write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_log_that_was_written_anew_has_new_curves(run: Path) -> None:
    (fit,) = Manifest.read(run).fits
    log(run, fit.stats, 1.0)
    before = charts(open_page("training"))
    assert charts(open_page("training")) == before
    log(run, fit.stats, 99.0)
    after = charts(open_page("training"))
    assert len(after) == len(before) == 1
    assert after != before


def test_trainings_of_one_name_are_two_lines(run: Path) -> None:
    contents = Manifest.read(run)
    (fit,) = contents.fits
    other = fit.model_copy(update={"stats": "other.jsonl"})
    contents.model_copy(update={"fits": (fit, other)}).write(run)
    log(run, fit.stats, 1.0)
    log(run, other.stats, 99.0)
    app = open_page("training", {"training": ["ProGAN", "ProGAN (2)"]})
    (chart,) = charts(app)
    assert chart not in charts(open_page("training", {"training": ["ProGAN"]}))
    assert "ProGAN (2)</li>" in html(app)
