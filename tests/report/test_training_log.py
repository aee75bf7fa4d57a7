"""Logs of trainings, read within limits, and the distances of snapshots beside them."""

import json
from pathlib import Path

from sbgan_bench.manifest import FitRecord, SnapshotDistances
from sbgan_bench.report import training_log
from sbgan_bench.report.training_log import Curve, Stats, distance_words, read_stats, with_distances


def fit_record(distances: SnapshotDistances | None = None) -> FitRecord:
    return FitRecord(
        model="a", title="A", recipe="default", dataset="d", resolution="8x8", training_seed=0, training_images=9,
        images_seen=48, train_seconds=1.0, total_images_seen=48, total_train_seconds=1.0, parameters=3, stats="",
        distances=distances,
    )  # fmt: skip


def test_distances_of_snapshots_come_before_losses_and_say_their_n() -> None:
    values = ((0, 9.0), (16, 90.0), (32, 1e31), (48, 70.0), (10**400, 60.0))
    found = SnapshotDistances(
        protocol="scene", weights_hash="a", num_real=30, num_generated=20, sampling_seed=7, values=values
    )
    fit, logged = fit_record(distances=found), Stats({"d": Curve((1.0,), (2.0,))})
    made = with_distances(fit, logged)
    assert list(made.curves) == ["scene distance, N = 20", "d"]
    assert made.curves["scene distance, N = 20"] == Curve((16, 48), (90.0, 70.0), measured=True)
    assert "20 generated images of every snapshot against 30 reals" in distance_words(fit)
    assert with_distances(fit_record(), logged) == logged
    assert distance_words(fit_record()) == ""


def test_a_million_lines_are_thinned_and_events_kept(tmp_path: Path) -> None:
    path = tmp_path / "stats.jsonl"
    lines = [f'{{"images": {i}, "losses": {{"d": {i}.5}}}}' for i in range(1, 1_000_001)]
    lines[12_345] = '{"event": "collapsed", "images": 12345}'
    path.write_text("\n".join(lines))
    made = read_stats(path)
    assert len(made.curves["d"].images) <= 401
    assert made.curves["d"].images[-1] == 1_000_000
    assert made.events == ("collapsed, images 12345",)


def test_damaged_and_gigantic_entries_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "stats.jsonl"
    wrong = ["", "no json", "[" * 50_000, '{"images": -1, "losses": {"d": 1}}', '{"images": NaN, "losses": {"d": 1}}',
             '{"images": 1, "losses": {"d": 1e31}}', '{"images": 1, "losses": [1]}', "[1]"]  # fmt: skip
    path.write_text("\n".join([*wrong, '{"images": 2, "losses": {"d": 3}}']))
    assert read_stats(path).curves["d"].values == (3.0,)
    many = {f"term {i}": 1.0 for i in range(10 * training_log._TERMS)}
    path.write_text(json.dumps({"images": 2, "losses": many}))
    assert len(read_stats(path).curves) == training_log._TERMS


def test_a_log_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    assert read_stats(tmp_path / "none.jsonl") == Stats()
    assert read_stats(tmp_path) == Stats()
