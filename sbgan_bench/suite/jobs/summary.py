"""The job that makes rows out of rows: over training seeds, and the bottleneck gap."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from sbgan_bench.comparing.correlation import CORRELATIONS, rank_correlations, write_correlations
from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.questions import GAP, is_standard
from sbgan_bench.results import SMALL_SAMPLE, ResultRow, read_rows, write_rows
from sbgan_bench.samples import LayoutSource
from sbgan_bench.scoring import small_sample_note
from sbgan_bench.splits import summarise as summary_of
from sbgan_bench.suite.jobs.context import ROWS, JobContext


def summarise(context: JobContext) -> str:
    """Write one row per model over its training seeds, bottleneck gaps, and how far the columns agree on an order."""
    rows = [row for folder in context.inputs.values() for row in read_rows(folder / ROWS) if row.trial is None]
    gaps = bottleneck_gaps(rows)
    write_rows(context.folder / ROWS, [*gaps, *over_training_seeds([*rows, *gaps])])
    ordered = chosen_alike(row for row in rows if not is_standard(row))
    write_correlations(context.folder / CORRELATIONS, rank_correlations(ordered))
    return hash_json([hash_file(context.folder / name) for name in (ROWS, CORRELATIONS)])


def chosen_alike(rows: Iterable[ResultRow]) -> list[ResultRow]:
    """Leave out models whose checkpoints were chosen by another rule than most: their numbers stand in other columns.

    Those of which no rule is known, such as imported ones, stay.
    """
    found = list(rows)
    rules = Counter(row.selection for row in found if row.selection)
    return [row for row in found if row.selection in ("", *(rule for rule, _ in rules.most_common(1)))]


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
            "unranked": next((row.unranked for row in group if row.unranked), ""),
            "notes": _notes_over_seeds(group, seeds.mean),
        }  # fmt: skip
        summaries.append(group[0].model_copy(update=update))
    return summaries


def _notes_over_seeds(group: Sequence[ResultRow], value: float) -> tuple[str, ...]:
    """Return the notes of all seeds; the floor's share is that of the value over seeds."""
    notes = tuple(dict.fromkeys(note for row in group for note in row.notes if not note.startswith(SMALL_SAMPLE)))
    first = group[0]
    if not any(note.startswith(SMALL_SAMPLE) for note in first.notes):
        return notes
    num = min(first.num_real, first.num_generated)
    return (*notes, small_sample_note(num, first.dim, first.protocol, value, first.floor))


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
            "metric": GAP, "value": row.value - partner.value, "spread": None, "low": None, "high": None,
            "floor": None, "floor_pool": "", "trials": 1, "notes": _notes_of_gap(row, partner),
        }  # fmt: skip
        gaps.append(row.model_copy(update=update))
    return gaps


def _notes_of_gap(row: ResultRow, partner: ResultRow) -> tuple[str, ...]:
    """Return the notes of both sides, but for the floor's share, which a difference has none of."""
    notes = dict.fromkeys((*row.notes, *partner.notes))
    return tuple(note for note in notes if not note.startswith(SMALL_SAMPLE))


def _stage(row: ResultRow) -> tuple[str, ...]:
    return row.model_copy(update={"layout_source": LayoutSource.NONE}).cell()
