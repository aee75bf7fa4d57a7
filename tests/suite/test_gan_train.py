"""GAN-train as jobs of a suite: one reference for all models, rows like any other."""

from pathlib import Path

import pytest
from suite_tools import bench, rows

from sbgan_bench.manifest import Manifest

SUITE = """
title = "t"
[grid]
datasets = ["toy-streets"]
resolutions = ["32x64"]
[datasets.toy-streets]
train = 12
selection = 2
test = 8
[evaluation]
num_samples = 4
trials = 1
protocols = ["texture", "layout"]
metrics = ["frechet-distance", "frechet-segmentation-distance", "memorisation"]
gan_train = 8
gallery = 1
[judge]
width = 4
images = 16
batch_size = 8
[models.layout-stage]
widths = [8, 6, 4, 4]
[models.image-stage]
base_width = 4
hidden = 4
upsampling = "small"
[[entries]]
model = "sbgan"
recipes = ["untrained"]
[[entries]]
model = "spade"
recipes = ["untrained"]
[[entries]]
model = "constant"
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    (folder / "suite.toml").write_text(SUITE, encoding="utf-8")
    done = bench(folder / "cache", "run", str(folder / "suite.toml"), "--out", str(folder / "run"))
    assert done.returncode == 0, done.stderr + done.stdout
    return folder / "run"


def test_what_draws_pairs_is_asked_what_they_are_worth_beside_as_many_real_ones(run: Path) -> None:
    found = {
        (row["model"], row["metric"]): row
        for row in rows(run)
        if row["protocol"] == "gan-train" and row["trial"] is None
    }
    assert {model for model, _ in found} == {"sbgan", "real"}
    for model, metric in found:
        row = found[model, metric]
        assert (row["status"], row["trials"], row["num_generated"]) == ("done", 3, 8)
        assert row["floor"] == (None if model == "real" else found["real", metric]["value"])


def test_one_reference_serves_all_and_layouts_of_models_without_any_are_skipped_with_the_reason(run: Path) -> None:
    assert len(list(run.glob("jobs/gan-train-real-*"))) == 1
    skipped = {
        row["model"]: row["reason"] for row in rows(run) if row["protocol"] == "layout" and row["value"] is None
    }
    assert "draws no layouts" in skipped["constant"]
    assert "layouts are real ones" in skipped["spade"]


def test_where_a_metric_looks_for_copies_the_nearest_training_images_are_shown(run: Path) -> None:
    shown = {(record.model, record.layout_source): record for record in Manifest.read(run).nearest}
    assert {(model, str(source)) for model, source in shown} == {
        ("sbgan", "generated"), ("sbgan", "real"), ("spade", "real"), ("constant", "none"),
    }  # fmt: skip
    assert all((run / record.picture).is_file() and record.protocol == "texture" for record in shown.values())
    page = (run / "report" / "report.md").read_text(encoding="utf-8")
    assert "Nearest training images" in page
    assert "SB-GAN, untrained, generated layouts: toy-streets, 32×64, 12 training images" in page
