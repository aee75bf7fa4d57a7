"""Choosing among snapshots by their distances."""

import shutil
from pathlib import Path

import pytest
import torch

from sbgan_bench.errors import BenchError
from sbgan_bench.model import content_hash
from sbgan_bench.storage import read_json, write_json, write_text
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.jobs.context import DISTANCES, MODEL, TRAINING, JobContext
from sbgan_bench.suite.jobs.following import choose_snapshot, follow_snapshots

#: Half of the 48 images took 6 s, the other half 18 s: the network grew.
_LOG = """\
{"images": 24, "step": 5, "seconds": 6.0, "losses": {"d": 2.0}}
{"images": 24, "step": 5, "event": "grown"}
{"images": 48, "step": 11, "seconds": 24.0, "losses": {"d": 1.0}}
"""


def saved(folder: Path, weights: str) -> Path:
    """A folder that stands for a saved model."""
    folder.mkdir(parents=True)
    write_text(folder / "model.json", weights)
    return folder


@pytest.fixture
def context(tmp_path: Path) -> JobContext:
    """A training of 48 images with three snapshots; 10 images were shown to the stage before."""
    trained = tmp_path / "trained"
    saved(trained / MODEL, "the end")
    for images in (16, 32, 48):
        saved(trained / "training" / "snapshots" / f"{images:09d}", "the end" if images == 48 else f"after {images}")
    write_text(trained / "training" / "stats.jsonl", _LOG)
    record = {"images_seen": 48, "total_images_seen": 58, "steps": 12, "selection": "", "seconds": 27.0}
    write_json(trained / TRAINING, {**record, "total_seconds": 127.0})
    config = {"protocol": "texture", "samples": 8, "snapshots": 3}
    inputs = {"model": trained, "distances": tmp_path / "distances"}
    return JobContext(
        job=Job(id="select/a", kind=JobKind.SELECT, config=config), folder=tmp_path / "out", inputs=inputs,
        cache=tmp_path, device=torch.device("cpu"), datasets={}, judge=None, weights={}, trusted=False,
        report=lambda _: None,
    )  # fmt: skip


def test_the_nearest_snapshot_is_adopted_with_its_images_and_steps(context: JobContext) -> None:
    write_json(context.inputs["distances"] / DISTANCES, {"values": [[16, 3.0], [32, 1.0], [48, 2.0]]})
    best = context.inputs["model"] / "training" / "snapshots" / "000000032"
    assert choose_snapshot(context) == content_hash(best) == content_hash(context.folder / MODEL)
    record = read_json(context.folder / TRAINING)
    assert (record["images_seen"], record["total_images_seen"], record["steps"]) == (32, 42, 8)
    assert record["selection"] == "best of 3 (texture, 8 samples)"


@pytest.mark.parametrize(("images", "afterwards"), [(16, 20.0), (32, 12.0), (48, 0.0)])
def test_a_snapshot_has_not_taken_the_time_of_what_came_after_it(
    context: JobContext, images: int, afterwards: float
) -> None:
    write_json(context.inputs["distances"] / DISTANCES, {"values": [[images, 1.0]]})
    choose_snapshot(context)
    record = read_json(context.folder / TRAINING)
    assert record["seconds"] == pytest.approx(27.0 - afterwards)
    assert record["total_seconds"] == pytest.approx(127.0 - afterwards)


def test_where_the_log_has_no_clock_the_time_is_that_of_the_training(context: JobContext) -> None:
    write_text(context.inputs["model"] / "training" / "stats.jsonl", '{"images": 48, "step": 11, "losses": {}}\n')
    write_json(context.inputs["distances"] / DISTANCES, {"values": [[16, 1.0]]})
    choose_snapshot(context)
    record = read_json(context.folder / TRAINING)
    assert (record["seconds"], record["total_seconds"], record["steps"]) == (27.0, 127.0, 4)


def test_without_distances_the_end_is_adopted(context: JobContext) -> None:
    write_json(context.inputs["distances"] / DISTANCES, {"values": []})
    assert choose_snapshot(context) == content_hash(context.inputs["model"] / MODEL)
    assert read_json(context.folder / TRAINING)["images_seen"] == 48


def test_a_snapshot_that_was_measured_and_is_gone_is_missed(context: JobContext) -> None:
    write_json(context.inputs["distances"] / DISTANCES, {"values": [[16, 1.0], [48, 2.0]]})
    shutil.rmtree(context.inputs["model"] / "training" / "snapshots" / "000000016")
    with pytest.raises(BenchError, match=r"snapshot after 16 images.*Remove that folder"):
        choose_snapshot(context)


def test_a_training_that_took_steps_and_has_no_snapshots_is_not_followed(context: JobContext) -> None:
    shutil.rmtree(context.inputs["model"] / "training" / "snapshots")
    with pytest.raises(BenchError, match="no longer there"):
        follow_snapshots(context)
