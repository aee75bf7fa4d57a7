"""The command: what it prints for people and for programs, and that refusing is an error with every reason."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from publishing.sound_run import sound

from sbgan_bench.cli import main
from sbgan_bench.manifest import Manifest
from sbgan_bench.publishing.shelf import faults_of_shelf


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sound(tmp_path_factory.mktemp("runs") / "run")


def test_it_says_what_it_did_and_left_out(run: Path, tmp_path: Path) -> None:
    arguments = ["publish", str(run), "--to", str(tmp_path), "--name", "mine"]
    planned = CliRunner().invoke(main, [*arguments, "--dry-run"])
    assert planned.output.startswith("Would publish")
    assert not (tmp_path / "mine").exists()
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == 0
    assert "left out: trained weights" in done.output
    assert "licence: Images and layouts of toy-streets are here under CC0 1.0." in done.output
    assert "unchanged" in CliRunner().invoke(main, arguments).output


def test_programs_get_the_record(run: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["publish", str(run), "--to", str(tmp_path), "--format", "json"])
    told = json.loads(done.output)
    assert told["written"]
    assert told["publication"]["suite"] == "fake"
    assert told["bytes"] <= told["bytes_of_all"]


def test_reasons_are_an_error(run: Path, tmp_path: Path) -> None:
    made = Manifest.read(run)
    other = tmp_path / "other"
    made.model_copy(update={"complete": False}).write(other)
    refused = CliRunner().invoke(main, ["publish", str(other), "--to", str(tmp_path / "shelf")])
    assert refused.exit_code == 2
    assert "cannot be published" in refused.output
    assert "not complete" in refused.output
    assert not (tmp_path / "shelf").exists()


def test_the_checkout_is_where_to_publish(monkeypatch: pytest.MonkeyPatch, run: Path, tmp_path: Path) -> None:
    monkeypatch.setattr("sbgan_bench.shelves._CHECKOUT", tmp_path / "nothing")
    refused = CliRunner().invoke(main, ["publish", str(run)])
    assert refused.exit_code == 2
    assert "--to" in refused.output


def test_a_report_is_never_written_into_a_published_run(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    CliRunner().invoke(main, ["publish", str(run), "--to", str(tmp_path), "--name", "mine"])
    own = tmp_path / "runs" / "mine" / "report" / "index.html"  # of the local run of that name
    own.parent.mkdir(parents=True)
    own.write_text("mine")
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["report", "mine", "--format", "csv"])
    assert done.exit_code == 0
    assert (tmp_path / "runs" / "published" / "mine" / "report" / "tables" / "table-1.csv").is_file()
    assert [own] == list(own.parent.iterdir())
    assert not list(faults_of_shelf(tmp_path))
