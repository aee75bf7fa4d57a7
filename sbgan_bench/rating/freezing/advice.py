"""What the owner of a study may want to know before it is frozen, and nothing forbids."""

from collections.abc import Iterator, Sequence

from sbgan_bench.rating.expectation import Expectation
from sbgan_bench.rating.freezing.cell_images import AbstractCellImages
from sbgan_bench.rating.study import Enlarging, StudySpec
from sbgan_bench.results import FLOOR


def advice(spec: StudySpec, cells: Sequence[AbstractCellImages], expected: Expectation) -> tuple[str, ...]:
    """Return remarks in words, each with what could be done about it."""
    return (*_rules(spec, expected), *_design(spec, cells, expected))


def _rules(spec: StudySpec, expected: Expectation) -> Iterator[str]:
    """Yield exclusion rules that can never apply."""
    rules, asked = spec.exclusion, min(spec.per_rater, expected.images)
    if rules.gold_failures is not None and rules.gold_failures >= len(spec.gold):
        yield (
            f"gold_failures = {rules.gold_failures} excludes nobody: it takes {rules.gold_failures + 1} gold images, "
            f"and the study has {len(spec.gold)}; add [[gold]], or switch the rule off by false"
        )
    if rules.repeat_difference is not None and min(spec.repeats_per_rater, asked) < rules.repeat_difference_from:
        yield (
            f"repeat_difference excludes nobody: it takes {rules.repeat_difference_from} repeats, and raters see "
            f"{min(spec.repeats_per_rater, asked)}"
        )
    if rules.same_score is not None and asked < rules.same_score_from:
        yield f"same_score excludes nobody: it takes {rules.same_score_from} ratings, and raters give {asked}"


def _design(spec: StudySpec, cells: Sequence[AbstractCellImages], expected: Expectation) -> Iterator[str]:
    if min(spec.per_rater, expected.images) < len(cells):
        yield f"per_rater = {spec.per_rater} is less than the {len(cells)} cells: no rater sees all of them"
    datasets = dict.fromkeys(one.identity.dataset for one in cells)
    bare = [name for name in datasets if all(one.identity.model != FLOOR for one in cells
                                             if one.identity.dataset == name)]  # fmt: skip
    if bare:
        yield f"no real images as controls for {', '.join(bare)}: what raters give to a photograph stays unknown"
    if len({one.size for one in cells}) > 1:
        filter_ = "Lanczos" if spec.enlarging is Enlarging.LANCZOS else "nearest"
        yield (
            f"images of several sizes are brought to one ({filter_}): smaller ones look softer, which raters may take "
            "for the model's doing"
        )
