"""Human scores that nobody gave, for tests of readers."""

from collections.abc import Mapping, Sequence
from itertools import combinations

from sbgan_bench.comparing.ratings import QUESTION, rated_name
from sbgan_bench.comparing.rows import Comparison, Unit, shared_facts
from sbgan_bench.metric import Better
from sbgan_bench.results import HUMAN_SCORE, Origin, ResultRow
from sbgan_bench.samples import LayoutSource

STUDY = "ab" * 32
#: (model, recipe, layout source): mean score.
SCORES = {
    ("real", "", LayoutSource.NONE): 3.6,
    ("progan", "default", LayoutSource.NONE): 2.1,
    ("biggan", "default", LayoutSource.NONE): 2.0,
    ("sbgan", "both", LayoutSource.GENERATED): 2.5,
}


def score(model: str, value: float | None, **others: object) -> ResultRow:
    """One human score, ± 0.12 unless told otherwise."""
    base: dict[str, object] = {
        "suite": "human ratings", "model": model, "dataset": "toy-streets", "resolution": "32x64",
        "protocol": f"study-{STUDY[:12]}", "weights_hash": STUDY, "metric": HUMAN_SCORE, "better": "higher",
        "value": value, "num_generated": 200, "num_ratings": 600, "num_raters": 12,
        "notes": ("Single images at 32×64 pixels.",),
        "origin": Origin.REAL if model == "real" else Origin.TRAINED,
    }  # fmt: skip
    ends = {} if value is None else {"spread": 0.06, "low": value - 0.12, "high": value + 0.12}
    return ResultRow.model_validate(base | ends | others)


def scores(**others: object) -> list[ResultRow]:
    """The scores of one dataset."""
    return [
        score(model, value, recipe=recipe, layout_source=source, **others)
        for (model, recipe, source), value in SCORES.items()
    ]


def verdicts(rows: Sequence[ResultRow], rejected: Mapping[frozenset[str], bool] | None = None) -> list[Comparison]:
    """Every pair of rows of one dataset, told apart unless ``rejected`` says otherwise by their models."""
    found = []
    for pair in combinations(rows, 2):
        other, winner = sorted(pair, key=lambda row: row.value or 0.0)
        told = (rejected or {}).get(frozenset({winner.model, other.model}), True)
        effect = (other.value or 0.0) - (winner.value or 0.0)
        p = 0.002 if told else 0.4
        found.append(
            Comparison(
                **shared_facts(winner),
                question=QUESTION,
                metric=HUMAN_SCORE,
                better=Better.HIGHER,
                winner=rated_name(winner),
                other=rated_name(other),
                value_winner=winner.value or 0.0,
                value_other=other.value or 0.0,
                effect=effect,
                low=effect - 0.1,
                high=effect + 0.1,
                p=p,
                p_holm=p,
                rejected=told,
                words="made up",
                unit=Unit.RATINGS,
                pairing=None,
                family=6,
            )
        )
    return found
