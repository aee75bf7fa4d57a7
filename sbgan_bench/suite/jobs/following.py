"""Jobs that look back on a training: how far its snapshots were from real images, and which of them is adopted."""

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sbgan_bench.errors import BenchError
from sbgan_bench.features import FeatureStore
from sbgan_bench.hashing import hash_file
from sbgan_bench.manifest import SnapshotDistances
from sbgan_bench.metrics.frechet import frechet_distance
from sbgan_bench.model import AbstractModel, content_hash, load_model
from sbgan_bench.samples import LayoutSource
from sbgan_bench.sources import generated_images, real_images
from sbgan_bench.storage import atomic_folder, read_json, write_json
from sbgan_bench.suite.jobs.context import DISTANCES, MODEL, TRAINING, JobContext, Tick
from sbgan_bench.suite.jobs.measuring import open_protocol

#: What a training keeps in its folder beside the model.
SNAPSHOTS, STATS = Path("training/snapshots"), Path("training/stats.jsonl")


def follow_snapshots(context: JobContext) -> str:
    """Measure the Fréchet distance of every snapshot of a training to the selection split, which no table uses.

    The numbers say how a model came to its end; N is small, so they are not those of tables. A training that left no
    snapshots, such as one of no steps, leaves no distances.
    """
    trained = context.inputs["model"]
    snapshots = _snapshots(trained)
    if not snapshots and logged_steps(trained / STATS):
        raise _gone(trained, "snapshots")
    write_json(context.folder / DISTANCES, _distances(context, snapshots).to_json())
    return hash_file(context.folder / DISTANCES)


def choose_snapshot(context: JobContext) -> str:
    """Adopt the snapshot with the lowest Fréchet distance to the selection split, or the end if there is only that."""
    config = context.config
    trained = context.inputs["model"]
    measured: Sequence[tuple[int, float]] = ()
    if "distances" in context.inputs:  # with a single snapshot there is nothing to choose, and nothing was measured
        measured = read_json(context.inputs["distances"] / DISTANCES)["values"]
    images, _ = min(measured, key=lambda pair: pair[1], default=(None, 0.0))
    best = trained / MODEL if images is None else trained / SNAPSHOTS / f"{images:09d}"
    if not best.is_dir():
        raise _gone(trained, f"snapshot after {images} images")
    with atomic_folder(context.folder / MODEL) as temporary:
        shutil.copytree(best, temporary, dirs_exist_ok=True)
    record = read_json(trained / TRAINING)
    record["selection"] = f"best of {config['snapshots']} ({config['protocol']}, {config['samples']} samples)"
    if images is not None:
        stats = trained / STATS
        record["steps"] = _step_at(stats, images)
        afterwards = _seconds_after(stats, images)
        record["seconds"] -= afterwards
        record["total_seconds"] -= afterwards
        record["total_images_seen"] += images - record["images_seen"]
        record["images_seen"] = images
    write_json(context.folder / TRAINING, record)
    return content_hash(context.folder / MODEL)


def _snapshots(trained: Path) -> list[Path]:
    """Return the folders of snapshots, named by the images shown, the first one first."""
    return sorted(path.parent for path in (trained / SNAPSHOTS).glob("*/model.json"))


def _gone(trained: Path, what: str) -> BenchError:
    return BenchError(
        f"The {what} of {trained} is no longer there. Remove that folder and run the same command again."
    )


def _distances(context: JobContext, snapshots: Sequence[Path]) -> SnapshotDistances:
    config = context.config
    protocol = open_protocol(config["protocol"], context)
    store = FeatureStore(context.cache / "features", str(context.device))
    selection = context.table("selection")
    reals = store.features(real_images(selection), [protocol], len(selection))[protocol.name]
    values, count = [], int(config["samples"])
    for index, folder in enumerate(snapshots):
        context.report(Tick(index, len(snapshots), "snapshots"))
        model = load_model(folder, context.device)
        # A model that needs layouts is looked at with the layouts of the selection split itself.
        layouts = None if _draws_alone(model) else selection.layouts
        count = count if layouts is None else min(count, len(layouts))
        source = generated_images(model, folder, layouts, int(config["sampling_seed"]))
        generated = store.features(source, [protocol], count)[protocol.name]
        values.append((int(folder.name), frechet_distance(reals, generated)))
    return SnapshotDistances(
        protocol=protocol.name,
        weights_hash=protocol.info.weights_hash,
        num_real=len(reals),
        num_generated=count,
        sampling_seed=int(config["sampling_seed"]),
        values=tuple(values),
    )


def _draws_alone(model: AbstractModel) -> bool:
    return any(source is not LayoutSource.REAL for source in model.layout_sources)


def _step_at(stats: Path, images: int) -> int:
    """Return the steps taken when ``images`` had been shown; batches may grow or shrink between logged steps."""
    logged = [(0, 0), *logged_steps(stats)]
    return round(float(np.interp(images, [shown for shown, _ in logged], [steps for _, steps in logged])))


def _seconds_after(stats: Path, images: int) -> float:
    """Return how long training went on after ``images`` had been shown; 0 where the log does not say."""
    logged = [(line["images"], line["seconds"]) for line in _logged(stats) if "seconds" in line]
    if not logged:
        return 0.0
    shown, seconds = zip((0, 0.0), *logged, strict=True)
    return float(seconds[-1] - np.interp(images, shown, seconds))


def logged_steps(stats: Path) -> list[tuple[int, int]]:
    """Return (images shown, steps taken) at the logged steps; empty for a model that takes none."""
    return [(line["images"], line["step"] + 1) for line in _logged(stats)]


def _logged(stats: Path) -> list[dict[str, Any]]:
    """Return the logged steps of a training, without its events."""
    if not stats.is_file():
        return []
    lines: list[dict[str, Any]] = [json.loads(line) for line in stats.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if "losses" in line]
