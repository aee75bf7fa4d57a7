"""A run folder with plausible values that nobody measured, for tests of readers."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image
from report.fake_rows import GENERATED, REAL, SCORES, Fake, rows
from report.fake_verdicts import verdicts

from sbgan_bench.comparing.correlation import CORRELATIONS, rank_correlations, write_correlations
from sbgan_bench.comparing.rows import COMPARISONS, write_comparisons
from sbgan_bench.config import Settings
from sbgan_bench.manifest import (
    RESULTS,
    DatasetRecord,
    FitRecord,
    GalleryRecord,
    JobRecord,
    Manifest,
    SnapshotDistances,
    TableRecord,
)
from sbgan_bench.questions import GAP
from sbgan_bench.results import ResultRow, Status, write_rows
from sbgan_bench.samples import LayoutSource

PALETTE = ((70, 130, 180), (90, 90, 95), (128, 64, 128), (232, 35, 180), (107, 142, 35), (0, 0, 142))
CLASSES = ("sky", "building", "road", "pavement", "tree", "car")


def _scene(seed: int, shape: tuple[int, int], blur: float) -> tuple[np.ndarray, np.ndarray]:
    """An (H, W, 3) street of boxes and its coloured layout."""
    rng = np.random.default_rng(seed)
    height, width = shape
    layout = np.zeros(shape, np.uint8)
    horizon = int(height * rng.uniform(0.4, 0.55))
    for _ in range(5):
        left, top = rng.integers(0, width), rng.integers(2, horizon)
        layout[top : horizon + 2, left : left + width // 6] = rng.choice([1, 4])
    layout[horizon:] = 2
    layout[horizon:, : width // 8] = 3
    for _ in range(rng.integers(0, 4)):
        left, top = rng.integers(0, width - width // 8), rng.integers(horizon, height - 4)
        layout[top : top + height // 6, left : left + width // 8] = 5
    colours = np.asarray(PALETTE, np.uint8)[layout]
    image = colours * 0.55 + 60 + rng.normal(0, 6 + blur, (*shape, 1)) + np.linspace(40, -20, height)[:, None, None]
    return np.clip(image, 0, 255).astype(np.uint8), colours


def _gallery(
    run: Path, fake: Fake, model: str, recipe: str, source: LayoutSource, size: int | None, variant: str = ""
) -> GalleryRecord:
    folder = f"galleries/{fake.place}{model}-{recipe}-{source}-{size}{variant}"
    (run / folder).mkdir(parents=True)
    with_layouts = source is GENERATED or model == "real"
    for index in range(10):
        image, layout = _scene(index + (100 if source is REAL else 0), fake.tile, 4 * len(recipe))
        Image.fromarray(image).save(run / folder / f"{index:04d}.image.png")
        if with_layouts:
            Image.fromarray(layout).save(run / folder / f"{index:04d}.layout.png")
    return GalleryRecord(
        model=model, title=dict(fake.titles).get(model, "Real"), recipe=recipe, variant=variant, dataset=fake.dataset,
        resolution="{}x{}".format(*fake.tile), training_seed=0 if size else None, training_images=size,
        layout_source=source, folder=folder, count=10, has_images=True, has_layouts=with_layouts,
        redistributable=fake.redistributable,
    )  # fmt: skip


def _fit(run: Path, fake: Fake, model: str, recipe: str, seed: int, size: int) -> FitRecord:
    stats = f"fits/{fake.place}{model}-{recipe}-{seed}-{size}/stats.jsonl"
    path = run / stats
    path.parent.mkdir(parents=True)
    rng = np.random.default_rng([seed, size, len(recipe)])
    terms = ("generator adversarial", "discriminator adversarial", "feature matching", "perceptual")
    with path.open("w") as stream:
        for step in range(1, 200):
            losses = {term: float(np.exp(-step / 80) * (i + 1) + 0.1 * rng.random()) for i, term in enumerate(terms)}
            entry = {"step": step, "images": 16 * step, "phase": "train", "seconds": 0.3 * step, "losses": losses}
            stream.write(json.dumps(entry) + "\n")
        stream.write(json.dumps({"event": "collapsed", "images": 3000}) + "\nnot json\n")
    return FitRecord(
        model=model, title=fake.title(model), recipe=recipe, dataset=fake.dataset,
        resolution="{}x{}".format(*fake.tile), training_seed=seed, training_images=size, images_seen=3200,
        train_seconds=61.5, total_images_seen=12800 if model == "sbgan" else 3200, total_train_seconds=183.2,
        parameters=1_234_567, stats=stats, collapsed="at 3 000 images: samples repeat" if model == "biggan" else "",
        distances=SnapshotDistances(
            protocol="scene", weights_hash="f" * 64, num_real=40, num_generated=40, sampling_seed=9,
            values=((800, 90.5), (1600, 71.25), (3200, 64.0)),
        ) if model == "sbgan" else None,
    )  # fmt: skip


def write_results(run: Path, made: Sequence[ResultRow]) -> None:
    """Write rows with the comparisons and correlations that fit them."""
    write_rows(run / RESULTS, made)
    write_comparisons(run / COMPARISONS, verdicts(made))
    write_correlations(run / CORRELATIONS, rank_correlations(one for one in made if not one.metric.startswith(GAP)))


def build(run: Path, fake: Fake | None = None, *others: Fake, tables: tuple[TableRecord, ...] = ()) -> Path:
    """Write a whole fake run folder, of one place or of several, and return it."""
    fakes = (fake or Fake(), *others)
    run.mkdir(parents=True, exist_ok=True)
    write_results(run, [one for each in fakes for one in rows(each)])
    tiles = [np.concatenate(_scene(i, fakes[0].tile, 2), axis=1) for i in range(16)]
    sheet = np.concatenate([np.concatenate(tiles[4 * i : 4 * i + 4], axis=1) for i in range(4)], axis=0)
    Image.fromarray(sheet).save(run / "sheet.png")
    parts = [_parts(run, each) for each in fakes]
    joined = {name: tuple(record for part in parts for record in part[name]) for name in parts[0]}
    manifest(run, fakes[0], **joined, tables=tables)
    return run


def _parts(run: Path, fake: Fake) -> dict[str, tuple[Settings, ...]]:
    """Write the pictures and curves of one place; return its records by part of the manifest."""
    keys = [(model, recipe, source, size) for size in fake.sizes for model, recipe, source in SCORES]
    galleries = [_gallery(run, fake, "real", "", REAL, None), *(_gallery(run, fake, *key) for key in keys)]
    others = [key for key in keys if key[:2] == ("sbgan", "both")]
    galleries += [_gallery(run, fake, *key, variant) for key in others for variant in fake.variants if variant]
    trained = dict.fromkeys((model, recipe, size) for model, recipe, _, size in keys if model in fake.logged)
    fits = [_fit(run, fake, model, recipe, seed, size) for model, recipe, size in trained for seed in fake.seeds]
    record = DatasetRecord(
        dataset=fake.dataset, resolution="{}x{}".format(*fake.tile), split="generated", fingerprint="f" * 64,
        class_names=CLASSES, palette=PALETTE, sizes={"train": 400, "selection": 100, "test": 400},
        licence="CC0 1.0", redistributable=fake.redistributable, caution="frames of one drive", sheet="sheet.png",
    )  # fmt: skip
    jobs = [JobRecord(kind="train", title=f"train {model} {recipe}, seed {seed}", status=Status.DONE, seconds=61.5,
                      peak_memory_mib=512.3) for model, recipe, _ in trained for seed in fake.seeds]  # fmt: skip
    jobs.append(JobRecord(kind="train", title="train stylegan", status=Status.SKIPPED, reason="needs square images"))
    jobs.append(
        JobRecord(kind="train", title="train ddpm", status=Status.FAILED, reason="loss became NaN at step 120")
    )
    return {"datasets": (record,), "fits": tuple(fits), "galleries": tuple(galleries), "jobs": tuple(jobs)}


def manifest(run: Path, fake: Fake, **parts: object) -> Manifest:
    """Write and return ``run.json``; parts not given are empty."""
    base: dict[str, object] = {
        "suite": "fake", "title": "Street scenes from nothing", "command": "sbgan-bench run fake",
        "config_hash": "c" * 64,
        "summary": "Four generators of street scenes, trained for a minute each on a laptop; every number is made up.",
        "preset": "sbgan-paper", "complete": fake.complete, "wall_seconds": 611.0, "datasets": (), "fits": (),
        "galleries": (), "jobs": (), "versions": {"numpy": "2.0", "torch": "2.5"}, "device": "cpu", "threads": 1,
    }  # fmt: skip
    made = Manifest.model_validate(base | parts)
    run.mkdir(parents=True, exist_ok=True)
    made.write(run)
    return made
