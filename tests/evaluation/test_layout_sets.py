"""Sets with layouts, and sets of layouts alone."""

from pathlib import Path

import numpy as np
import pytest
from annotation.scenes import facts as drn_facts
from annotation.scenes import network as drn_network
from annotation.scenes import scene
from click.testing import Result
from evaluation.tools import is_one_line, run, scores, summaries
from PIL import Image

from sbgan_bench.annotation.weights import save_segmenter

TOML = 'class_names = ["red", "green", "blue"]\n'


def write(folder: Path, first: int, count: int = 24, unlabelled: int = 3) -> Path:
    """Scenes of three classes and a corner that nobody labelled."""
    for name in ("images", "layouts"):
        (folder / name).mkdir(parents=True)
    for index in range(count):
        image, layout = scene(first + index)
        layout = np.where(layout == 255, np.uint8(unlabelled), layout)
        Image.fromarray(image).save(folder / "images" / f"{index:03d}.png")
        Image.fromarray(layout).save(folder / "layouts" / f"{index:03d}.png")
    return folder


def evaluate(real: Path, generated: Path, *words: object) -> Result:
    return run("evaluate", "--real", real, "--generated", generated, "--num", 12, *words, "--format", "json")


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("layouts")
    write(root / "real", 0)
    write(root / "drawn", 100)
    return root


def test_layouts_are_measured_beside_images_and_the_same_alone(sets: Path) -> None:
    both = scores(evaluate(sets / "real", sets / "drawn"), "drawn")
    assert {protocol for protocol, _ in both} == {"layout", "texture"}
    alone = evaluate(sets / "real" / "layouts", sets / "drawn" / "layouts", "--protocol", "layout")
    assert scores(alone, "layouts") == {cell: value for cell, value in both.items() if cell[0] == "layout"}
    assert both["layout", "frechet-segmentation-distance"] > 0


def test_a_set_without_layouts_is_measured_by_its_images(sets: Path, tmp_path: Path) -> None:
    (tmp_path / "plain").symlink_to(sets / "drawn" / "images")
    result = evaluate(sets / "real", sets / "drawn", "--generated", tmp_path / "plain")
    found = {(row["model"], row["protocol"]) for row in summaries(result)}
    assert ("drawn", "layout") in found
    assert not {pair for pair in found if pair[1] == "layout" and pair[0] not in ("drawn", "real")}
    texture = {row["model"]: row["value"] for row in summaries(result) if row["metric"] == "frechet-distance"}
    assert texture["images"] == texture["drawn"]


def test_names_of_classes_are_part_of_the_protocol(sets: Path, tmp_path: Path) -> None:
    hashes = set()
    for names in ('["red", "green", "blue", "none"]', '["red", "green", "blue", "void"]'):
        real = write(tmp_path / str(len(hashes)), 0)
        (real / "dataset.toml").write_text(f"class_names = {names}\n")
        result = evaluate(real, sets / "drawn", "--protocol", "layout")
        hashes |= {row["weights_hash"] for row in summaries(result)}
    assert len(hashes) == 2


def test_the_id_of_unlabelled_pixels_is_read_from_the_description(sets: Path, tmp_path: Path) -> None:
    """255 in the files of a dataset and 3 in what models draw are one class, wherever it stands."""
    stored, drawn = write(tmp_path / "stored", 0, unlabelled=255), write(tmp_path / "index", 0)
    for folder in (stored, drawn):
        (folder / "dataset.toml").write_text(f"{TOML}ignore_id = 255\n")
    results = [evaluate(folder, sets / "drawn", "--protocol", "layout") for folder in (stored, drawn)]
    assert scores(results[0], "drawn") == scores(results[1], "drawn")
    assert scores(results[0], "real") == scores(results[1], "real")


def test_an_undescribed_255_is_said(sets: Path, tmp_path: Path) -> None:
    real = write(tmp_path / "stored", 0, unlabelled=255)
    rows = summaries(evaluate(real, sets / "drawn", "--protocol", "layout"))
    assert all("id 255 counts as a class of the layouts" in row["notes"][0] for row in rows)
    rows = summaries(evaluate(sets / "real", sets / "drawn", "--protocol", "layout"))
    assert not any("id 255" in note for row in rows for note in row["notes"])


def test_an_id_beyond_the_described_classes_is_one_line(sets: Path, tmp_path: Path) -> None:
    real = write(tmp_path / "real", 0)
    (real / "dataset.toml").write_text(TOML)
    assert is_one_line(evaluate(real, sets / "drawn", "--protocol", "layout"), "class id 3", "3 classes")


def test_a_folder_of_a_segmenter_is_a_judge(sets: Path, tmp_path: Path) -> None:
    save_segmenter(tmp_path / "judge", drn_network(), drn_facts())
    real = write(tmp_path / "real", 0)
    (real / "dataset.toml").write_text(f"{TOML}ignore_id = 255\n")
    words = ["--protocol", "segmentation", "--judge", tmp_path / "judge"]
    found = scores(evaluate(real, sets / "drawn", *words), "drawn")
    assert {metric for _, metric in found} == {"mean-iou", "pixel-accuracy", "frequency-weighted-iou"}
    assert 0 < found["segmentation", "pixel-accuracy"] < 1
    assert is_one_line(evaluate(real, sets / "drawn", "--protocol", "segmentation"), "needs a judge", "--judge")


def test_images_in_place_of_layouts_are_one_line(sets: Path) -> None:
    result = evaluate(sets / "real" / "layouts", sets / "drawn" / "images", "--protocol", "layout")
    assert is_one_line(result, "000.png", "RGB"), result.output
