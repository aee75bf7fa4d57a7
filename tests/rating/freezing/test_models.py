"""Cells of saved models, of runs, and of the test split of a dataset."""

import json
from pathlib import Path

import image_trees
import numpy as np
import pytest
import tiny_models
import torch
from click.testing import CliRunner
from dataset_trees import folder_tree
from PIL import Image
from rating.owners import by_cell, cell, spec_file

from sbgan_bench.cli import main
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import BenchError, ConfigError, DataError
from sbgan_bench.model import AbstractModel, SceneSpec, content_hash, load_model
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.freezing import freeze, plan_study
from sbgan_bench.results import Origin, ResultRow, write_rows
from sbgan_bench.samples import LayoutSource
from sbgan_bench.storage import write_json

CPU = torch.device("cpu")
STREETS = {"train": 4, "selection": 4, "test": 24}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))


def streets_model(name: str, folder: Path) -> Path:
    """Save an untrained model that draws toy streets at 32x64."""
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, name)
    settings = kind.Settings.parse(dict(tiny_models.TINY[name]), "test")
    kind.build(settings, SceneSpec(12, (32, 64)), 0).save(folder)
    return folder


def streets_run(folder: Path, *models: tuple[str, str, int]) -> Path:
    """Write what the freezer reads of a run: rows, models, settings of its dataset."""
    rows = [row("real", "", None, "", origin=Origin.REAL)]
    for number, (name, recipe, seed) in enumerate(models):
        saved = streets_model(name, folder / "jobs" / f"train-{number}" / "model")
        source = LayoutSource.REAL if name == "spade" else LayoutSource.NONE
        header = saved / "model.json"
        header.write_text(header.read_text() + "\n" * number)  # two untrained models of one kind, told apart
        rows.append(row(name, recipe, seed, content_hash(saved), layout_source=source))
    write_rows(folder / "results.jsonl", rows)
    write_json(folder / "suite.json", {"datasets": {"toy-streets": STREETS}})
    return folder


def row(model: str, recipe: str, seed: int | None, checkpoint_hash: str, **others: object) -> ResultRow:
    return ResultRow(
        suite="tiny", model=model, recipe=recipe, preset="sbgan-paper", dataset="toy-streets", resolution="32x64",
        fingerprint=open_dataset("toy-streets", STREETS, "test").fingerprint(), protocol="texture",
        metric="frechet-distance", training_seed=seed, training_images=4 if seed is not None else None, value=1.0,
        trials=2, checkpoint_hash=checkpoint_hash, **others,
    )  # fmt: skip


def streets(model: str, **others: object) -> dict[str, object]:
    return {"dataset": "toy-streets", "model": model, **others}


def shown(folder: StudyFolder, index: int) -> dict[str, np.ndarray]:
    """Images of a cell by their source."""
    key = folder.read_key()
    return {key.images[i.id].source: np.asarray(Image.open(folder.image(i.id))) for i in by_cell(folder)[index]}


def test_a_saved_model_shows_what_sample_draws(tmp_path: Path) -> None:
    tiny_models.build("progan-reference").save(tmp_path / "model")
    folder = freeze(
        spec_file(tmp_path, cells=[cell("progan-reference", saved="model")], display="16x32"), tmp_path / "study"
    )
    words = ["sample", str(tmp_path / "model"), "--count", "6", "--seed", "1000000", "--out", str(tmp_path / "drawn")]
    assert CliRunner().invoke(main, [*words, "--device", "cpu"]).exit_code == 0
    drawn = [np.asarray(Image.open(path)) for path in sorted((tmp_path / "drawn" / "images").iterdir())]
    for number in range(4):
        assert np.array_equal(shown(folder, 0)[f"sampling seed {1_000_000 + number}"], drawn[number])
    practice = [np.asarray(Image.open(folder.image(image.id))) for image in by_cell(folder)[None]]
    assert {image.tobytes() for image in practice} == {image.tobytes() for image in drawn[4:]}
    (identity,) = folder.read_key().cells
    assert identity.checkpoint_hash == content_hash(tmp_path / "model")
    assert (identity.title, identity.resolution) == ("ProGAN (Karras et al.)", "16x32")


