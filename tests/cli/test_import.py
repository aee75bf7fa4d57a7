"""``sbgan-bench import``: files in, an ordinary run folder out, and errors in one line."""

import json
from pathlib import Path
from typing import Any

import official_files as official
import pytest
import torch
from click.testing import CliRunner, Result

from sbgan_bench.cli import main
from sbgan_bench.cli.importing import parse_settings
from sbgan_bench.errors import ConfigError
from sbgan_bench.model import load_model
from sbgan_bench.networks.discriminators import DiscriminatorVariant
from sbgan_bench.networks.progressive import Head
from sbgan_bench.results import Origin, read_rows

NORMAL = ("--set", "image.upsampling=normal", "--resolution", "32x64")
CLASSES = 12


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path


@pytest.fixture
def files(place: Path) -> dict[str, str]:
    pair = official.progressive_pair(Head.MASK, CLASSES, (8, 6, 4, 4))
    contents: dict[str, Any] = {
        "298900.pth": official.progressive_content(*pair, n_semantics=CLASSES, dim=32),
        "latest_net_G.pth": official.spade_generator(CLASSES, (32, 64)).state_dict(),
        "latest_net_D.pth": official.patch_discriminator(CLASSES + 3, DiscriminatorVariant.SBGAN).state_dict(),
        "9_net_D2.pth": official.patch_discriminator(3, DiscriminatorVariant.SBGAN).state_dict(),
    }
    return {path.name: str(path) for path in official.write(place, contents)}


def run(*words: str) -> Result:
    return CliRunner().invoke(main, [*words])


def bring(*words: str) -> Result:
    return run("import", *words)


def one_line(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.output.count("\n") == 1, result.output
    return result.output


def test_it_samples_and_evaluates_like_a_trained_model(files: dict[str, str], place: Path) -> None:
    shown = bring(*files.values(), "--as", "theirs", "--dataset", "toy-streets", *NORMAL)
    assert shown.exit_code == 0, shown.output
    assert "Together: SB-GAN (sbgan)" in shown.output
    model = load_model(place / "runs" / "theirs" / "model", torch.device("cpu"))
    assert model.provenance.class_names[0]
    assert {source.name for source in model.provenance.sources} == set(files)
    record = json.loads((place / "runs" / "theirs" / "training.json").read_text())
    assert (record["origin"], record["steps"]) == ("imported", 298900)

    assert run("sample", "runs/theirs/model", "--count", "3", "--out", "drawn").exit_code == 0
    assert len(list((place / "drawn" / "images").iterdir())) == 3
    words = ["--num", "4", "--trials", "2", "--protocol", "texture", "--device", "cpu", "--out", "rows.jsonl"]
    scored = run("evaluate", "--model", "runs/theirs/model", "--dataset", "toy-streets", *words)
    assert scored.exit_code == 0, scored.output
    rows = [row for row in read_rows(place / "rows.jsonl") if row.model == "sbgan"]
    digests = [source.sha256 for source in model.provenance.sources]
    for row in rows:
        assert (row.origin, row.checkpoint_step) == (Origin.IMPORTED, 298900)
        assert all(any(digest in note for note in row.notes) for digest in digests)


def test_a_dry_run_writes_nothing(files: dict[str, str], place: Path) -> None:
    shown = bring(files["298900.pth"], "--as", "theirs", "--dry-run", "--format", "json")
    assert shown.exit_code == 0, shown.output
    said = json.loads(shown.output)
    assert (said["makes"], said["model"]) == ("layout-stage", None)
    assert {"what": "classes", "value": "12", "how": "to_mask"} in said["found"]
    assert not (place / "runs").exists()


def test_a_model_that_is_there_is_not_replaced(files: dict[str, str]) -> None:
    assert bring(files["298900.pth"], "--as", "theirs").exit_code == 0
    assert "exists already" in one_line(bring(files["298900.pth"], "--as", "theirs"))


def test_what_shapes_cannot_tell_is_asked_for_by_the_option(files: dict[str, str]) -> None:
    message = one_line(bring(files["latest_net_G.pth"], "--as", "theirs"))
    assert "--resolution" in message
    assert "--set image.upsampling=more" in message
    message = one_line(bring(files["latest_net_G.pth"], "--as", "theirs", "--model", "image-stage", *NORMAL))
    assert "--set upsampling=more" in message
    stage = ("--model", "image-stage", "--set", "upsampling=normal", "--resolution", "32x64")
    assert bring(files["latest_net_G.pth"], "--as", "stage", *stage).exit_code == 0


def test_another_number_of_classes_is_refused_with_both(files: dict[str, str], place: Path) -> None:
    contents = {"35.pth": official.progressive_content(*official.progressive_pair(Head.MASK, 35, (8, 4)), dim=8)}
    (file,) = official.write(place, contents)
    message = one_line(bring(str(file), "--as", "theirs", "--dataset", "toy-streets"))
    assert "35 label channels" in message
    assert "12 classes" in message
    assert "Cityscapes-5K as released has 35; the paper prints 33" in message
    other = official.write(place, {"G.pth": official.spade_generator(5, (32, 64)).state_dict()})
    message = one_line(bring(files["298900.pth"], str(other[0]), "--as", "theirs", *NORMAL))
    assert "12 classes" in message
    assert "paints 5" in message


def test_the_same_numbers_with_other_names_are_refused_where_real_layouts_are_painted(
    files: dict[str, str], place: Path
) -> None:
    assert bring(files["latest_net_G.pth"], "--as", "theirs", "--dataset", "toy-streets", *NORMAL).exit_code == 0
    header = place / "runs" / "theirs" / "model" / "model.json"
    values = json.loads(header.read_text())
    values["provenance"]["class_names"][2] = "canal"
    header.write_text(json.dumps(values))
    scored = run("evaluate", "--model", "runs/theirs/model", "--dataset", "toy-streets", "--num", "4")
    assert "class 2 is 'canal'" in one_line(scored)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["missing.pth", "--as", "a"], "No file missing.pth"),
        (["298900.pth", "--as", "a/b"], "--as a/b"),
        (["298900.pth", "--as", "a", "--resolution", "12"], "--resolution"),
        (["298900.pth", "--as", "a", "--set", "upsampling"], "KEY=VALUE"),
        (["298900.pth", "--as", "a", "--set", "widhts=3"], "Did you mean 'widths'"),
        (["298900.pth", "--as", "a", "--data", "x"], "--data without --dataset"),
        (["298900.pth", "298900.pth", "--as", "a"], "both hold"),
        (["298900.pth", "--as", "a", "--model", "spade"], "these files make layout-stage"),
        (["298900.pth", "--as", "a", "--resolution", "48x96"], "whole factor"),
        (["latest_net_D.pth", "--as", "a"], "make no model"),
        (["9_net_D2.pth", "latest_net_G.pth", "--as", "a"], "make no model"),
    ],
)
def test_mistakes_are_one_line(files: dict[str, str], words: list[str], message: str) -> None:
    assert message in one_line(bring(*words))


def test_settings_are_toml_or_text() -> None:
    assert parse_settings(["a.b=more", "a.c=3", "d=[1, 2]", "e=x=y"]) == {
        "a": {"b": "more", "c": 3}, "d": [1, 2], "e": "x=y",
    }  # fmt: skip
    with pytest.raises(ConfigError, match="value already"):
        parse_settings(["a=1", "a.b=2"])
