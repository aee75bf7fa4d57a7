"""Scoring a saved model against a dataset: the number of a suite, without the suite."""

import json
from pathlib import Path

import numpy as np
import pytest
import tiny_models
import torch
from click.testing import CliRunner, Result
from dataset_trees import folder_tree

from sbgan_bench.cli import main
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import DataError
from sbgan_bench.evaluation import Terms, evaluate_model
from sbgan_bench.metrics.frechet import METRIC
from sbgan_bench.model import AbstractModel, SceneSpec, load_model
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.protocol import Opening
from sbgan_bench.protocols.texture import TextureProtocol
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.splits import partition

CPU = torch.device("cpu")
STREETS = {"train": 4, "selection": 4, "test": 24}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))


def saved(name: str, folder: Path, classes: int = 12, **settings: object) -> Path:
    """An untrained model for 32x64."""
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, name)
    values = {**tiny_models.TINY.get(name, {}), **settings}
    kind.build(kind.Settings.parse(values, "test"), SceneSpec(classes, (32, 64)), 0).save(folder)
    return folder


def streets() -> object:
    return open_dataset("toy-streets", STREETS, "test")


def evaluate(*words: str) -> Result:
    return CliRunner().invoke(main, ["evaluate", "--device", "cpu", *words])


def test_a_model_without_layouts_gets_trials_a_spread_and_the_floor(tmp_path: Path) -> None:
    folder = saved("constant", tmp_path / "model")
    rows = evaluate_model(folder, streets(), Terms(protocols=("texture",), num=6, trials=3))
    summaries = {(row.model, row.metric): row for row in rows if row.trial is None}
    assert {model for model, _ in summaries} == {"real", "constant"}
    ours = summaries["constant", "frechet-distance"]
    assert (ours.trials, ours.num_generated, ours.resolution) == (3, 6, "32x64")
    assert ours.sampling_seeds == "1000000..1000017"
    assert ours.layout_source is LayoutSource.NONE
    assert len(ours.checkpoint_hash) == 64
    assert ours.value > summaries["real", "frechet-distance"].value


def test_real_layouts_give_one_value_on_the_layouts_of_reals_apart_from_the_reference(tmp_path: Path) -> None:
    folder = saved("spade", tmp_path / "model")
    rows = evaluate_model(folder, streets(), Terms(protocols=("texture",), num=6, seed=5))
    row = next(r for r in rows if r.model == "spade" and r.trial is None and r.metric == METRIC.name)
    assert (row.trials, row.spread, row.layout_source) == (1, None, LayoutSource.REAL)
    dataset = open_dataset("toy-streets", STREETS, "test")
    pairs = [dataset.read(key, (32, 64)) for key in dataset.splits()["test"].keys]
    part = partition(len(pairs), 6, 0, 5)
    layouts = np.stack([pairs[i].layout for i in part.other])
    reals = np.stack([pairs[i].image.transpose(2, 0, 1) for i in part.reference])
    (batch,) = load_model(folder, CPU).sample(range(1_000_000, 1_000_006), layouts)
    texture = TextureProtocol.open(Opening(device=CPU))
    expected = METRIC.compute(texture.features(SampleBatch(reals)), texture.features(batch))
    assert row.value == pytest.approx(expected, 1e-5)


def test_the_judge_that_ships_is_taken_where_none_is_given(tmp_path: Path) -> None:
    rows = evaluate_model(saved("constant", tmp_path / "model"), streets(), Terms(num=4, trials=2))
    assert {row.protocol for row in rows} == {"texture", "scene"}


def test_a_stage_that_draws_layouts_alone_is_scored_by_them_and_other_classes_are_refused(tmp_path: Path) -> None:
    stage = {"widths": [8, 6, 4, 4], "fade_images": [8], "stabilise_images": [8], "resolution": None}
    stage |= {"batch_size": [4]}
    folder = saved("layout-stage", tmp_path / "stage", **stage)
    with pytest.raises(DataError, match="'texture' looks at images, which none of the sets"):
        evaluate_model(folder, streets(), Terms(num=4, protocols=("texture",)))
    assert {row.protocol for row in evaluate_model(folder, streets(), Terms(num=4))} == {"layout"}
    other = open_dataset("folder", {"root": str(folder_tree(tmp_path / "data", 30))}, "test")
    with pytest.raises(DataError, match=r"trained on 12 classes, folder has 3"):
        evaluate_model(saved("spade", tmp_path / "spade"), other, Terms(num=2))


def test_the_command_prints_one_line_per_layout_source(tmp_path: Path) -> None:
    data = folder_tree(tmp_path / "data", 40)
    folder = saved("constant", tmp_path / "model", classes=3)
    words = ["--model", str(folder), "--dataset", "folder", "--data", str(data), "--num", "4", "--trials", "2"]
    shown = evaluate(*words, "--resolution", "32x64", "--format", "json")
    assert shown.exit_code == 0, shown.output
    assert {row["model"] for row in json.loads(shown.output)} == {"real", "constant"}
    wrong = evaluate(*words, "--resolution", "64x128")
    assert wrong.exit_code == 2
    assert "draws 32x64" in wrong.output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "Nothing to score"),
        (["--real", "a"], "--real without --generated"),
        (["--model", "m"], "--model without --dataset"),
        (["--dataset", "toy-streets"], "--dataset without --model"),
        (["--real", "a", "--generated", "b", "--model", "m"], "do not go together"),
        (["--real", "a", "--generated", "b", "--resolution", "32x64"], "do not go together"),
        (["--model", "m", "--dataset", "toy-streets"], "m/model.json is missing"),
        (["--model", "m", "--dataset", "toy-street"], "Did you mean 'toy-streets'"),
    ],
)
def test_what_does_not_go_together_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = evaluate(*words)
    assert result.exit_code == 2
    assert message in result.output
    assert result.output.count("\n") == 1, result.output