def test_a_model_paints_the_real_layouts_of_the_test_split(tmp_path: Path) -> None:
    run = streets_run(tmp_path / "run", ("spade", "default", 0))
    cells = [streets("real", run="run"), streets("spade", run="run", count=5)]
    folder = freeze(spec_file(tmp_path, cells=cells), tmp_path / "study")
    table = prepare(open_dataset("toy-streets", STREETS, "test"), "test", (32, 64), tmp_path / "cache")
    model = load_model(run / "jobs" / "train-0" / "model", CPU)
    painted = shown(folder, 1)
    assert len(painted) == 5
    for source, image in painted.items():
        member = int(source.split(",")[0].removeprefix("sampling seed ")) - 1_000_000
        assert source.endswith(f"layout of {table.split.keys[member]}")
        (batch,) = model.sample([1_000_000 + member], np.asarray(table.layouts[member : member + 1]))
        assert np.array_equal(image, batch.images[0].transpose(1, 2, 0))
    for source, image in shown(folder, 0).items():
        member = int(source.split(":")[0].removeprefix("member "))
        assert np.array_equal(image, table.images[member].transpose(1, 2, 0))
    real, spade = folder.read_key().cells
    assert real.fingerprint == spade.fingerprint == table.fingerprint
    assert (real.origin, spade.layout_source) == ("real", "real")


def test_a_cell_of_a_run_is_the_cell_of_its_rows(tmp_path: Path) -> None:
    run = streets_run(tmp_path / "run", ("progan-reference", "default", 1), ("progan-reference", "default", 0))
    folder = freeze(spec_file(tmp_path, cells=[streets("progan-reference", run="run")]), tmp_path / "study")
    (identity,) = folder.read_key().cells
    assert identity.training_seed == 0, "of several training seeds the lowest"
    assert identity.checkpoint_hash == content_hash(run / "jobs" / "train-1" / "model")
    assert (identity.recipe, identity.preset, identity.training_images) == ("default", "sbgan-paper", 4)
    assert identity.fingerprint == open_dataset("toy-streets", STREETS, "test").fingerprint()


def test_controls_have_the_size_of_what_they_are_controls_for(tmp_path: Path) -> None:
    data = folder_tree(tmp_path / "data", 40)
    image_trees.folder(tmp_path / "made", image_trees.pixels(6, (9, 12)))
    cells = [{"dataset": "folder", "model": "real", "data": "data", "count": 1}]
    other = {"dataset": "folder", "model": "made", "images": "made"}
    plan = plan_study(spec_file(tmp_path, cells=[*cells, other], practice_images=0, display="18x24"))
    assert [chosen.images.size for chosen in plan.cells] == [(9, 12), (9, 12)]
    alone = plan_study(spec_file(tmp_path, cells=cells, practice_images=0, display="18x24"))
    assert alone.cells[0].images.size == (18, 24)
    with pytest.raises(ConfigError, match="nothing says how large the real images are; add display"):
        plan_study(spec_file(tmp_path, cells=cells, practice_images=0))
    assert data.is_dir()


def test_nothing_is_sampled_before_everything_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_models.build("progan-reference")
    model.save(tmp_path / "model")

    def sample(*_: object, **__: object) -> None:
        pytest.fail("a network was run")

    monkeypatch.setattr(type(model), "sample", sample)
    cells = [cell("progan-reference", saved="model"), cell("beta", "b")]
    spec = spec_file(tmp_path, cells=cells, display="16x32")
    assert plan_study(spec).expectation.ratings == 16
    (tmp_path / "b" / "0001.png").write_bytes((tmp_path / "b" / "0002.png").read_bytes())
    with pytest.raises(DataError, match="one and the same picture"):
        freeze(spec_file(tmp_path, cells=cells, display="16x32", images_per_cell=6, practice_images=0), tmp_path / "s")
    assert not (tmp_path / "s").exists()


