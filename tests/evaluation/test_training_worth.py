"""What a saved model's pairs are worth as training data, on the command line."""

from importlib import import_module
from pathlib import Path

import pytest
import tiny_models
from dataset_trees import folder_tree
from evaluation.tools import is_one_line, run, saved_model, summaries

from sbgan_bench.gan_train import MEASURES
from sbgan_bench.judge import JudgeSettings


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_tree(tmp_path_factory.mktemp("data") / "folder", 60)


def test_generated_pairs_stand_beside_as_many_real_ones(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = JudgeSettings(width=4, images=16, batch_size=4)
    monkeypatch.setattr(import_module("sbgan_bench.evaluation.training_worth"), "SETTINGS", quick)
    layout = {**tiny_models.TINY["sbgan"]["layout"], "widths": [8, 6, 4, 4], "resolution": None}
    model = saved_model("sbgan", tmp_path / "model", classes=3, layout=layout)
    words = ["--dataset", "folder", "--data", data, "--num", 6, "--protocol", "texture", "--gan-train"]
    rows = summaries(run("evaluate", "--model", model, *words, "--format", "json"))
    ours = {row["metric"]: row for row in rows if row["model"] == "sbgan" and row["protocol"] == "gan-train"}
    reals = {row["metric"]: row for row in rows if row["model"] == "real" and row["protocol"] == "gan-train"}
    assert ours.keys() == reals.keys() == set(MEASURES)
    for name, row in ours.items():
        assert row["floor"] == pytest.approx(reals[name]["value"])
        assert (row["num_generated"], row["layout_source"], row["trials"]) == (6, "generated", 3)
    assert {row["metric"] for row in rows if row["protocol"] == "texture"} >= {"frechet-distance"}


def test_a_model_without_pairs_of_its_own_is_one_line(data: Path, tmp_path: Path) -> None:
    model = saved_model("constant", tmp_path / "model", classes=3)
    words = ["--dataset", "folder", "--data", data, "--num", 4, "--protocol", "texture", "--gan-train"]
    assert is_one_line(run("evaluate", "--model", model, *words), "draws no pairs of layout and image")
