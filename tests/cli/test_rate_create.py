"""``rate create``: what is printed, what is written, and what is not."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rating.owners import cell, spec_file

from sbgan_bench.cli import main
from sbgan_bench.rating.folder import StudyFolder


def create(*words: object) -> Result:
    return CliRunner().invoke(main, ["rate", "create", "--device", "cpu", *map(str, words)])


def test_a_dry_run_says_what_to_expect_and_writes_nothing(tmp_path: Path) -> None:
    spec = spec_file(tmp_path, cells=[cell("alpha", "a"), cell("real", "b")])
    before = sorted(tmp_path.rglob("*"))
    result = create(spec, "--out", tmp_path / "study", "--dry-run")
    assert result.exit_code == 0, result.output
    assert sorted(tmp_path.rglob("*")) == before
    assert "noise    alpha  4       8        ± " in result.output
    assert "8 images at 8x16, 2 ratings each: 16 ratings.\n3 raters if each" in result.output
    assert "told apart with 80 % power" in result.output
    assert "Nothing was written" in result.output


def test_json_holds_the_same(tmp_path: Path) -> None:
    result = create(spec_file(tmp_path), "--out", tmp_path / "study", "--format", "json")
    values = json.loads(result.stdout)
    assert (values["images"], values["ratings"], values["raters"], values["display"]) == (8, 16, 3, [8, 16])
    assert [(one["model"], one["images"], one["ratings"]) for one in values["cells"]] == [
        ("alpha", 4, 8),
        ("beta", 4, 8),
    ]
    assert (values["outcome"], values["hash"]) == ("created", StudyFolder(tmp_path / "study").read().hash)
    again = json.loads(create(spec_file(tmp_path), "--out", tmp_path / "study", "--format", "json").stdout)
    assert again == {**values, "outcome": "unchanged"}


def test_the_folder_is_named_after_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    spec_file(tmp_path)
    assert "Frozen in studies/study" in create("study.toml").output
    assert "Nothing changed" in create("study.toml").output
    spec_file(tmp_path, title="Another")
    refused = create("study.toml")
    assert (refused.exit_code, refused.output.count("\n")) == (2, 1)
    assert "Add --replace" in refused.output
    assert "in place of another study" in create("study.toml", "--replace").output


@pytest.mark.parametrize("changes", [{"titel": "x"}, {"images_per_cell": 99}, {"display": "9x9"}])
def test_a_fault_is_one_line_and_nothing_is_made(tmp_path: Path, changes: dict[str, object]) -> None:
    result = create(spec_file(tmp_path, **changes), "--out", tmp_path / "deep" / "study")
    assert (result.exit_code, result.output.count("\n")) == (2, 1), result.output
    assert not (tmp_path / "deep").exists()
