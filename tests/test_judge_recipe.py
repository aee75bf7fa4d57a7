"""The judge that ships must be the one its recipe makes, of the scenes that the generator renders today."""

from pathlib import Path

import pytest

from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import ConfigError
from sbgan_bench.judge import bundled_judge, read_judge
from sbgan_bench.judge_recipe import bundled_recipe, make_bundled_judge

STALE = (
    "The toy-streets generator changed since its judge was trained. Make the judge again; the command is in "
    "sbgan_bench/assets/judges/toy-streets-32x64.toml."
)


def bundled() -> Path:
    path = bundled_judge("toy-streets", (32, 64))
    assert path is not None
    return path


def test_the_bundled_judge_belongs_to_todays_generator() -> None:
    fingerprint = read_judge(bundled()).facts.fingerprint
    recipe = bundled_recipe("toy-streets", (32, 64))
    assert fingerprint == recipe.open().fingerprint(), STALE


def test_the_bundled_judge_saw_no_scene_of_the_default_test_split() -> None:
    recipe = bundled_recipe("toy-streets", (32, 64))
    default = open_dataset("toy-streets", {}, "test")
    assert read_judge(bundled()).facts.class_names == default.info.class_names
    assert not set(recipe.open().splits()["train"].keys) & set(default.splits()["test"].keys)


def test_the_bundled_judge_is_small_and_was_made_by_its_recipe() -> None:
    facts = read_judge(bundled()).facts
    recipe = bundled_recipe("toy-streets", (32, 64))
    assert bundled().stat().st_size < 1_000_000
    assert facts.settings == recipe.judge
    assert (facts.dataset, facts.resolution) == (recipe.dataset, recipe.resolution)
    assert facts.pixel_accuracy is not None
    assert facts.pixel_accuracy > 0.8


def test_the_recipe_makes_a_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = bundled_recipe("toy-streets", (32, 64))
    small = recipe.model_copy(
        update={
            "data": {"train": 8, "selection": 4},
            "judge": recipe.judge.model_copy(update={"images": 16, "width": 4}),
        }
    )
    monkeypatch.setattr("sbgan_bench.judge_recipe.bundled_recipe", lambda *_: small)
    path = make_bundled_judge("toy-streets", (32, 64), out=tmp_path / "judge.safetensors", cache=tmp_path)
    facts = read_judge(path).facts
    assert (facts.pairs, facts.held_out_pairs, facts.resolution) == (8, 4, (32, 64))


def test_a_dataset_without_a_judge_has_no_recipe() -> None:
    with pytest.raises(ConfigError, match="No file"):
        bundled_recipe("no-such-dataset", (32, 64))
