"""Choosing among snapshots by their distances."""

from pathlib import Path

import pytest
import torch

from sbgan_bench.model import content_hash
from sbgan_bench.storage import read_json, write_json, write_text
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.jobs.context import DISTANCES, MODEL, TRAINING, JobContext
from sbgan_bench.suite.jobs.following import choose_snapshot


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
    write_text(trained / "training" / "stats.jsonl", '{"images": 48, "step": 11, "losses": {"d": 1.0}}\n')
    write_json(trained / TRAINING, {"images_seen": 48, "total_images_seen": 58, "steps": 12, "selection": ""})
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


def test_without_distances_the_end_is_adopted(context: JobContext) -> None:
    write_json(context.inputs["distances"] / DISTANCES, {"values": []})
    assert choose_snapshot(context) == content_hash(context.inputs["model"] / MODEL)
    assert read_json(context.folder / TRAINING)["images_seen"] == 48
