"""Tested pairs as comparisons of the common schema, and how metrics order the models as people do."""

from collections import Counter
from collections.abc import Iterable, Sequence

from sbgan_bench.comparing.correlation import LEAST_MODELS, RankCorrelation, agreement
from sbgan_bench.comparing.ratings import QUESTION, Panel, rated_name
from sbgan_bench.comparing.rows import Comparison, Unit, shared_facts
from sbgan_bench.metric import Better
from sbgan_bench.rating.analysis.findings import Analysis, PairFinding
from sbgan_bench.report.human_words import p_words, signed
from sbgan_bench.results import Origin, ResultRow


def comparisons(analysis: Analysis, rows: Sequence[ResultRow]) -> tuple[Comparison, ...]:
    """Return every pair that was tested, the one with the higher mean as the winner.

    Args:
        analysis: Its pairs are those of the raters who stay.
        rows: A row per cell, in the order of the key.
    """
    sizes = Counter(pair.dataset for pair in analysis.kept.pairs)
    simulated = "SIMULATED RATERS. " if analysis.simulated else ""
    return tuple(
        _comparison(pair, rows, sizes[pair.dataset], simulated)
        for pair in analysis.kept.pairs
        if pair.p is not None and pair.p_holm is not None
    )


def _comparison(pair: PairFinding, rows: Sequence[ResultRow], family: int, before: str) -> Comparison:
    first_wins = pair.difference >= 0
    first, second = rows[pair.first], rows[pair.second]
    winner, other = (first, second) if first_wins else (second, first)
    ends = (pair.low, pair.high)  # of the first less the second
    low, high = (_negative(ends[1]), _negative(ends[0])) if first_wins else ends
    words = f"{before}{sentence(pair)}" + (f" {pair.note}" if pair.note else "")
    return Comparison(
        **shared_facts(winner), question=QUESTION, metric=winner.metric, better=Better.HIGHER,
        winner=rated_name(winner), other=rated_name(other), value_winner=winner.value or 0.0,
        value_other=other.value or 0.0, effect=-abs(pair.difference), low=low, high=high, p=pair.p or 0.0,
        p_holm=pair.p_holm or 0.0, rejected=pair.rejected, words=words, unit=Unit.RATINGS, pairing=None,
        family=family,
    )  # fmt: skip


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def sentence(pair: PairFinding) -> str:
    """Say what a pair shows: who is higher, by how much, and whether that is more than chance."""
    higher, lower = pair.model_first, pair.model_second
    low, high = pair.low, pair.high
    if pair.difference < 0:
        higher, lower, low, high = lower, higher, _negative(pair.high), _negative(pair.low)
    verdict = "told apart" if pair.rejected else "not told apart"
    interval = "" if low is None or high is None else f", 95 % interval {signed(low)} to {signed(high)}"
    tested = "" if pair.p_holm is None else f", {p_words(pair.p_holm)} (Holm)"
    return f"{higher} and {lower} are {verdict}: {signed(abs(pair.difference))}{interval}{tested}."


def correlations(panels: Iterable[Panel]) -> tuple[RankCorrelation, ...]:
    """Correlate the order of the models by people with that by each metric, where at least three have both.

    Descriptive: the models are few and chosen, so that no p-value is kept.
    """
    return tuple(_correlation(panel) for panel in panels if len(panel.models) >= LEAST_MODELS)


def _correlation(panel: Panel) -> RankCorrelation:
    dataset, resolution, protocol, metric, other_protocol, other_metric = panel.key()
    sign = -1.0 if panel.facts.better == Better.LOWER else 1.0
    rated = [point.rated.value or 0.0 for point in panel.models]
    found = agreement(rated, [sign * (point.measured.value or 0.0) for point in panel.models])
    return RankCorrelation(
        dataset=dataset, resolution=resolution, protocol=protocol, metric=metric, other_protocol=other_protocol,
        other_metric=other_metric, models=len(rated), kendall=found["kendall"], kendall_p=None,
        spearman=found["spearman"], spearman_p=None,
        simulated=any(point.rated.origin is Origin.SIMULATED for point in panel.points),
    )  # fmt: skip
