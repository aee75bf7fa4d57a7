"""What the comparisons of a run found, and whether its metrics agree, as tables of words."""

from collections.abc import Sequence

from sbgan_bench.comparing.rows import Comparison, Unit
from sbgan_bench.manifest import TableKind
from sbgan_bench.questions import subject
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.report.wording import DASH, count, metric_text, settings_text, size_text
from sbgan_bench.results import ResultRow

#: What the models of a comparison have in common, in words.
_QUESTIONS = {
    TableKind.UNCONDITIONAL.value: "scenes from noise",
    TableKind.GIVEN_LAYOUTS.value: "given real layouts",
    TableKind.ABLATION.value: "fine-tuning",
}
_ONE_SEED = "With one training seed the tests speak of these weights, not of the methods."
_SEVERAL_SEEDS = "Training runs are the unit: the tests speak of the methods."
_MIXED = "Where training runs are the unit the tests speak of the methods, elsewhere of these weights alone."


def comparisons(run: RunFolder) -> tuple[PlainTable, ...]:
    """Every model against the best of its column; what all comparisons share is said once."""
    if not run.comparisons:
        return ()
    labels = {subject(row): _label(row, run) for row in run.rows}
    places = [_place(one) for one in run.comparisons]
    differ = [len(set(facts)) > 1 for facts in zip(*places, strict=True)]
    shared = ", ".join(fact for fact, varies in zip(places[0], differ, strict=True) if fact and not varies)
    rows = tuple(
        (
            ", ".join(fact for fact, varies in zip(place, differ, strict=True) if fact and varies) or DASH,
            labels.get(one.winner, one.winner),
            labels.get(one.other, one.other),
            _signed(one.effect),
            DASH if one.low is None or one.high is None else f"{_signed(one.low)} to {_signed(one.high)}",
            f"{one.p_holm:.2g}",
            "told apart" if one.rejected else "not told apart",
            f"{one.pairing}, {one.unit}",
        )
        for one, place in zip(run.comparisons, places, strict=True)
    )
    header = ("Column", "Best", "Other", "Other less best", "95 % interval", "p (Holm)", "Verdict", "Test")
    caption = (
        (f"All rows: {shared}. " if shared else "")
        + "Labels of the two models are swapped; what is rejected is that it does not matter which of the two a "
        "sample came from. p is corrected for all pairs of models that answer the question. Bold in the tables: the "
        "best and whatever is not told apart from it; what may not be ranked is neither. " + _unit_words(run)
    )
    table = PlainTable("comparisons", "Every model against the best", caption, header, rows, frozenset({3, 4, 5}))
    return (table,)


def _place(one: Comparison) -> tuple[str, ...]:
    """Say what the values of a comparison are, fact by fact."""
    return (
        _QUESTIONS.get(one.question, one.question),
        f"{one.dataset} {size_text(one.resolution)}",
        "" if one.training_images is None else f"{count(one.training_images)} training images",
        one.protocol + ("" if one.published else " (weights not the published ones)"),
        metric_text(one.metric),
    )


def _label(row: ResultRow, run: RunFolder) -> str:
    """Return the printed name of what a row is about, without its layouts: the question says which these are."""
    return ", ".join(filter(None, (run.names.title(row.model), settings_text(row.recipe, row.variant))))


def _unit_words(run: RunFolder) -> str:
    units = {one.unit for one in run.comparisons}
    return _MIXED if len(units) > 1 else _SEVERAL_SEEDS if Unit.SEEDS in units else _ONE_SEED


def correlations(run: RunFolder) -> tuple[PlainTable, ...]:
    """How far every two columns agree on the order of the models."""
    if not run.correlations:
        return ()
    rows: Sequence[tuple[str, ...]] = [
        (
            f"{one.dataset} {size_text(one.resolution)}",
            f"{metric_text(one.metric)}, {one.protocol}",
            f"{metric_text(one.other_metric)}, {one.other_protocol}",
            str(one.models),
            DASH if one.kendall is None else _signed(one.kendall),
            DASH if one.kendall_p is None else f"{one.kendall_p:.2g}",
            DASH if one.spearman is None else _signed(one.spearman),
        )
        for one in run.correlations
    ]
    header = ("Data", "Metric", "Other metric", "Models", "Kendall τ", "p", "Spearman ρ")
    caption = "+1: the same order of the models from best to worst, −1: the opposite."
    return (PlainTable("correlations", "Rank correlation", caption, header, tuple(rows), frozenset({3, 4, 5, 6})),)


def _signed(value: float) -> str:
    return f"{value:+.3g}".replace("-", "−")