def test_a_model_that_repeats_itself_is_named(tmp_path: Path) -> None:
    tiny_models.build("constant").save(tmp_path / "model")
    with pytest.raises(DataError, match=r"constant, sampling seed 1000000; .*1000001.*lower count"):
        freeze(spec_file(tmp_path, cells=[cell("constant", saved="model")]), tmp_path / "study")
    assert not (tmp_path / "study").exists()
    assert not list(tmp_path.glob(".study*"))


def faults() -> list[tuple[dict[str, object], str]]:
    return [
        (cell("alpha", saved="nowhere"), r"no saved model in .*nowhere, there is no model\.json"),
        (cell("alpha", saved="run"), r"It is the folder of a run: write run = 'run'"),
        (cell("alpha", saved="model"), "holds a model of kind 'progan-reference'; write model = 'progan-reference'"),
        (cell("layout-stage", saved="stage"), "draws layouts and no images"),
        (cell("progan-reference", saved="model", layout_source="real"), "sampled with layout source none, not real"),
        (cell("progan-reference", saved="model", data="b"), "data is for models that paint real layouts"),
        (cell("spade", saved="spade"), "No dataset named 'noise'"),
        ({"dataset": "folder", "model": "spade", "saved": "spade"}, "needs the dataset 'folder': add data"),
        ({"dataset": "folder", "model": "spade", "saved": "spade", "data": "no"}, "data = 'no': .* is not a folder"),
        ({"dataset": "folder", "model": "spade", "saved": "spade", "data": "data"}, "4 classes, folder has 3"),
        (streets("spade", saved="spade", data="b"), "toy-streets is not read from a folder"),
        (streets("spade", saved="spade"), "trained on 4 classes, toy-streets has 12"),
        (streets("spade", run="model"), r"is no finished run, it has no results\.jsonl"),
        (streets("spade", run="run"), "has no such model; it has: progan-reference, default"),
        (streets("progan-reference", run="run", recipe="other"), "has no such model; it has: progan-reference"),
        ({"dataset": "camvid", "model": "spade", "run": "run"}, "nothing on dataset 'camvid'; it has toy-streets"),
    ]


@pytest.mark.parametrize(("entry", "message"), faults(), ids=lambda one: one if isinstance(one, str) else "")
def test_what_cannot_be_sampled_is_one_line(tmp_path: Path, entry: dict[str, object], message: str) -> None:
    tiny_models.build("progan-reference").save(tmp_path / "model")
    tiny_models.build("layout-stage").save(tmp_path / "stage")
    tiny_models.build("spade").save(tmp_path / "spade")
    folder_tree(tmp_path / "data", 20)
    run = streets_run(tmp_path / "run", ("progan-reference", "default", 0))
    write_json(run / "run.json", {})
    with pytest.raises(BenchError, match=message) as raised:
        plan_study(spec_file(tmp_path, cells=[entry]))
    assert "\n" not in str(raised.value)


def test_models_of_a_run_that_nothing_tells_apart_are_listed(tmp_path: Path) -> None:
    streets_run(tmp_path / "run", ("progan-reference", "default", 0), ("progan-reference", "long", 0))
    with pytest.raises(ConfigError, match=r"has 2 models that fit: .*default.*; .*long"):
        plan_study(spec_file(tmp_path, cells=[streets("progan-reference", run="run")]))
    (header,) = (tmp_path / "run").glob("jobs/train-1/model/model.json")
    header.unlink()
    with pytest.raises(ConfigError, match="its weights are gone"):
        plan_study(spec_file(tmp_path, cells=[streets("progan-reference", run="run", recipe="long")]))


def test_what_training_left_beside_a_model_is_told_to_the_owner(tmp_path: Path) -> None:
    tiny_models.build("progan-reference").save(tmp_path / "mine" / "model")
    record = {"recipe": "slow", "seed": 7, "training_images": 9}
    (tmp_path / "mine" / "training.json").write_text(json.dumps(record))
    plan = plan_study(spec_file(tmp_path, cells=[cell("progan-reference", saved="mine/model")], display="16x32"))
    identity = plan.cells[0].images.identity
    assert (identity.title, identity.training_seed, identity.training_images) == ("ProGAN (Karras et al.), slow", 7, 9)
