"""Pictures made elsewhere: taken as they are or refused, in order of name, never twice."""

from pathlib import Path

import numpy as np
import pytest
import tiny_models
import torch
from PIL import Image

from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import BenchError, CheckpointError, DataError, UnsupportedError
from sbgan_bench.evaluation import Terms, evaluate_model
from sbgan_bench.importing.combine import import_files
from sbgan_bench.importing.format import Request
from sbgan_bench.importing.samples import Samples, SamplesSettings
from sbgan_bench.importing.writing import write_import
from sbgan_bench.model import AbstractModel, SceneSpec, content_hash, load_model
from sbgan_bench.results import Origin
from sbgan_bench.samples import FIRST_SAMPLING_SEED, LayoutSource
from sbgan_bench.training.run import TrainingRun

CPU = torch.device("cpu")
SIZE = (32, 64)


def pictures(root: Path, count: int = 6, size: tuple[int, int] = SIZE, *, layouts: bool = False) -> Path:
    draw = np.random.default_rng(0)
    for name in ("images", "layouts") if layouts else ("images",):
        (root / name).mkdir(parents=True, exist_ok=True)
    for index in range(count):
        pixels = draw.integers(0, 256, (*size, 3)).astype(np.uint8)
        Image.fromarray(pixels).save(root / "images" / f"{index:03d}.png")
        if layouts:
            ids = draw.integers(0, 5, (size[0] // 2, size[1] // 2)).astype(np.uint8)
            Image.fromarray(ids).save(root / "layouts" / f"{index:03d}.png")
    return root


def imported(root: Path, out: Path, **said: object) -> AbstractModel:
    return load_model(write_import(out, import_files([root], Request(**said))), CPU)


def test_every_picture_is_served_once_with_its_layout_bit_for_bit_and_by_lot(tmp_path: Path) -> None:
    root = pictures(tmp_path / "theirs", layouts=True)
    model = imported(root, tmp_path / "run")
    (batch,) = model.sample(list(model.scenes() or ()))
    images, layouts = (
        [np.asarray(Image.open(file)) for file in sorted((root / name).iterdir())] for name in ("images", "layouts")
    )
    places = [next(i for i, one in enumerate(images) if np.array_equal(one, image.transpose(1, 2, 0)))
              for image in batch.images]  # fmt: skip
    assert sorted(places) == list(range(6))
    assert places != sorted(places)  # files are often sorted by class, and trials are runs of seeds
    assert all(np.array_equal(layouts[place], layout) for place, layout in zip(places, batch.layouts, strict=True))
    assert model.scenes() == range(FIRST_SAMPLING_SEED, FIRST_SAMPLING_SEED + 6)
    assert model.sources() == {LayoutSource.GENERATED}
    assert model.provenance.origin is Origin.IMPORTED


def test_a_bare_folder_of_images_has_no_layouts(tmp_path: Path) -> None:
    model = imported(pictures(tmp_path / "theirs") / "images", tmp_path / "run")
    (batch,) = model.sample([FIRST_SAMPLING_SEED + 3])
    assert batch.layouts is None
    assert model.sources() == {LayoutSource.NONE}


def test_the_content_decides_the_hash_and_its_place_does_not(tmp_path: Path) -> None:
    first, second = (pictures(tmp_path / place / "theirs") for place in ("a", "b"))
    for root in (first, second):
        imported(root, root.parent / "run")
    assert content_hash(first.parent / "run" / "model") == content_hash(second.parent / "run" / "model")
    Image.new("RGB", (SIZE[1], SIZE[0])).save(first / "images" / "000.png")
    imported(first, tmp_path / "changed")
    assert content_hash(tmp_path / "changed" / "model") != content_hash(second.parent / "run" / "model")


def test_a_suite_notices_that_the_folder_changed(tmp_path: Path) -> None:
    root = pictures(tmp_path / "theirs")
    before = SamplesSettings.parse({"root": str(root)}, "test")
    assert SamplesSettings.parse({"root": str(root)}, "test") == before
    model = Samples.build(before, SceneSpec(1, SIZE), 0)
    Image.new("RGB", (SIZE[1], SIZE[0])).save(root / "images" / "000.png")
    assert SamplesSettings.parse({"root": str(root)}, "test").digest() != before.digest()
    with pytest.raises(DataError, match="changed after the run was planned"):
        model.fit("default", tiny_models.table(), TrainingRun(folder=tmp_path / "run", seed=0), {})


def test_asking_for_more_than_there_are_names_both_numbers(tmp_path: Path) -> None:
    model = imported(pictures(tmp_path / "theirs"), tmp_path / "run")
    with pytest.raises(UnsupportedError, match=r"6 scenes.*7 scenes were asked for"):
        list(model.sample(range(FIRST_SAMPLING_SEED, FIRST_SAMPLING_SEED + 7)))
    with pytest.raises(UnsupportedError, match="seed 0 is none of them"):
        list(model.sample([0]))


def test_an_evaluation_draws_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))
    streets = open_dataset("toy-streets", {"train": 4, "selection": 4, "test": 24}, "test")
    imported(pictures(tmp_path / "theirs", 9), tmp_path / "run")
    rows = evaluate_model(tmp_path / "run" / "model", streets, Terms(protocols=("texture",), num=4, trials=5))
    row = next(row for row in rows if row.model == "samples" and row.trial is None)
    assert (row.trials, row.num_generated, row.origin) == (2, 4, Origin.IMPORTED)
    assert any("sha256" in note for note in row.notes)
    with pytest.raises(DataError, match=r"Found 9 images.*N = 12"):
        evaluate_model(tmp_path / "run" / "model", streets, Terms(protocols=("texture",), num=12))


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda root: Image.new("RGB", (64, 30)).save(root / "images" / "002.png"), r"002\.png is 30x64"),
        (lambda root: Image.new("RGBA", (64, 32)).save(root / "images" / "002.png"), r"002\.png.*transparency"),
        (lambda root: (root / "images" / "002.png").write_bytes(b"\x89PNG"), r"002\.png"),
        (lambda root: (root / "layouts" / "002.png").unlink(), "002.*no layout under its name"),
        (lambda root: (root / "images" / "002.png").unlink(), "002.*no image under its name"),
        (lambda root: Image.new("L", (32, 15)).save(root / "layouts" / "002.png"), r"002\.png is 15x32"),
        (lambda root: Image.new("L", (31, 16)).save(root / "layouts" / "000.png"), r"000\.png is 16x31"),
        (
            lambda root: [Image.new("L", (31, 16)).save(path) for path in (root / "layouts").iterdir()],
            "no whole factor",
        ),
    ],
)
def test_what_does_not_fit_is_refused_and_never_resized(tmp_path: Path, spoil: object, message: str) -> None:
    root = pictures(tmp_path / "theirs", layouts=True)
    spoil(root)  # type: ignore[operator]
    with pytest.raises(BenchError, match=message):
        import_files([root], Request())


def test_another_size_or_class_than_asked_for_is_refused(tmp_path: Path) -> None:
    root = pictures(tmp_path / "theirs", size=(16, 32))
    with pytest.raises(DataError, match=r"16x32, wanted are 32x64"):
        import_files([root], Request(resolution=SIZE))
    with pytest.raises(CheckpointError, match="alone"):
        import_files([root, root], Request())
    streets = open_dataset("toy-streets", {"train": 4, "selection": 4, "test": 4}, "test")
    large = pictures(tmp_path / "large", layouts=True)
    Image.new("L", (32, 16), 12).save(large / "layouts" / "001.png")
    with pytest.raises(DataError, match="class id 12; known are 12"):
        import_files([large], Request(dataset=streets))
