"""Comparisons that fit made-up rows: the lowest distance wins, and what is far from it is told apart."""

from collections import defaultdict
from collections.abc import Iterable

from sbgan_bench.comparing.rows import Comparison, Pairing, Unit, shared_facts
from sbgan_bench.manifest import TableKind
from sbgan_bench.metric import Better
from sbgan_bench.questions import answers, subject
from sbgan_bench.results import ResultRow

#: What is worse than the best by more than this share of it is told apart.
_FAR = 0.3


def verdict(best: ResultRow, other: ResultRow, question: TableKind, *, rejected: bool) -> Comparison:
    """Say of two rows of one column whether they were told apart."""
    assert best.value is not None
    assert other.value is not None
    effect = other.value - best.value
    over_seeds = best.training_seed is None and other.training_seed is None
    made = {
        "question": question, "metric": best.metric, "better": Better(best.better), "winner": subject(best),
        "other": subject(other), "value_winner": best.value, "value_other": other.value, "effect": effect,
        "low": effect - 0.1, "high": effect + 0.1, "p": 0.001 if rejected else 0.2,
        "p_holm": 0.006 if rejected else 0.6, "rejected": rejected, "words": "made up",
        "unit": Unit.SEEDS if over_seeds else Unit.IMAGES, "pairing": Pairing.POOLED, "family": 6,
    }  # fmt: skip
    return Comparison.model_validate({**shared_facts(best), **made})


def verdicts(rows: Iterable[ResultRow]) -> list[Comparison]:
    """Compare the models of every question, size and protocol with the best that may win."""
    groups: dict[tuple[object, ...], dict[str, ResultRow]] = defaultdict(dict)
    for row in sorted(rows, key=lambda row: row.training_seed is None):  # the summary over seeds comes last and stays
        for question in (question for question in TableKind if row.value is not None and answers(question, row)):
            if row.trial is None and row.metric == "frechet-distance":
                column = (question, row.dataset, row.resolution, row.training_images, row.protocol, row.metric)
                groups[column][subject(row)] = row
    found = []
    for (question, *_), members in groups.items():
        able = [row for row in members.values() if not row.unranked]
        if able:
            best = min(able, key=lambda row: row.value or 0.0)
            rest = (row for row in members.values() if row is not best)
            found += [verdict(best, row, TableKind(question), rejected=_is_far(row, best)) for row in rest]
    return found


def _is_far(row: ResultRow, best: ResultRow) -> bool:
    return abs((row.value or 0.0) - (best.value or 0.0)) > _FAR * abs(best.value or 0.0)
