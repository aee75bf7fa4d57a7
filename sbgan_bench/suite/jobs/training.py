"""The job that trains: fit one model with one recipe and seed."""

import time

import numpy as np

from sbgan_bench.model import AbstractModel, Provenance, SceneSpec, content_hash
from sbgan_bench.noise import generator
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.results import UNTRAINED, Origin
from sbgan_bench.storage import read_json, write_json
from sbgan_bench.suite.jobs.context import MODEL, TRAINING, JobContext, Tick
from sbgan_bench.suite.jobs.following import logged_steps
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
        "steps": max((steps for _, steps in logged_steps(stats)), default=0),
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
