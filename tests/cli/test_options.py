"""What options mean, and what mistakes in them cost."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from sbgan_bench.cli import main
from sbgan_bench.cli.options import data_folders
from sbgan_bench.cli.run import default_workers
from sbgan_bench.errors import ConfigError

SUITE = """
title = "t"
[grid]
datasets = ["toy-streets"]
resolutions = ["32x64"]
[evaluation]
protocols = ["texture"]
num_samples = 4
[models.palette]
[[entries]]
model = "constant"
"""


def test_an_equals_sign_in_a_path_is_part_of_the_path(tmp_path: Path) -> None:
    odd = tmp_path / "a=b" / "c=d"
    odd.mkdir(parents=True)
    assert data_folders([str(odd)], ["camvid"]) == {"camvid": odd}
    assert data_folders([f"camvid={odd}"], ["camvid", "folder"]) == {"camvid": odd}


@pytest.mark.parametrize(
    ("value", "names", "words"),
    [
        ("camvdi={here}", ["camvid"], ["'camvdi' is not in play", "camvid"]),
        ("camvid={here}/none", ["camvid"], ["none is not a folder"]),
        ("{here}/none", ["camvid"], ["none is not a folder"]),
        ("{here}", ["camvid", "folder"], ["NAME=FOLDER", "camvid, folder"]),
    ],
)
def test_a_folder_that_cannot_be_meant_is_refused(
    tmp_path: Path, value: str, names: list[str], words: list[str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        data_folders([value.format(here=tmp_path)], names)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_an_accelerator_gets_one_job_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda process: set(range(8)), raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: 8)
    assert (default_workers(1, "cpu"), default_workers(3, "cpu"), default_workers(99, "cpu")) == (8, 2, 1)
    assert default_workers(1, "cuda") == default_workers(1, "mps") == 1
    monkeypatch.setattr("sbgan_bench.devices.choose_device", lambda wanted: "cuda")
    assert default_workers(1, "auto") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["run", "{suite}"],
        ["train", "constant", "--suite", "{suite}"],
        ["train", "constnat"],
        ["run", "dmeo"],
    ],
)
def test_mistakes_are_answered_before_torch_is_imported(tmp_path: Path, words: list[str]) -> None:
    suite = tmp_path / "odd.toml"
    suite.write_text(SUITE.replace("datasets", "datasest"))
    arguments = [word.format(suite=suite) for word in words]
    code = f"""
import sys
from sbgan_bench.cli import main
try:
    main({arguments!r}, standalone_mode=False)
except Exception as error:
    print(type(error).__name__, error)
print(sorted({{"torch", "scipy", "pandas", "matplotlib"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("UserError"), done.stdout + done.stderr
    assert done.stdout.splitlines()[-1] == "[]", done.stdout


def suite_file(folder: Path) -> str:
    path = folder / "small.toml"
    path.write_text(SUITE.replace("[models.palette]\n", ""))
    return str(path)


def test_a_dry_run_shows_how_large_training_is_and_speaks_json(tmp_path: Path) -> None:
    import json

    runner, suite = CliRunner(), suite_file(tmp_path)
    shown = runner.invoke(main, ["train", "progan-reference", "--suite", suite, "--seed", "3", "--dry-run"])
    assert shown.exit_code == 0, shown.output
    line = next(line for line in shown.output.splitlines() if "train/progan-reference" in line)
    assert "seed 3" in line
    assert "training_images all" in line
    read = runner.invoke(main, ["train", "progan-reference", "--suite", suite, "--dry-run", "--format", "json"])
    jobs = {job["kind"]: job for job in json.loads(read.output)["jobs"]}
    assert jobs["train"]["sizes"]["seed"] == 0


def test_options_of_a_command_complete() -> None:
    from click.shell_completion import ShellComplete

    found = ShellComplete(main, {}, "sbgan-bench", "_SBGAN_BENCH_COMPLETE").get_completions(["run"], "--da")
    assert [item.value for item in found] == ["--data", "--dataset"]
