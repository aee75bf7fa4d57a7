"""Jobs that measure: images into features once, features into result rows."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.features import FeatureStore
from sbgan_bench.hashing import hash_arrays, hash_file, hash_json, hash_path
from sbgan_bench.metric import Metric
from sbgan_bench.model import content_hash
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.protocol import AbstractProtocol, LayoutClasses, Opening, ProtocolInfo, Weights
from sbgan_bench.results import Reals, ResultRow, write_rows
from sbgan_bench.samples import LayoutSource
from sbgan_bench.scoring import Subject, Yardstick, floor_rows, subject_rows
from sbgan_bench.sources import generated_images, real_images
from sbgan_bench.storage import atomic_file, read_json, write_json
from sbgan_bench.suite.jobs.context import JUDGE, MODEL, ROWS, TABLE, TRAINING, JobContext, Tick, real_layouts


def open_protocol(name: str, context: JobContext) -> AbstractProtocol:
    """Open a protocol with the judge of this job, or with the weights that the user gave or fetched."""
    kind: type[AbstractProtocol] = load_plugin(PluginGroup.PROTOCOLS, name)
    weights = context.weights.get(name)
    if weights is None and kind.weights is Weights.JUDGE:
        weights = context.inputs["judge"] / JUDGE
    info = context.dataset(context.config["dataset"]).info
    classes = LayoutClasses(info.class_names, info.ignore_index)
    protocol = kind.open(Opening(device=context.device, weights=weights, trusted=context.trusted, classes=classes))
    planned = context.config.get("weights", {}).get(name)
    found = protocol.info.weights_hash if kind.weights is Weights.FILE or weights is None else hash_path(weights)
    if planned not in (None, found):
        raise BenchError(f"The weights of protocol {name!r} changed while the suite was running; start it again.")
    return protocol


def extract_features(context: JobContext) -> str:
    """Turn a set of scenes, real or generated, into one feature array per protocol; processes share the scenes."""
    config = context.config
    protocols = [open_protocol(name, context) for name in config["protocols"]]
    if "model" in context.inputs:
        layouts = real_layouts(context) if config["layout_source"] == LayoutSource.REAL else None
        first = int(config["sampling_seed"])
        source = generated_images(context.model(), context.inputs["model"] / MODEL, layouts, first)
        count = int(config["count"])
    else:
        table = context.table("train" if "train" in context.inputs else "test")
        source, count = real_images(table), len(table)
    arrays = FeatureStore(context.cache / "features", str(context.device)).features(
        source, protocols, count, lambda done, total: context.report(Tick(done, total, "images")), context.workers
    )
    infos = {protocol.name: asdict(protocol.info) for protocol in protocols}
    if context.workers.writes:
        for name, array in arrays.items():
            with atomic_file(context.folder / f"{name}.npy") as temporary, temporary.open("wb") as stream:
                np.save(stream, array)
        write_json(context.folder / "protocols.json", infos)
    return hash_json({"arrays": hash_arrays(list(arrays.items())), "protocols": infos})


def score(context: JobContext) -> str:
    """Compute every metric on every protocol: one row per trial and a summary row, the floor beside them."""
    rows: list[ResultRow] = []
    metrics: list[Metric] = [load_plugin(PluginGroup.METRICS, name) for name in context.config["metrics"]]
    for name in context.config["protocols"]:
        yardstick = read_yardstick(context, name)
        facts = {**context.config["row"], **shared_facts(context)}
        floor, floors = floor_rows(yardstick, metrics, {**facts, "notes": notes_of(context)})
        if "generated" not in context.inputs:
            rows += floor
            continue
        features = read_features(context.inputs["generated"], name)
        count = len(features)
        subject = Subject(
            facts={**facts, **model_facts(context), "notes": notes_of(context)},
            features=features,
            seeds=context.sampling_seeds(0, count),
        )
        rows += subject_rows(yardstick, metrics, floors, subject)
    write_rows(context.folder / ROWS, rows)
    return hash_file(context.folder / ROWS)


def read_features(folder: Path, protocol: str) -> NDArray[np.float32]:
    """Return what a FEATURES job left of one protocol, ``(N, dim)``."""
    array: NDArray[np.float32] = np.load(folder / f"{protocol}.npy", allow_pickle=False)
    return array


def read_yardstick(context: JobContext, protocol: str) -> Yardstick:
    """Return the reals of one protocol, as this job draws them."""
    reals = context.inputs["reals"]
    info = ProtocolInfo(**read_json(reals / "protocols.json")[protocol])
    train = context.inputs.get("train")
    return Yardstick(
        info=info,
        draws=context.draws(),
        pool=read_features(reals, protocol),
        train=None if train is None else read_features(train, protocol),
    )


def shared_facts(context: JobContext) -> dict[str, Any]:
    """Return what every row of the job shares beside the plan's own facts."""
    config = context.config
    return {"versions": config["component"], "threads": config["threads"], "device": str(context.device)}


def model_facts(context: JobContext) -> dict[str, Any]:
    """Return where the weights behind the scenes come from."""
    training = read_json(context.inputs["model"] / TRAINING)
    given_layouts = context.config["row"]["layout_source"] == LayoutSource.REAL
    facts = {
        "checkpoint_hash": content_hash(context.inputs["model"] / MODEL),
        "checkpoint_step": training["steps"],
        "images_seen": training["total_images_seen"],
        "train_seconds": None if training["total_seconds"] is None else round(training["total_seconds"], 1),
        "parameters": training["parameters"],
        "ema": training.get("ema", ""),
        "layout_draw": "" if given_layouts else training.get("layout_draw", ""),
        "perceptual": training.get("perceptual", ""),
    }
    return facts | ({"selection": training["selection"]} if training["selection"] else {})


def notes_of(context: JobContext) -> tuple[str, ...]:
    """Return what a reader must know of the scenes behind these numbers."""
    notes = [read_json(context.inputs["test"] / TABLE)["caution"]]
    given_layouts = context.config["row"]["layout_source"] == LayoutSource.REAL
    if "model" in context.inputs:
        if given_layouts:
            own = context.reals is Reals.WHOLE
            notes.append("layouts are those of the reference reals" if own else context.real_partition().caution)
        training = read_json(context.inputs["model"] / TRAINING)
        notes += [training["collapsed"], *training.get("notes", ())]
    return tuple(note for note in notes if note)
