"""Jobs that train: fit one model, and choose among the snapshots of a run."""

import json
import shutil
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from sbgan_bench.features import FeatureStore
from sbgan_bench.metrics.frechet import frechet_distance
from sbgan_bench.model import AbstractModel, Provenance, SceneSpec, content_hash, load_model
from sbgan_bench.noise import generator
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.results import UNTRAINED, Origin
from sbgan_bench.samples import LayoutSource
from sbgan_bench.sources import generated_images, real_images
from sbgan_bench.storage import atomic_folder, read_json, write_json
from sbgan_bench.suite.jobs.context import MODEL, TRAINING, JobContext, Tick
from sbgan_bench.suite.jobs.measuring import open_protocol
from sbgan_bench.training.health import collapsed
from sbgan_bench.training.run import Precision, Progress, TrainingRun

#: Seconds between two notes of the time spent, so that a killed attempt is paid for as well.
BOOKKEEPING = 5.0


def train_model(context: JobContext) -> str:
    """Fit one model with one recipe and seed; resumes from the last checkpoint of a killed attempt.

    Several processes share every batch, and end with the same model; one of them saves it.
    """
    config = context.config
    table = context.table("train")
    if config["training_images"] is not None:
        chosen = generator("training images", 0).permutation(len(table))[: config["training_images"]]
        table = table.subset(np.sort(chosen))
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, config["model"])
    settings = kind.Settings.parse(dict(config["settings"]), f"settings of {config['model']}")
    model = kind.build(settings, SceneSpec(table.info.num_classes, table.resolution), config["seed"])
    model.provenance = Provenance(
        origin=Origin.UNTRAINED if config["recipe"] == UNTRAINED else kind.origin,
        dataset=table.info.name,
        fingerprint=table.fingerprint,
        class_names=table.info.class_names,
    )
    model.to(context.device)
    starts = {role.removeprefix("start:"): role for role in context.inputs if role.startswith("start:")}
    ledger = _Ledger(context)
    if config["recipe"] != UNTRAINED:
        run = TrainingRun(
            folder=context.folder / "training",
            seed=config["seed"],
            device=context.device,
            precision=Precision(config["precision"]),
            snapshots=config["snapshots"],
            report=ledger.note,
            workers=context.workers,
        )
        model.fit(config["recipe"], table, run, {name: context.model(role) for name, role in starts.items()})
    if not context.workers.writes:
        return ""
    model.save(context.folder / MODEL)
    earlier = [read_json(context.inputs[role] / TRAINING) for role in starts.values()]
    stats = context.folder / "training" / "stats.jsonl"
    record = {
        "model": config["model"],
        "title": kind.title,
        "recipe": config["recipe"],
        "seed": config["seed"],
        "processes": context.workers.world,
        "training_images": len(table),
        "images_seen": ledger.images,
        "seconds": ledger.close(),
        "total_images_seen": ledger.images + sum(start["total_images_seen"] for start in earlier),
        "total_seconds": ledger.close() + sum(start["total_seconds"] for start in earlier),
        "parameters": model.parameters(),
        "steps": max((steps for _, steps in _logged(stats)), default=0),
        "collapsed": collapsed(context.folder / "training"),
        "selection": "",
        **model.sampler(),
    }
    write_json(context.folder / TRAINING, record)
    return content_hash(context.folder / MODEL)


class _Ledger:
    """Images shown and seconds spent, over all attempts at this job."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._path = context.folder / "ledger.json"
        self._before = float(read_json(self._path)["seconds"]) if self._path.is_file() else 0.0
        self._started = self._noted = time.monotonic()
        self._total: float | None = None
        self.images = 0

    def note(self, progress: Progress) -> None:
        self.images = max(self.images, progress.images)
        self._context.report(Tick(progress.images, progress.total, progress.phase))
        if self._context.workers.writes and time.monotonic() - self._noted > BOOKKEEPING:
            self._noted = time.monotonic()
            write_json(self._path, {"seconds": self._before + self._noted - self._started})

    def close(self) -> float:
        if self._total is None:
            self._total = self._before + time.monotonic() - self._started
        return self._total


def _logged(stats: Path) -> list[tuple[int, int]]:
    """Return (images shown, steps taken) at the logged steps; empty for a model that takes none."""
    if not stats.is_file():
        return []
    lines = [json.loads(line) for line in stats.read_text(encoding="utf-8").splitlines()]
    return [(line["images"], line["step"] + 1) for line in lines if "losses" in line]


def _step_at(stats: Path, images: int) -> int:
    """Return the steps taken when ``images`` had been shown; batches may grow or shrink between logged steps."""
    logged = [(0, 0), *_logged(stats)]
    return round(float(np.interp(images, [shown for shown, _ in logged], [steps for _, steps in logged])))


def choose_snapshot(context: JobContext) -> str:
    """Adopt the snapshot with the lowest Fréchet distance to the selection split, or the end if there is only that."""
    config = context.config
    trained = context.inputs["model"]
    snapshots = sorted((trained / "training" / "snapshots").glob("*/model.json"))
    candidates = [path.parent for path in snapshots] or [trained / MODEL]
    distances = _distances(context, candidates) if len(candidates) > 1 else {}  # nothing to choose: nothing measured
    best = min(candidates, key=lambda folder: distances.get(folder.name, 0.0))
    with atomic_folder(context.folder / MODEL) as temporary:
        shutil.copytree(best, temporary, dirs_exist_ok=True)
    record = read_json(trained / TRAINING)
    words = f"best of {config['snapshots']} ({config['protocol']}, {config['samples']} samples)"
    record |= {"selection": words, "selected": best.name, "distances": distances}
    if best != trained / MODEL:
        images = int(best.name)
        record["steps"] = _step_at(trained / "training" / "stats.jsonl", images)
        record["total_images_seen"] += images - record["images_seen"]
        record["images_seen"] = images
    write_json(context.folder / TRAINING, record)
    return content_hash(context.folder / MODEL)


def _distances(context: JobContext, candidates: Sequence[Path]) -> dict[str, float]:
    """Return every candidate's distance to the selection split, by the name of its folder."""
    config = context.config
    protocol = open_protocol(config["protocol"], context)
    store = FeatureStore(context.cache / "features")
    selection = context.table("selection")
    reals = store.features(real_images(selection), [protocol], len(selection))[protocol.name]
    distances = {}
    for index, folder in enumerate(candidates):
        context.report(Tick(index, len(candidates), "snapshots"))
        model = load_model(folder, context.device)
        # A model that needs layouts is chosen by the layouts of the selection split itself.
        layouts = None if _draws_alone(model) else selection.layouts
        count = config["samples"] if layouts is None else min(config["samples"], len(layouts))
        source = generated_images(model, folder, layouts, int(config["sampling_seed"]))
        generated = store.features(source, [protocol], count)[protocol.name]
        distances[folder.name] = frechet_distance(reals, generated)
    return distances


def _draws_alone(model: AbstractModel) -> bool:
    return any(source is not LayoutSource.REAL for source in model.layout_sources)
