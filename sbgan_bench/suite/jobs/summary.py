"""The job that makes rows out of rows: over training seeds, and the bottleneck gap."""

from collections import defaultdict
from collections.abc import Sequence

from sbgan_bench.hashing import hash_file
from sbgan_bench.results import ResultRow, read_rows, write_rows
from sbgan_bench.samples import LayoutSource
from sbgan_bench.splits import summarise as summary_of
from sbgan_bench.suite.jobs.context import ROWS, JobContext

#: Name of the derived metric: what a model loses by drawing its own layouts.
BOTTLENECK_GAP = "bottleneck-gap"


def summarise(context: JobContext) -> str:
    """Write one row per model over its training seeds, and the bottleneck gap of every model that has both scores."""
    rows = [row for folder in context.inputs.values() for row in read_rows(folder / ROWS) if row.trial is None]
    gaps = bottleneck_gaps(rows)
    write_rows(context.folder / ROWS, [*gaps, *over_training_seeds([*rows, *gaps])])
    return hash_file(context.folder / ROWS)


def over_training_seeds(rows: Sequence[ResultRow]) -> list[ResultRow]:
    """Return a row without training seed for every cell measured with two or more.

    Its value is the mean over seeds of the means over trials, its spread their standard deviation, and its interval
    the 95 % t-interval of that mean: the uncertainty of the method, where a single seed's is that of its weights.
    """
    groups: dict[tuple[str, ...], list[ResultRow]] = defaultdict(list)
    for row in rows:
        if row.training_seed is not None and row.value is not None:
            groups[row.model_copy(update={"training_seed": None}).cell()].append(row)
    summaries = []
    for group in groups.values():
        if len(group) == 1:
            continue
        seeds = summary_of([row.value for row in group if row.value is not None])
        update = {
            "training_seed": None, "value": seeds.mean, "spread": seeds.spread, "low": seeds.low, "high": seeds.high,
            "trials": len(seeds.values), "checkpoint_hash": "", "checkpoint_step": None,
            "notes": tuple(dict.fromkeys(note for row in group for note in row.notes)),
        }  # fmt: skip
        summaries.append(group[0].model_copy(update=update))
    return summaries


def bottleneck_gaps(rows: Sequence[ResultRow]) -> list[ResultRow]:
    """Return the score with generated layouts minus that with real ones, image stage fixed.

    Computed on the Fréchet distance alone. Zero would mean that the model's own layouts serve its image stage as
    well as real ones; the real-layout score is a single value, so the gap has no trial spread of its own.
    """
    with_layouts = [row for row in rows if row.metric == "frechet-distance" and row.value is not None]
    real = {_stage(row): row for row in with_layouts if row.layout_source is LayoutSource.REAL}
    gaps = []
    for row in with_layouts:
        partner = real.get(_stage(row))
        if row.layout_source is not LayoutSource.GENERATED or partner is None:
            continue
        if row.value is None or partner.value is None:
            continue
        update = {
            "metric": BOTTLENECK_GAP, "value": row.value - partner.value, "spread": None, "low": None, "high": None,
            "trials": 1, "notes": tuple(dict.fromkeys((*row.notes, *partner.notes))),
        }  # fmt: skip
        gaps.append(row.model_copy(update=update))
    return gaps


def _stage(row: ResultRow) -> tuple[str, ...]:
    return row.model_copy(update={"layout_source": LayoutSource.NONE}).cell()
