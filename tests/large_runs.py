"""Runs that are too large to look at line by line."""

import json
from collections.abc import Iterator
from pathlib import Path

from report.fake_rows import GENERATED, NONE, REAL, Fake, row
from report.fake_run import manifest

from sbgan_bench.manifest import RESULTS, DatasetRecord, FitRecord, GalleryRecord, JobRecord
from sbgan_bench.results import ResultRow, Status, write_rows

_SOURCES = {"progan": NONE, "biggan": NONE, "spade": REAL, "sbgan": GENERATED}
_DATASETS = ("toy-streets", "camvid", "cityscapes-5k", "cityscapes-25k", "ade-indoor")
_SIZES = ("32x64", "64x128", "128x256")
_SCORES = [("scene", "frechet-distance"), ("texture", "frechet-distance"), ("scene", "kernel-distance"),
           ("scene", "precision"), ("scene", "recall"), ("texture", "kernel-distance")]  # fmt: skip


def large_rows(count: int, shift: float = 0.0) -> list[ResultRow]:
    """Return ``count`` summaries of many models, datasets, sizes and metrics; ``shift`` is added to their values."""
    made: list[ResultRow] = []
    for variant in range(10_000):
        for one in _variant(variant, shift):
            made.append(one)
            if len(made) == count:
                return made
    return made


def _variant(variant: int, shift: float) -> Iterator[ResultRow]:
    for place, (dataset, size) in enumerate((dataset, size) for dataset in _DATASETS for size in _SIZES):
        for number, (protocol, metric) in enumerate(_SCORES):
            for rank, (model, source) in enumerate(_SOURCES.items()):
                value = 1 + shift + rank + 0.1 * number + 0.01 * variant + 0.001 * place
                yield row(
                    Fake(), protocol, value, metric=metric, dataset=dataset, resolution=size, model=model,
                    recipe="both" if model == "sbgan" else "default", variant=f"v{variant}", layout_source=source,
                    training_images=400, training_seed=0, selection="last", spread=0.05, low=value - 0.06,
                    high=value + 0.06, better="higher" if metric in ("precision", "recall") else "lower",
                )  # fmt: skip


def large_run(folder: Path, count: int = 10_000, logged: int = 2, shift: float = 0.0) -> Path:
    """Write a run of ``count`` rows, with many galleries, trainings and jobs; its pictures are missing."""
    folder.mkdir(parents=True, exist_ok=True)
    write_rows(folder / RESULTS, large_rows(count, shift))
    places = [(dataset, size) for dataset in _DATASETS for size in _SIZES]
    common = {"title": "A model", "recipe": "default", "training_images": 400, "training_seed": 0}
    fits = [
        FitRecord(**common, model=f"model-{i}", dataset=dataset, resolution=size, images_seen=1, train_seconds=1.0,
                  total_images_seen=1, total_train_seconds=1.0, parameters=1, stats=f"fits/{i}/stats.jsonl")
        for i in range(60) for dataset, size in places[:5]
    ]  # fmt: skip
    galleries = [
        GalleryRecord(**common, model=f"model-{i}", dataset=dataset, resolution=size, layout_source=NONE,
                      redistributable=True, folder=f"galleries/{i}", count=64, has_images=True, has_layouts=False)
        for i in range(60) for dataset, size in places[:5]
    ]  # fmt: skip
    datasets = [
        DatasetRecord(dataset=dataset, resolution=size, split="fixed", fingerprint="f" * 64, licence="CC0",
                      class_names=("sky", "road"), palette=((1, 2, 3), (4, 5, 6)), sizes={"train": 400},
                      redistributable=True)
        for dataset, size in places
    ]  # fmt: skip
    jobs = [JobRecord(kind="train", title=f"train {i}", status=Status.DONE, seconds=1.0) for i in range(2000)]
    for i in range(logged):
        log = folder / f"fits/{i}/stats.jsonl"
        log.parent.mkdir(parents=True)
        lines = ({"step": step, "images": 16 * step, "losses": {"generator": 1 / step}} for step in range(1, 50_000))
        log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    parts = {"fits": fits, "galleries": galleries, "datasets": datasets, "jobs": jobs}
    manifest(folder, Fake(complete=True), **{name: tuple(part) for name, part in parts.items()})
    return folder


def many_runs(folder: Path, count: int = 50, rows: int = 10_000) -> list[Path]:
    """Write ``count`` runs, the first with ``rows`` rows and the others with 200."""
    return [large_run(folder / f"run-{i:02d}", rows if i == 0 else 200, logged=0, shift=i / 7) for i in range(count)]
