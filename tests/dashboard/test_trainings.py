"""Logs of trainings, read within limits."""

import json
from pathlib import Path

from sbgan_bench.dashboard import trainings
from sbgan_bench.dashboard.reading import open_run
from sbgan_bench.dashboard.trainings import _stats


def test_a_log_reads_as_in_reports(small: Path) -> None:
    run = open_run(small).run
    for fit in run.manifest.fits[:3]:
        assert _stats(small / fit.stats) == run.stats(fit)


def test_scores_that_were_taken_on_the_way_come_first(tmp_path: Path) -> None:
    path = tmp_path / "stats.jsonl"
    path.write_text(json.dumps({"images": 16, "losses": {"d": 1.0}, "scores": {"FID": 90.0}}) + "\n")
    assert list(_stats(path).curves) == ["FID", "d"]


def test_a_million_lines_are_thinned_and_events_kept(tmp_path: Path) -> None:
    path = tmp_path / "stats.jsonl"
    lines = [f'{{"images": {i}, "losses": {{"d": {i}.5}}}}' for i in range(1, 1_000_001)]
    lines[12_345] = '{"event": "collapsed", "images": 12345}'
    path.write_text("\n".join(lines))
    made = _stats(path)
    assert len(made.curves["d"].images) <= 401
    assert made.curves["d"].images[-1] == 1_000_000
    assert made.events == ("collapsed, images 12345",)


def test_damaged_and_gigantic_entries_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "stats.jsonl"
    wrong = ["", "no json", "[" * 50_000, '{"images": -1, "losses": {"d": 1}}', '{"images": NaN, "losses": {"d": 1}}',
             '{"images": 1, "losses": {"d": 1e31}}', '{"images": 1, "losses": [1]}', "[1]"]  # fmt: skip
    path.write_text("\n".join([*wrong, '{"images": 2, "losses": {"d": 3}}']))
    assert _stats(path).curves["d"].values == (3.0,)
    many = {f"term {i}": 1.0 for i in range(10 * trainings._TERMS)}
    path.write_text(json.dumps({"images": 2, "losses": many}))
    assert len(_stats(path).curves) == trainings._TERMS
