"""Who was left out of a study by which rule, and what that did to the scores."""

from sbgan_bench.rating.analysis.findings import CellFinding
from sbgan_bench.rating.reporting.material import Material
from sbgan_bench.rating.reporting.sentences import score
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.wording import DASH, count, number


def rules(material: Material) -> PlainTable:
    """The rules of exclusion, and how many raters each left out."""
    rows = tuple(
        (rule.words, "in force" if rule.active else "off", count(len(rule.excluded)) if rule.active else DASH)
        for rule in material.analysis.exclusions.rules
    )
    caption = "Fixed before anybody rated. A rater whom several rules catch is left out once."
    return PlainTable("exclusion-rules", "The rules", caption, ("Rule", "State", "Raters"), rows, frozenset({2}))


def with_and_without(material: Material) -> PlainTable:
    """Every cell after the exclusions, and with everybody."""
    names = material.names()
    everyone = {one.cell: one for one in material.analysis.everyone.cells}
    rows = tuple(
        (one.dataset, names[one.cell], *_side(one), *_side(everyone[one.cell])) for one in material.analysis.kept.cells
    )
    header = ("Dataset", "Model", "Score", "Ratings", "Raters", "With everybody", "Ratings", "Raters")
    caption = "The result, and what it would be if nobody were left out."
    return PlainTable("with-everybody", "Scores with and without exclusions", caption, header, rows,
                      frozenset(range(2, 8)))  # fmt: skip


def _side(one: CellFinding) -> tuple[str, str, str]:
    return (DASH if one.mean is None else score(one), count(one.n_ratings), count(one.n_raters))


def raters(material: Material) -> PlainTable:
    """Every rater against the rules."""
    rows = tuple(
        (
            one.rater,
            count(one.n_ratings),
            DASH if one.gold_failures is None else f"{one.gold_failures} of {one.gold_shown}",
            DASH if one.median_ms is None else number(one.median_ms / 1000, 1),
            DASH if one.same_score is None else f"{100 * one.same_score:.0f} %",
            DASH if one.repeat_difference is None else number(one.repeat_difference, 2),
            ", ".join(one.rules).replace("_", " ") or "stays",
        )
        for one in material.analysis.exclusions.raters
    )
    header = ("Rater", "Ratings", "Gold failed", "Median seconds", "Same score", "Repeats differ by", "Outcome")
    caption = "Names are drawn by lot for this report and say nothing about who or when."
    return PlainTable("raters", "Every rater against the rules", caption, header, rows, frozenset(range(1, 6)),
                      folded=True)  # fmt: skip
