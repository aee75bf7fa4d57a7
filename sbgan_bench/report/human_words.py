"""Human scores in words and numbers: Table 3, its differences, and how metrics agree with people."""

from collections.abc import Iterable

from sbgan_bench.comparing.ratings import correlation_of, panels, rated_name
from sbgan_bench.report import table_3
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.human_scores import HumanScores, marked
from sbgan_bench.report.rated_names import Label, labels
from sbgan_bench.report.wording import DASH, number, protocol_text, score_text
from sbgan_bench.results import FLOOR, ResultRow

_DIFFERENCES = (
    "Every two models of a dataset: how much higher the first was scored. The interval is of this pair alone; p is "
    "corrected for all pairs of the dataset (Holm). Not told apart does not mean equal: see how wide the interval is."
)
_DESCRIPTIVE = (
    "How far metrics order the models as people do. Models are few and chosen, not drawn by lot: this describes them, "
    "and no p-value is given."
)


def words(scores: HumanScores, measured: Iterable[ResultRow], title: Label) -> tuple[PlainTable, ...]:
    """Return the tables alone, for formats without pictures."""
    return (*table_3.tables(scores, title), *differences(scores, title), *against_table(scores, measured, title))


def differences(scores: HumanScores, title: Label) -> tuple[PlainTable, ...]:
    """Say of every two models of a dataset whether they are told apart."""
    printed = labels(scores.rows, title)
    names = {(row.protocol, row.dataset, rated_name(row)): printed[row.cell()] for row in scores.rows}
    real = {rated_name(row) for row in scores.rows if row.model == FLOOR}
    ordered = sorted(scores.comparisons, key=lambda one: (one.protocol, one.dataset, one.effect))
    rows = tuple(
        (
            names.get((one.protocol, one.dataset, one.winner), one.winner),
            names.get((one.protocol, one.dataset, one.other), one.other),
            one.dataset,
            signed(-one.effect),
            DASH if one.low is None or one.high is None else f"{signed(-one.high)} to {signed(-one.low)}",
            p_text(one.p_holm),
            "told apart" if one.rejected else "not told apart",
        )
        for one in ordered
    )
    made = PlainTable(
        name="human-differences",
        title="Human scores: every two models",
        caption=_DIFFERENCES,
        header=("Higher", "Lower", "Dataset", "Difference", "95 % interval", "p (Holm)", "Verdict"),
        rows=rows,
        numeric=frozenset({3, 4, 5}),
        strong=frozenset((i, 6) for i, one in enumerate(ordered) if one.rejected),
        quiet=frozenset(i for i, one in enumerate(ordered) if {one.winner, one.other} & real),
        begins=frozenset(i for i, row in enumerate(rows) if i == 0 or row[2] != rows[i - 1][2]),
    )
    return _if_any(made, scores)


def against_table(scores: HumanScores, measured: Iterable[ResultRow], title: Label) -> tuple[PlainTable, ...]:
    """Return the numbers behind the scatter, a line per panel, with the rank correlations that were computed."""
    printed = labels(scores.rows, title)
    rows = []
    for panel in panels(scores.rows, measured):
        found = correlation_of(panel, scores.correlations)
        values = (f"{printed[one.rated.cell()]}: {number(one.measured.value or 0.0, 3)}" for one in panel.points)
        rows.append(
            (
                panel.facts.dataset,
                f"{score_text(panel.facts)}, {protocol_text(panel.facts)}",
                str(len(panel.models)),
                DASH if found is None or found.spearman is None else signed(found.spearman),
                DASH if found is None or found.kendall is None else signed(found.kendall),
                "; ".join(values),
            )
        )
    header = ("Dataset", "Metric", "Models", "Spearman ρ", "Kendall τ", "Values by the metric")
    made = PlainTable(
        name="people-against-metrics-numbers",
        title="Rank correlation of metrics with people",
        caption=_DESCRIPTIVE,
        header=header,
        rows=tuple(rows),
        numeric=frozenset({2, 3, 4}),
    )
    return _if_any(made, scores)


def _if_any(table: PlainTable, scores: HumanScores) -> tuple[PlainTable, ...]:
    if not table.rows:
        return ()
    return (marked(table) if scores.simulated else table,)


def signed(value: float) -> str:
    """Return "+0.40" or "−0.40"."""
    return f"{value:+.2f}".replace("-", "−")


def p_words(value: float) -> str:
    """Return "p = 0.03" or "p < 0.0001"."""
    return f"p {p_text(value)}" if value < 0.0001 else f"p = {p_text(value)}"


def p_text(value: float) -> str:
    """Return a p-value with two digits, "< 0.0001" below that."""
    return "< 0.0001" if value < 0.0001 else f"{value:.2g}"
