"""Jobs that ask what pairs are worth as training data: segmenters trained on them, tested on the real test pairs."""

from typing import Any

import numpy as np

from sbgan_bench.gan_train import GanTrain, gan_train, generated_pairs, reference_pairs
from sbgan_bench.gan_train_rows import gan_train_rows
from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.judge import JudgeSettings
from sbgan_bench.results import FLOOR, write_rows
from sbgan_bench.storage import atomic_file
from sbgan_bench.suite.jobs.context import ROWS, JobContext, Tick
from sbgan_bench.suite.jobs.measuring import model_facts, notes_of, shared_facts

#: Confusion counts of the segmenters trained on real pairs, one per seed.
COUNTS = "counts.npy"


def train_on_pairs(context: JobContext) -> str:
    """Train segmenters on what a model generates, or on as many real pairs; leave result rows."""
    return _on_generated(context) if "model" in context.inputs else _on_real(context)


def _on_real(context: JobContext) -> str:
    pairs = reference_pairs(context.table("train"), int(context.config["pairs"]), int(context.config["split_seed"]))
    result = _trained(context, pairs)
    with atomic_file(context.folder / COUNTS) as temporary, temporary.open("wb") as stream:
        np.save(stream, np.stack(result.counts))
    drawn = int(context.config["split_seed"])
    rows = gan_train_rows(_facts(context), result, result, drawn_with=drawn)  # of which the reals alone are kept
    write_rows(context.folder / ROWS, [row for row in rows if row.floor is None])
    return hash_json([hash_file(context.folder / name) for name in (ROWS, COUNTS)])


def _on_generated(context: JobContext) -> str:
    info = context.dataset(context.config["dataset"]).info
    seeds = context.sampling_seeds(0, int(context.config["pairs"]))
    result = _trained(context, generated_pairs(context.model().sample(seeds), info))
    counts = np.load(context.inputs["reference"] / COUNTS, allow_pickle=False)
    reference = GanTrain(
        result.settings, result.seeds, tuple(counts), result.pairs, result.tested, missing=(), caution=result.caution
    )
    facts = {**_facts(context), **model_facts(context), "sampling_seeds": f"{seeds[0]}..{seeds[-1]}"}
    rows = gan_train_rows(facts, result, reference, drawn_with=int(context.config["split_seed"]))
    write_rows(context.folder / ROWS, [row for row in rows if row.model != FLOOR])
    return hash_file(context.folder / ROWS)


def _trained(context: JobContext, pairs: Any) -> GanTrain:
    return gan_train(
        pairs,
        context.table("test"),
        settings=JudgeSettings.parse(dict(context.config["settings"]), "gan_train settings"),
        device=context.device,
        report=lambda done, total: context.report(Tick(done, total, "images")),
    )


def _facts(context: JobContext) -> dict[str, Any]:
    return {**context.config["row"], **shared_facts(context), "notes": notes_of(context)}
