"""Layouts in and out of the editor, and the process that paints them."""

import base64
import io
import json
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from dashboard.hostile_runs import bomb
from PIL import Image

from sbgan_bench.dashboard.editor import painter
from sbgan_bench.dashboard.editor.component import read_layout
from sbgan_bench.dashboard.editor.layouts import blank, from_picture, is_drawable
from sbgan_bench.dashboard.editor.painting import Painting
from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import DatasetRecord
from sbgan_bench.model import SceneSpec
from sbgan_bench.pictures import colour_layouts, write_png
from sbgan_bench.sbgan.image_stage import ImageStage
from sbgan_bench.sbgan.image_training import ImageStageSettings

PALETTE = ((70, 130, 180), (128, 64, 128), (0, 0, 142))
SHAPE = (16, 32)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small image stage, not trained."""
    settings = ImageStageSettings.model_validate(
        {"base_width": 4, "hidden": 4, "upsampling": "small", "discriminator_width": 4, "perceptual": "none"}
    )
    folder = tmp_path_factory.mktemp("saved") / "model"
    ImageStage.build(settings, SceneSpec(len(PALETTE), SHAPE), seed=0).save(folder)
    return folder


@pytest.fixture
def layout() -> np.ndarray:
    return np.random.default_rng(0).integers(0, len(PALETTE), SHAPE).astype(np.uint8)


def test_a_layout_is_read_back_from_its_colours(layout: np.ndarray, tmp_path: Path) -> None:
    write_png(tmp_path / "layout.png", colour_layouts(layout[None], PALETTE)[0].transpose(1, 2, 0))
    assert np.array_equal(from_picture(tmp_path / "layout.png", PALETTE, SHAPE), layout)
    larger = from_picture(tmp_path / "layout.png", PALETTE, (32, 64))
    assert np.array_equal(larger, layout.repeat(2, axis=0).repeat(2, axis=1))


def test_what_is_no_layout_is_none(tmp_path: Path) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb(50_000, 50_000))
    (tmp_path / "text.png").write_text("<svg/>")
    noise = np.random.default_rng(0).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    write_png(tmp_path / "photo.png", noise)
    for name in ("bomb.png", "text.png", "photo.png"):
        assert from_picture(tmp_path / name, PALETTE, SHAPE) is None


def test_a_blank_layout_has_sky_above_and_road_below() -> None:
    made = blank(SHAPE, ("road", "car", "sky"))
    assert set(made[0]) == {2}
    assert set(made[-1]) == {0}
    assert set(blank(SHAPE, ("a", "b")).ravel()) == {0}


def _record(**changed: object) -> DatasetRecord:
    facts = {"dataset": "d", "resolution": "16x32", "split": "s", "fingerprint": "f", "sizes": {}, "licence": "CC0",
             "class_names": ("sky", "road"), "palette": PALETTE[:2], "redistributable": True}  # fmt: skip
    return DatasetRecord.model_validate(facts | changed)


@pytest.mark.parametrize(
    "changed",
    [{"resolution": "²x3"}, {"resolution": "4096x4096"}, {"class_names": ()}, {"palette": PALETTE[:1]},
     {"palette": ((10**30, 0, 0), (0, 0, 0))}, {"palette": ((-1, 0, 0), (0, 0, 0))},
     {"class_names": ("c",) * 299 + ("sky",), "palette": ((0, 0, 0),) * 300}],
    ids=["no size", "too large", "no class", "no colour", "no byte", "negative", "more classes than a byte"],
)  # fmt: skip
def test_what_cannot_be_drawn_with_is_not_offered(changed: dict[str, object]) -> None:
    assert is_drawable(_record())
    assert is_drawable(_record(class_names=("c",) * 256, palette=((0, 0, 0),) * 300))
    assert not is_drawable(_record(**changed))


def test_what_the_browser_sends_is_a_layout_or_nothing(layout: np.ndarray) -> None:
    sent = base64.b64encode(layout.tobytes()).decode()
    assert np.array_equal(read_layout(sent, SHAPE, len(PALETTE)), layout)
    for wrong in (None, "", "%%%", sent[:-8], {"a": 1}, base64.b64encode(b"\x07" * layout.size).decode()):
        assert read_layout(wrong, SHAPE, len(PALETTE)) is None


def ask(*requests: object) -> list[dict[str, str]]:
    """Ask the painter, in this process."""
    answers = io.StringIO()
    painter.serve(io.StringIO("".join(json.dumps(one) + "\n" for one in requests)), answers)
    torch.set_grad_enabled(True)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_a_layout_becomes_the_image_that_the_model_paints(model: Path, layout: np.ndarray) -> None:
    request = {"model": str(model), "shape": SHAPE, "layout": base64.b64encode(layout.tobytes()).decode()}
    first, second = ask(request, request)
    assert first == second
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(first["image"]))))
    batch = next(iter(ImageStage.load(model, torch.device("cpu")).sample([0], layout[None])))
    assert batch.images is not None
    assert np.array_equal(picture, batch.images[0].transpose(1, 2, 0))


def test_errors_come_back_as_sentences(model: Path, layout: np.ndarray, tmp_path: Path) -> None:
    good = {"model": str(model), "shape": SHAPE, "layout": base64.b64encode(layout.tobytes()).decode()}
    high = {**good, "layout": base64.b64encode(b"\x63" * layout.size).decode()}
    wrong = [{**good, "model": str(tmp_path)}, {**good, "shape": (3, 3)}, high]
    answers = ask(*wrong, good)
    assert all(answer["error"].endswith(".") for answer in answers[:3])
    assert "image" in answers[3]


@pytest.mark.slow
def test_the_process_starts_when_asked_stays_warm_and_ends(model: Path, layout: np.ndarray, tmp_path: Path) -> None:
    painting = Painting(idle=0.5)
    assert not painting.running
    first = painting.paint(model, layout)
    process = painting._process
    assert painting.paint(model, layout) == first
    assert painting._process is process
    with pytest.raises(BenchError, match="missing"):
        painting.paint(tmp_path, layout)
    assert painting.running
    process.kill()
    process.wait()
    assert painting.paint(model, layout) == first
    for _ in range(100):
        if not painting.running:
            break
        time.sleep(0.1)
    assert not painting.running
    painting.close()


def test_a_process_that_takes_too_long_is_stopped(model: Path, layout: np.ndarray) -> None:
    painting = Painting(patience=0.001)
    with pytest.raises(BenchError, match="longer than"):
        painting.paint(model, layout)
    assert not painting.running
    painting.close()
