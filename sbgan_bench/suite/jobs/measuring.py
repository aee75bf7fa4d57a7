"""Jobs that measure: images into features once, features into result rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.features import FeatureStore
from sbgan_bench.hashing import hash_arrays, hash_file, hash_json
from sbgan_bench.metric import Metric
from sbgan_bench.metrics.diversity import collapse_note
from sbgan_bench.model import content_hash
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.protocol import AbstractProtocol, Opening, Weights
from sbgan_bench.results import FLOOR, Reals, ResultRow, write_rows
from sbgan_bench.samples import LayoutSource
from sbgan_bench.scoring import score_rows
from sbgan_bench.sources import generated_images, real_images
from sbgan_bench.splits import fixed_scores, floor_scores, repeated_scores, single_score
from sbgan_bench.storage import atomic_file, read_json, write_json
from sbgan_bench.suite.jobs.context import JUDGE, MODEL, ROWS, TABLE, TRAINING, JobContext, Tick, real_layouts


def open_protocol(name: str, context: JobContext) -> AbstractProtocol:
    """Open a protocol with the judge of this job, if it needs one."""
    kind: type[AbstractProtocol] = load_plugin(PluginGroup.PROTOCOLS, name)
    weights = context.inputs["judge"] / JUDGE if kind.weights is Weights.JUDGE else None
    return kind.open(Opening(device=context.device, weights=weights))


def extract_features(context: JobContext) -> str:
    """Turn a set of images, real or generated, into one feature array per protocol."""
    config = context.config
    protocols = [open_protocol(name, context) for name in config["protocols"]]
    if "model" in context.inputs:
        layouts = real_layouts(context) if config["layout_source"] == LayoutSource.REAL else None
        first = int(config["sampling_seed"])
        source = generated_images(context.model(), context.inputs["model"] / MODEL, layouts, first)
        count = int(config["count"])
    else:
        table = context.table("test")
        source, count = real_images(table), len(table)
    arrays = FeatureStore(context.cache / "features").features(
        source, protocols, count, lambda done, total: context.report(Tick(done, total, "images"))
    )
    for name, array in arrays.items():
        with atomic_file(context.folder / f"{name}.npy") as temporary, temporary.open("wb") as stream:
            np.save(stream, array)
    infos = {
        protocol.name: {"weights_hash": protocol.info.weights_hash, "dim": protocol.info.dim} for protocol in protocols
    }
    write_json(context.folder / "protocols.json", infos)
    return hash_json({"arrays": hash_arrays(list(arrays.items())), "protocols": infos})


def score(context: JobContext) -> str:
    """Compute every metric on every protocol: one row per trial and a summary row."""
    reals = context.inputs["reals"]
    protocols = read_json(reals / "protocols.json")
    rows: list[ResultRow] = []
    for name in context.config["protocols"]:
        real = np.load(reals / f"{name}.npy", allow_pickle=False)
        generated = context.inputs.get("generated")
        features = None if generated is None else np.load(generated / f"{name}.npy", allow_pickle=False)
        identity = {"protocol": name, **protocols[name]}
        for metric_name in context.config["metrics"]:
            metric: Metric = load_plugin(PluginGroup.METRICS, metric_name)
            rows += _rows(context, identity, metric, real, features)
    write_rows(context.folder / ROWS, rows)
    return hash_file(context.folder / ROWS)


def _rows(
    context: JobContext,
    identity: dict[str, Any],
    metric: Metric,
    real: NDArray[np.float32],
    generated: NDArray[np.float32] | None,
) -> list[ResultRow]:
    config = context.config
    num, seed, trials = int(config["num_samples"]), int(config["split_seed"]), int(config["trials"])
    groups = context.test_groups()
    part = context.real_partition()
    whole = context.reals is Reals.WHOLE
    given_layouts = config["row"]["layout_source"] == LayoutSource.REAL
    if generated is None:
        scores = floor_scores(metric, real, num=num, trials=trials, seed=seed, groups=groups)
    elif given_layouts:
        scores = single_score(metric, real[part.reference], generated)
    elif whole:
        scores = fixed_scores(metric, real[part.reference], generated, trials=trials)
    else:
        scores = repeated_scores(metric, real, generated, num=num, trials=trials, seed=seed, groups=groups)
    facts = {**config["row"], **identity, **_facts(context, metric, len(real))}
    close = part.caution if given_layouts or generated is None else ""
    facts["notes"] = (*_notes(context, real, generated), *([close] if close else []))
    seeds = None if generated is None else context.sampling_seeds(0, num * len(scores.values))
    return score_rows(facts, scores, seeds)


def _facts(context: JobContext, metric: Metric, pool: int) -> dict[str, Any]:
    """Return what is the same in every row of one metric and protocol."""
    config = context.config
    num = int(config["num_samples"])
    given_layouts = config["row"]["layout_source"] == LayoutSource.REAL
    draw = f"N drawn without replacement from {pool} test reals, split seed {config['split_seed']}"
    whole = context.reals is Reals.WHOLE
    if config["row"]["model"] == FLOOR:
        draw += "; against N others of the same pool"
    elif whole:
        every = "all test reals" if pool == num else f"{num} of {pool} test reals, split seed {config['split_seed']}"
        draw = f"the same N in every trial: {every}" + ("; layouts are their own" if given_layouts else "")
    elif given_layouts:
        draw += ", one draw; layouts from N others of the same pool"
    if context.test_groups() and (config["row"]["model"] == FLOOR or not whole):
        draw += ", no group of near-copies on both sides where that can be"
    facts: dict[str, Any] = {
        "metric": metric.name,
        "better": metric.better.value,
        "num_real": num,
        "num_generated": num,
        "real_pool": draw,
        "versions": config["component"],
        "threads": config["threads"],
        "device": str(context.device),
    }
    if "model" in context.inputs:
        training = read_json(context.inputs["model"] / TRAINING)
        facts |= {
            "checkpoint_hash": content_hash(context.inputs["model"] / MODEL),
            "checkpoint_step": training["steps"],
            "images_seen": training["total_images_seen"],
            "train_seconds": None if training["total_seconds"] is None else round(training["total_seconds"], 1),
            "parameters": training["parameters"],
            "ema": training.get("ema", ""),
            "layout_draw": "" if given_layouts else training.get("layout_draw", ""),
            "perceptual": training.get("perceptual", ""),
        }
        facts |= {"selection": training["selection"]} if training["selection"] else {}
    return facts


def _notes(context: JobContext, real: NDArray[np.float32], generated: NDArray[np.float32] | None) -> tuple[str, ...]:
    """Return what a reader must know about this number."""
    notes = [read_json(context.inputs["test"] / TABLE)["caution"]]
    if generated is not None:
        notes.append(collapse_note(real, generated))
        if context.reals is Reals.WHOLE and context.config["row"]["layout_source"] == LayoutSource.REAL:
            notes.append("layouts are those of the reference reals")
    if "model" in context.inputs:
        training = read_json(context.inputs["model"] / TRAINING)
        notes += [training["collapsed"], *training.get("notes", ())]
    return tuple(note for note in notes if note)
