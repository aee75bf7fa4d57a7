"""Which score of the paper's Table 3 is the counterpart of a row."""

from sbgan_bench.paper import PaperValue, paper
from sbgan_bench.results import HUMAN_SCORE, ResultRow
from sbgan_bench.samples import LayoutSource

#: What images made elsewhere may be called, by registered name.
_ALSO = {"progan-reference": "progan", "sbgan": "sb-gan"}


def counterpart(row: ResultRow) -> PaperValue | None:
    """Return the paper's score for a row's dataset, model and recipe; None if the paper has no such cell.

    Images of which nobody says how they came about (no recipe) count as what the paper shows under that name.
    """
    printed = paper()
    if printed is None or row.variant or row.layout_source is LayoutSource.REAL:
        return None
    fits = (
        value for value in printed.values
        if value.metric == HUMAN_SCORE and value.dataset == row.dataset and row.recipe in ("", value.recipe)
        and row.model.lower() in _names(value)
    )  # fmt: skip
    return next(fits, None)


def source(value: PaperValue) -> str:
    """Say where a score stands in the paper, how it came about, and what the paper does not say of it."""
    printed = paper()
    title = "" if printed is None else f"{printed.title}, "
    number = value.table.replace("table-", "Table ")
    note = " ".join(value.protocol.note.split())
    return f"{title}{number}. {note} The paper does not say: {'; '.join(value.protocol.open)}."


def _names(value: PaperValue) -> set[str]:
    return {*value.models, *(_ALSO[model] for model in value.models if model in _ALSO)}
