"""GAN-train into result rows, the reference of as many real pairs beside it.

The hash of the segmenters' recipe stands where protocols have that of their weights: numbers by another recipe are
another column.
"""

from collections.abc import Mapping
from typing import Any

from sbgan_bench.errors import BenchError
from sbgan_bench.gan_train import MEASURES, PROTOCOL, GanTrain, recipe_hash
from sbgan_bench.metric import Better
from sbgan_bench.results import FLOOR, Origin, Reals, ResultRow
from sbgan_bench.splits import summarise


def gan_train_rows(
    facts: Mapping[str, Any], result: GanTrain, reference: GanTrain, *, drawn_with: int
) -> list[ResultRow]:
    """Return a row per seed and a summary for every measure, of the generated pairs and of the reference.

    The summary is the mean over the segmenter's seeds with a t interval, for these weights and these pairs.

    Args:
        facts: Fields of ``ResultRow`` that say which model, dataset and size this is.
        result: Trained on generated pairs.
        reference: Trained on as many real ones.
        drawn_with: Seed of the draw of these.

    Raises:
        BenchError: The two were not trained and tested alike.
    """
    for what, ours, theirs in (
        ("number of pairs", result.pairs, reference.pairs),
        ("number of test pairs", result.tested, reference.tested),
        ("seeds", result.seeds, reference.seeds),
        ("recipe", recipe_hash(result.settings), recipe_hash(reference.settings)),
    ):
        if ours != theirs:
            raise BenchError(f"GAN-train and its reference differ in {what}: {ours} and {theirs}. Repeat one of them.")
    shared = {key: facts[key] for key in _SHARED if key in facts}
    real = {**shared, "model": FLOOR, "origin": Origin.REAL}
    return [
        row
        for metric in MEASURES
        for row in (
            *_rows(real, metric, reference, None, drawn_with),
            *_rows(facts, metric, result, reference, drawn_with),
        )
    ]


#: Facts of a model's rows that are true of the reference as well.
_SHARED = (
    "suite", "preset", "dataset", "fingerprint", "split", "resolution", "training_images", "config_hash", "versions",
    "git_revision", "device", "threads",
)  # fmt: skip


def _rows(
    facts: Mapping[str, Any], metric: str, result: GanTrain, reference: GanTrain | None, drawn_with: int
) -> list[ResultRow]:
    scores = summarise(result.values(metric))
    beside = None if reference is None else summarise(reference.values(metric))
    drawn = f"of the train split, drawn with seed {drawn_with}"
    pairs = f"{result.pairs} real pairs {drawn}" if reference is None else f"{result.pairs} generated pairs"
    seeds = ", ".join(map(str, result.seeds))
    notes = [*facts.get("notes", ()), *filter(None, [result.caution])]
    if result.missing:
        notes.append(f"no training pair shows {', '.join(result.missing)}: counted as missed")
    told = {
        **facts,
        "protocol": PROTOCOL,
        "weights_hash": recipe_hash(result.settings),
        "metric": metric,
        "better": Better.HIGHER.value,
        "num_real": result.tested,
        "num_generated": result.pairs,
        "reals": Reals.WHOLE,
        "real_pool": f"segmenters of seeds {seeds} trained on {pairs}, tested on the same {result.tested} test reals",
        "floor_pool": "" if beside is None else f"as many real pairs {drawn}",
        "notes": tuple(dict.fromkeys(notes)),
    }
    floors = [None] * len(scores.values) if beside is None else beside.values
    trials = [
        ResultRow(**told, trial=trial, value=value, trials=1, floor=floor)
        for trial, (value, floor) in enumerate(zip(scores.values, floors, strict=True))
    ]
    summary = ResultRow(
        **told,
        value=scores.mean,
        spread=scores.spread,
        low=scores.low,
        high=scores.high,
        trials=len(scores.values),
        floor=None if beside is None else beside.mean,
    )
    return [*trials, summary]
