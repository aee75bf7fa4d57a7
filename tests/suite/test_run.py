"""Running suites for real, in processes of their own: rows, interruptions, failures."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from suite.plans import plan
from suite_tools import TINY, bench, rows, start

from sbgan_bench.comparing.correlation import CORRELATIONS
from sbgan_bench.comparing.rows import COMPARISONS
from sbgan_bench.errors import CorruptFileError
from sbgan_bench.manifest import Manifest
from sbgan_bench.publishing.opening import open_run
from sbgan_bench.publishing.soundness import faults_of_collection, faults_of_manifest, faults_of_rows
from sbgan_bench.suite.engine import RunState
from sbgan_bench.suite.run import REFRESH, Keeper
from sbgan_bench.suite.worker import Workplace


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def finished(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of the tiny suite, left to finish."""
    out = tmp_path_factory.mktemp("runs") / "finished"
    done = bench(cache, "run", str(TINY), "--out", str(out), "--jobs", "2")
    assert done.returncode == 0, done.stderr + done.stdout
    return out


@pytest.fixture
def copy(finished: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the finished run that a test may break."""
    folder = tmp_path / "copy"
    shutil.copytree(finished, folder)
    return folder


def test_what_has_finished_is_whole(finished: Path) -> None:
    """Its suite, rows and jobs say the same, rows of variants included, as publishing asks."""
    run = open_run(finished)
    assert run.left
    assert not run.faults
    assert not list(faults_of_manifest(run.manifest))
    assert not list(faults_of_collection(run.measured.results, run.left))
    unlike = [fault for fault in faults_of_rows(run.rows, run.manifest) if "the revision of the code" not in fault]
    assert not unlike  # an installed package has no revision
    assert len({row.config_hash for row in run.rows if row.value is not None}) == 2


def test_rows_that_cannot_be_kept_now_are_kept_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unseen(*_: object) -> None:
        raise CorruptFileError("another machine's file does not show yet")

    made = plan()
    place = Workplace(tmp_path, tmp_path / "cache", "cpu", {}, None)
    keeper = Keeper(made, place, "a command", time.monotonic() - 2 * REFRESH)
    with monkeypatch.context() as late:
        late.setattr("sbgan_bench.suite.run.collect_rows", unseen)
        keeper.after_each(RunState())
        with pytest.raises(CorruptFileError):
            keeper.write(RunState())
    keeper.write(RunState())
    assert (tmp_path / "results.jsonl").exists()


def test_every_cell_has_its_rows(finished: Path) -> None:
    table = rows(finished)
    summaries = [row for row in table if row["trial"] is None]
    cells = {(row["model"], row["recipe"], row["layout_source"], row["status"]) for row in summaries}
    assert ("real", "", "none", "done") in cells
    assert ("constant", "default", "none", "done") in cells
    assert ("palette-noise", "default", "none", "done") in cells
    assert ("palette-noise", "untrained", "none", "done") in cells
    assert ("palette-noise", "default", "real", "skipped") in cells
    for row in summaries:
        if row["status"] == "done" and row["training_seed"] is not None:
            trials = [r for r in table if {**r, **incidental(row)} == row]
            assert np.isclose(np.mean([r["value"] for r in trials]), row["value"])


def incidental(row: dict[str, object]) -> dict[str, object]:
    keys = ("value", "spread", "low", "high", "trial", "trials", "sampling_seeds")
    return {key: row[key] for key in keys}


def test_rows_carry_what_is_needed_to_repeat_them(finished: Path) -> None:
    row = next(r for r in rows(finished) if r["model"] == "palette-noise" and r["trial"] == 1)
    assert row["sampling_seeds"] == "1000016..1000031"
    assert row["num_real"] == row["num_generated"] == 16
    for key in ("fingerprint", "weights_hash", "checkpoint_hash", "config_hash", "versions", "real_pool"):
        assert row[key], key


def test_seeds_are_summarised_apart_from_trials(finished: Path) -> None:
    over_seeds = [
        r for r in rows(finished) if r["model"] == "palette-noise" and r["training_seed"] is None and not r["reason"]
    ]
    assert over_seeds
    assert all(row["trials"] == 2 for row in over_seeds)


def test_models_are_compared_and_training_runs_are_the_unit(finished: Path) -> None:
    [found] = [json.loads(line) for line in (finished / COMPARISONS).read_text(encoding="utf-8").splitlines()]
    assert {found["winner"], found["other"]} == {"palette-noise/default", "palette-noise/default@smooth"}
    assert (found["unit"], found["training_seeds"], found["pairing"]) == ("training seeds", 2, "pooled")
    values = {(row["variant"], row["training_seed"]): row["value"] for row in rows(finished)
              if (row["recipe"], row["metric"], row["trial"]) == ("default", "frechet-distance", None)
              and row["model"] == "palette-noise" and row["value"] is not None}  # fmt: skip
    means = {label: np.mean([values[label, seed] for seed in (0, 1)]) for label in ("", "smooth")}
    assert found["value_winner"] == pytest.approx(min(means.values()))
    assert found["effect"] == pytest.approx(max(means.values()) - min(means.values()))
    assert values["", None] == pytest.approx(means[""])


def test_snapshots_are_measured_against_reals_that_no_table_uses(finished: Path) -> None:
    fits = Manifest.read(finished).fits
    for fit in fits:
        if fit.model == "palette-noise" and fit.recipe != "untrained":
            assert fit.distances is not None
            assert [images for images, _ in fit.distances.values] == [216, 432, 640]
            assert (fit.distances.num_real, fit.distances.num_generated) == (8, 8)
        else:
            assert fit.distances is None


def test_a_second_invocation_repeats_nothing(cache: Path, finished: Path) -> None:
    before = rows(finished)
    again = bench(cache, "run", str(TINY), "--out", str(finished), "--format", "json")
    assert again.returncode == 0, again.stderr
    result = json.loads(again.stdout)
    assert result["done"] == 0
    assert result["reused"] > 10
    assert rows(finished) == before


def wait_for(out: Path, jobs: int) -> None:
    """Wait until so many jobs of a run are finished."""
    deadline = time.monotonic() + 120
    while len(list(out.glob("jobs/*/job.json"))) < jobs and time.monotonic() < deadline:
        time.sleep(0.02)


@pytest.mark.parametrize("jobs", [1, 5, 13])
def test_a_killed_run_resumes_to_the_same_rows(cache: Path, finished: Path, tmp_path: Path, jobs: int) -> None:
    out = tmp_path / "killed"
    process = start(cache, "run", str(TINY), "--out", str(out), "--jobs", "2")
    wait_for(out, jobs)
    time.sleep(0.1)
    process.kill()
    process.communicate()
    done = bench(cache, "run", str(TINY), "--out", str(out), "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert rows(out) == rows(finished)
    assert all((out / name).read_bytes() == (finished / name).read_bytes() for name in (COMPARISONS, CORRELATIONS))


def test_an_interrupted_run_says_how_to_go_on(cache: Path, finished: Path, tmp_path: Path) -> None:
    out = tmp_path / "interrupted"
    process = start(cache, "run", str(TINY), "--out", str(out), "--jobs", "1")
    wait_for(out, 2)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal sends Ctrl-C: to every process of the group
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2, errors
    assert "go on with" in errors
    assert "Traceback" not in errors
    assert bench(cache, "run", str(TINY), "--out", str(out)).returncode == 0
    assert rows(out) == rows(finished)


def test_a_corrupted_checkpoint_is_named_and_made_again(cache: Path, finished: Path, copy: Path) -> None:
    weights = next(copy.glob("jobs/train-palette-noise-default-*-s0-*/model/painter.safetensors"))
    content = bytearray(weights.read_bytes())
    content[-1] ^= 255
    weights.write_bytes(content)
    rows_of_a_score = next(copy.glob("jobs/score-constant-*/rows.jsonl"))
    rows_of_a_score.write_text("{}")
    done = bench(cache, "run", str(TINY), "--out", str(copy), "--format", "json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["done"] == 2
    assert "painter.safetensors" in done.stderr
    assert "rows.jsonl" in done.stderr
    assert "damaged" in done.stderr
    assert "Traceback" not in done.stderr
    assert rows(copy) == rows(finished)


def test_two_runs_in_one_folder_do_not_collide(cache: Path, tmp_path: Path) -> None:
    out = tmp_path / "shared"
    # With an empty cache and one job at a time it lasts until the second has seen it touch its lock.
    first = start(tmp_path / "cache", "run", str(TINY), "--out", str(out), "--jobs", "1")
    deadline = time.monotonic() + 60
    while not (out / "suite.json").exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    second = bench(cache, "run", str(TINY), "--out", str(out))
    first.kill()
    first.communicate()
    assert second.returncode == 2
    assert "Another process is running" in second.stderr


def test_an_outside_model_passes_the_contract_suite(cache: Path) -> None:
    contract = Path(__file__).parent.parent / "contract" / "test_models.py"
    path = os.pathsep.join(filter(None, (str(contract.parent.parent / "outside"), os.environ.get("PYTHONPATH"))))
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(contract), "-k", "palette-noise"]
    root = contract.parent.parent.parent
    environment = {**os.environ, "PYTHONPATH": path, "SBGAN_BENCH_CACHE": str(cache)}
    done = subprocess.run(command, env=environment, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


def test_a_broken_plugin_fails_alone(cache: Path, tmp_path: Path) -> None:
    listed = bench(cache, "list", "models", "--format", "json", "--details")
    entries = {entry["name"]: entry["summary"] for entry in json.loads(listed.stdout)}
    assert "cannot be imported" in entries["broken-plugin"]
    assert "mean colour" in entries["palette-noise"]
    suite = tmp_path / "broken.toml"
    suite.write_text(TINY.read_text().replace('model = "constant"', 'model = "broken-plugin"'))
    done = bench(cache, "run", str(suite), "--out", str(tmp_path / "broken"))
    assert done.returncode in (0, 1), done.stderr
    states = {(row["model"], row["status"]) for row in rows(tmp_path / "broken")}
    assert ("broken-plugin", "failed") in states
    assert ("palette-noise", "done") in states
