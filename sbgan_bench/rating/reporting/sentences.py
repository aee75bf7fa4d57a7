"""What a study found, in sentences: which is better, by how much, how sure; and what speaks against it."""

from collections.abc import Sequence

from sbgan_bench.rating.analysis.findings import CellFinding, PairFinding
from sbgan_bench.rating.reporting.material import Material
from sbgan_bench.report.human_words import p_words
from sbgan_bench.report.table_3 import interval_text
from sbgan_bench.report.wording import count, counted, number
from sbgan_bench.results import FLOOR


def answers(material: Material) -> tuple[str, ...]:
    """Return a sentence or two per dataset: the best model, its score, and from which others it is told apart."""
    before = "Simulated raters, no result. " if material.analysis.simulated else ""
    return tuple(before + _answer(material, dataset) for dataset in material.datasets)


def _answer(material: Material, dataset: str) -> str:
    cells = [one for one in material.analysis.kept.cells if one.dataset == dataset]
    real = [one for one in cells if material.key.cells[one.cell].model == FLOOR and one.mean is not None]
    models = [one for one in cells if material.key.cells[one.cell].model != FLOOR and one.mean is not None]
    control = f" Real images: {score(real[0])}." if real else ""
    if not models:
        return f"{dataset}: no model has a rating that counts.{control}"
    best = max(models, key=lambda one: one.mean or 0.0)
    if len(models) == 1:
        return f"{dataset}: “{best.model}” scores {score(best)}; there is no other model to compare it with.{control}"
    others = _against_others(material, best, models)
    equal = [f"“{one.model}”" for one in models if one is not best and one.mean == best.mean]
    shared = f", and so does {' and '.join(equal)}" if equal else ""
    return f"{dataset}: “{best.model}” scores highest, {score(best)}{shared}. {others}{control}"


def _against_others(material: Material, best: CellFinding, models: Sequence[CellFinding]) -> str:
    """Say of all others how far they are behind, those that are told apart first."""
    among = {one.cell for one in models}
    pairs = [one for one in material.analysis.kept.pairs if {one.first, one.second} <= among]
    behind = [one for one in pairs if best.cell in (one.first, one.second)]
    apart = [f"{_other(one, best)} by {_behind(one, best)}" for one in behind if one.rejected]
    tested = [one for one in behind if one.p is not None and not one.rejected]
    close = [f"{_other(one, best)}, lower by {_behind(one, best)}" for one in tested]
    untested = [_other(one, best) for one in behind if one.p is None]
    parts = []
    if apart:
        parts.append(f"Better than {'; than '.join(apart)}.")
    if close:
        parts.append(f"Not told apart from {'; nor from '.join(close)}.")
    if untested:
        parts.append(f"Not tested against {'; '.join(untested)}.")
    return " ".join(parts)


def _other(pair: PairFinding, best: CellFinding) -> str:
    return f"“{pair.model_second if pair.first == best.cell else pair.model_first}”"


def _behind(pair: PairFinding, best: CellFinding) -> str:
    low, high = pair.low, pair.high
    if pair.first != best.cell:
        low, high = (None if high is None else -high), (None if low is None else -low)
    between = [] if low is None or high is None else [f"95 % interval {number(low, 2)} to {number(high, 2)}"]
    p = [] if pair.p_holm is None else [p_words(pair.p_holm)]
    return f"{number(abs(pair.difference), 2)} ({', '.join([*between, *p])})"


def score(finding: CellFinding) -> str:
    """Return "2.48 ± 0.12", or "3.98 [2.60, 4.00]", as in Table 3."""
    return interval_text(finding.mean or 0.0, finding.low, finding.high)


def lead(material: Material) -> tuple[str, ...]:
    """Return what the study was, and how to read its numbers."""
    study, kept, everyone = material.study, material.analysis.kept, material.analysis.everyone
    words = ", ".join(f"{value} {label}" for value, label in enumerate(study.scale.labels, start=1))
    images = sum(one.n_images for one in everyone.cells)
    when = "" if not material.days else (
        f" on {material.days[0]}" if material.days[0] == material.days[-1]
        else f" from {material.days[0]} to {material.days[-1]}"
    )  # fmt: skip
    excluded = len(material.analysis.exclusions.excluded)
    are = "is" if excluded == 1 else "are"
    left_out = f" {excluded} of them {are} excluded by the rules below." if excluded else " Nobody is excluded."
    what = (
        f"{counted(everyone.n_raters, 'rater')} gave {counted(everyone.n_ratings, 'rating')} of "
        f"{counted(images, 'image')}{when}, "
        f"blind and one at a time: {words}.{left_out if everyone.n_raters else ''}"
    )
    how = (
        "± is half a 95 % interval, [low, high] one that is longer on one side: how far the mean could lie elsewhere "
        "with other images and other raters like these. p is corrected for all pairs of a dataset (Holm). All numbers "
        f"without the excluded raters: {counted(kept.n_ratings, 'rating')}."
    )
    return (what, how)


def warnings(material: Material) -> tuple[str, ...]:
    """Return what a reader must know before anything else."""
    found = []
    everyone = material.analysis.everyone
    if everyone.n_ratings == 0:
        found.append("Nobody has rated anything yet: every number is missing.")
    elif everyone.n_ratings < material.wanted:
        share = 100 * everyone.n_ratings / material.wanted
        found.append(
            f"The study is not complete: {count(everyone.n_ratings)} of {count(material.wanted)} ratings "
            f"({share:.0f} %). Stopping when a result looks good makes its p-values too small."
        )
    if 0 < material.analysis.kept.n_raters < 2:
        found.append("One rater alone: nobody can say how far other people would agree, so there are no intervals.")
    if everyone.n_ratings and not material.analysis.kept.n_ratings:
        found.append("Every rater is excluded by the study's rules: there is no result.")
    return tuple(found)
