"""The manifest of a run: what its finished jobs left for readers."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from sbgan_bench.dataset import AbstractDataset, resolution_text
from sbgan_bench.manifest import (
    DatasetRecord,
    FitRecord,
    GalleryRecord,
    JobRecord,
    Manifest,
    NearestRecord,
    SnapshotDistances,
)
from sbgan_bench.model import AbstractModel
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.results import FLOOR, Status
from sbgan_bench.storage import read_json
from sbgan_bench.suite.engine import RunState
from sbgan_bench.suite.graph import Job, JobKind, topological
from sbgan_bench.suite.jobs.context import DISTANCES, MODEL, TABLE, TRAINING
from sbgan_bench.suite.jobs.nearest import PICTURE
from sbgan_bench.suite.plan import SPLITS, Plan, config_hash
from sbgan_bench.suite.worker import Workplace
from sbgan_bench.versions import component_versions


def build_manifest(plan: Plan, place: Workplace, state: RunState, command: str, seconds: float) -> Manifest:
    """Describe everything that is finished.

    Args:
        plan: The suite's jobs.
        place: Run folder and device.
        state: What became of the jobs.
        command: What the user typed.
        seconds: Wall time of this invocation.
    """
    suite = plan.suite
    done = [(job, state.folders[job.id]) for job in topological(plan.jobs) if job.id in state.folders]
    return Manifest(
        suite=suite.name,
        title=suite.title,
        summary=suite.summary,
        command=command,
        config_hash=config_hash(suite),
        preset=suite.preset.value,
        complete=len(state.folders) == len(plan.jobs),
        wall_seconds=round(seconds, 1),
        datasets=tuple(_datasets(plan, place.run, dict(state.folders))),
        fits=tuple(_fits(plan, done, place.run)),
        galleries=tuple(_gallery(job, place.run, folder, plan) for job, folder in done if job.kind is JobKind.GALLERY),
        nearest=tuple(_nearest(job, folder, plan) for job, folder in done if job.kind is JobKind.NEAREST),
        jobs=tuple(_jobs(plan, state)),
        versions=component_versions("torchvision", "scipy", "pillow"),
        device=place.device,
        threads=suite.execution.threads,
        tables=suite.tables,
    )


def _datasets(plan: Plan, run: Path, folders: dict[str, str]) -> list[DatasetRecord]:
    records = []
    for dataset, resolution in plan.suite.grid.places:
        jobs = {split: f"prepare/{dataset}/{resolution}/{split}" for split in SPLITS}
        if all(name in folders for name in jobs.values()):
            there = {split: folders[name] for split, name in jobs.items()}
            records.append(_dataset(plan.datasets[dataset], resolution, run, there))
    return records


def _dataset(dataset: AbstractDataset, resolution: str, run: Path, folders: dict[str, str]) -> DatasetRecord:
    tables = {split: read_json(run / folder / TABLE) for split, folder in folders.items()}
    info = dataset.info
    return DatasetRecord(
        dataset=info.name,
        resolution=resolution,
        split=dataset.split_name,
        fingerprint=tables["train"]["fingerprint"],
        class_names=info.class_names,
        palette=info.palette,
        sizes={split: table["pairs"] for split, table in tables.items()},
        licence=info.licence,
        redistributable=info.redistributable,
        caution=tables["test"]["caution"],
        sheet=f"{folders['train']}/sheet.png",
    )


def _fits(plan: Plan, done: Sequence[tuple[Job, str]], run: Path) -> Iterator[FitRecord]:
    folders = {job.id: folder for job, folder in done}
    chosen = {job.inputs["model"]: job.id for job in plan.jobs.values() if job.kind is JobKind.SELECT}
    followed = {job.inputs["model"]: run / folder / DISTANCES for job, folder in done if job.kind is JobKind.FOLLOW}
    for job, folder in done:
        if job.kind is JobKind.TRAIN:
            adopted = folders.get(chosen.get(job.id, job.id), "")
            yield _fit(job, run, folder, adopted, followed.get(job.id))


def _fit(job: Job, run: Path, folder: str, adopted: str, followed: Path | None) -> FitRecord:
    """Describe a training in ``folder``, its model in ``adopted``: "" if a snapshot is still to be chosen."""
    training: dict[str, Any] = read_json(run / folder / TRAINING)
    stats = f"{folder}/training/stats.jsonl"
    distances = SnapshotDistances.parse(read_json(followed), str(followed)) if followed is not None else None
    return FitRecord(
        model=training["model"],
        title=training["title"],
        recipe=training["recipe"],
        variant=", ".join(job.variants),
        dataset=job.config["dataset"],
        resolution=resolution_text(job.config["resolution"]),
        training_seed=training["seed"],
        training_images=training["training_images"],
        images_seen=training["images_seen"],
        train_seconds=round(training["seconds"], 1),
        total_images_seen=training["total_images_seen"],
        total_train_seconds=round(training["total_seconds"], 1),
        parameters=training["parameters"],
        stats=stats if (run / stats).is_file() else "",
        collapsed=training["collapsed"],
        folder=f"{adopted}/{MODEL}" if adopted else "",
        distances=distances if distances is not None and distances.values else None,
    )


def _gallery(job: Job, run: Path, folder: str, plan: Plan) -> GalleryRecord:
    facts = read_json(run / folder / "gallery.json")
    return GalleryRecord(**_pictured(job), training_seed=job.config["training_seed"], folder=folder, **facts)


def _nearest(job: Job, folder: str, plan: Plan) -> NearestRecord:
    return NearestRecord(
        **_pictured(job),
        protocol=job.config["protocol"],
        picture=f"{folder}/{PICTURE}",
        redistributable=plan.datasets[job.config["dataset"]].info.redistributable,
    )


def _pictured(job: Job) -> dict[str, Any]:
    """Return whose pictures a job drew."""
    told = {name: job.config[name] for name in ("model", "recipe", "dataset", "training_images", "layout_source")}
    return {
        **told,
        "title": "Real" if told["model"] == FLOOR else _title(told["model"]),
        "variant": ", ".join(job.variants),
        "resolution": resolution_text(job.config["resolution"]),
    }


def _title(model: str) -> str:
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, model)
    return kind.title


def _jobs(plan: Plan, state: RunState) -> list[JobRecord]:
    records = []
    for job in topological(plan.jobs):
        outcome = state.outcomes.get(job.id)
        if outcome is None:
            continue
        records.append(
            JobRecord(
                kind=job.kind.value,
                title=job.id,
                status=Status.FAILED if outcome.reason else Status.DONE,
                seconds=round(outcome.seconds, 2),
                cpu_seconds=round(outcome.cpu_seconds, 2),
                reason=outcome.reason,
                peak_memory_mib=round(outcome.peak_memory_mib, 1),
                folder=state.folders.get(job.id, ""),
            )
        )
    return records
