"""A suite that looks at layouts too: what of which model is measured, and what of it is said."""

import json
from pathlib import Path
from typing import Any

import pytest
from suite_tools import bench, rows

SUITE = """
title = "t"
[grid]
datasets = ["toy-streets"]
resolutions = ["32x64"]
[datasets.toy-streets]
train = 16
selection = 4
test = 12
[evaluation]
num_samples = 5
trials = 2
protocols = ["texture", "layout", "segmentation"]
metrics = ["frechet-distance", "coverage", "memorisation", "class-frequency-divergence", "mean-iou"]
compared = ["class-frequency-divergence"]
relabellings = 49
gallery = 2
[models.image-stage]
base_width = 4
hidden = 4
upsampling = "small"
[models.layout-stage]
widths = [8, 6, 4]
latent_dim = 8
fade_images = [8]
stabilise_images = [8]
batch_size = [8, 4]
resolution = [8, 16]
[[entries]]
model = "layout-stage"
[[entries]]
model = "layout-stage"
variant = "soft"
[entries.models.layout-stage]
draw = "soft"
[[entries]]
model = "spade"
recipes = ["untrained"]
[[entries]]
model = "constant"
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the suite above."""
    folder = tmp_path_factory.mktemp("layouts")
    (folder / "layouts.toml").write_text(SUITE, encoding="utf-8")
    done = bench(folder / "cache", "run", str(folder / "layouts.toml"), "--out", str(folder / "run"), "--jobs", "2")
    assert done.returncode == 0, done.stderr + done.stdout
    return folder / "run"


def summaries(run: Path, model: str, variant: str = "") -> dict[tuple[str, str], dict[str, Any]]:
    """Rows over trials of one model, by protocol and metric."""
    return {(row["protocol"], row["metric"]): row for row in rows(run)
            if (row["model"], row["variant"], row["trial"]) == (model, variant, None)}  # fmt: skip


def test_layouts_alone_are_scored_by_layouts_alone(run: Path) -> None:
    made = summaries(run, "layout-stage")
    assert made["layout", "class-frequency-divergence"]["status"] == "done"
    for protocol, metric in (("texture", "frechet-distance"), ("segmentation", "mean-iou")):
        assert made[protocol, metric]["status"] == "skipped"
        assert "draws layouts and no images" in made[protocol, metric]["reason"]


def test_images_of_given_layouts_are_held_against_these_and_the_layouts_are_not_measured(run: Path) -> None:
    made = summaries(run, "spade")
    assert made["texture", "frechet-distance"]["status"] == made["segmentation", "mean-iou"]["status"] == "done"
    assert made["segmentation", "mean-iou"]["trials"] == 1
    assert "the layouts are real ones" in made["layout", "class-frequency-divergence"]["reason"]


def test_images_without_layouts_are_not_asked_for_them(run: Path) -> None:
    made = summaries(run, "constant")
    assert made["texture", "frechet-distance"]["status"] == "done"
    assert {made[key]["status"] for key in made if key[0] != "texture"} == {"skipped"}
    assert "draws no layouts" in made["segmentation", "mean-iou"]["reason"]


def test_the_reals_are_a_floor_of_everything_that_can_have_one(run: Path) -> None:
    made = summaries(run, "real")
    assert {key: row["status"] for key, row in made.items()} == {
        ("texture", "frechet-distance"): "done", ("texture", "coverage"): "skipped",
        ("texture", "memorisation"): "done", ("layout", "class-frequency-divergence"): "done",
        ("segmentation", "mean-iou"): "done",
    }  # fmt: skip
    assert summaries(run, "spade")["segmentation", "mean-iou"]["floor"] == made["segmentation", "mean-iou"]["value"]


def test_fewer_images_than_a_metric_needs_are_a_skipped_row_with_both_numbers(run: Path) -> None:
    row = summaries(run, "spade")["texture", "coverage"]
    assert (row["status"], row["reason"]) == ("skipped", "Coverage needs 6 images or more, N is 5")


def test_dimensions_are_those_of_what_a_metric_reads(run: Path) -> None:
    made = {**summaries(run, "spade"), **summaries(run, "real")}
    dims = {key: row["dim"] for key, row in made.items() if row["status"] == "done"}
    classes = dims["layout", "class-frequency-divergence"]
    assert dims["segmentation", "mean-iou"] == classes**2
    assert dims["texture", "frechet-distance"] == dims["texture", "memorisation"] > classes


def test_models_of_layouts_are_compared_by_layouts(run: Path) -> None:
    lines = (run / "comparisons.jsonl").read_text(encoding="utf-8").splitlines()
    [found] = map(json.loads, lines)
    assert {found["winner"], found["other"]} == {
        "layout-stage/default, generated layouts", "layout-stage/default@soft, generated layouts",
    }  # fmt: skip
    assert (found["protocol"], found["metric"], found["question"]) == (
        "layout", "class-frequency-divergence", "unconditional",
    )  # fmt: skip
    assert (found["unit"], found["replicates"]) == ("images", 49)


def test_layouts_have_a_table_of_their_own(run: Path) -> None:
    text = (run / "report" / "tables" / "layouts.md").read_text(encoding="utf-8")
    assert "class frequency divergence" in text
    assert "soft" in text
