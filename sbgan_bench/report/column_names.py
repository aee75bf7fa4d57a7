"""Names of columns: protocol and metric, and whatever else tells one from the others."""

from collections import defaultdict
from collections.abc import Sequence

from sbgan_bench.report.columns import Column

#: Said of every column where it differs; of the others, in this order, no more than is needed to tell columns apart.
_PLACE = ("dataset", "resolution")
_OTHERS = ("training_images", "source", "selection", "split", "N", "reals", "fingerprint", "protocol")


def column_names(columns: Sequence[Column]) -> list[str]:
    """Name columns of one table, or of several: "scene Fréchet distance, 400 training images".

    Columns of one name show the same numbers.
    """
    names = [f"{_protocol(column)} {column.header[-1].rstrip(' ↓↑')}".strip() for column in columns]
    for fact in (*_PLACE, *_OTHERS):
        texts = [column.facts.get(fact, "") for column in columns]
        names = _told_apart(names, texts, everywhere=fact in _PLACE)
    return names


def _protocol(column: Column) -> str:
    """Return the name of a protocol without the digits of its weights."""
    return column.facts.get("protocol", "").partition(" ")[0].rstrip(",")


def _told_apart(names: Sequence[str], texts: Sequence[str], *, everywhere: bool) -> list[str]:
    """Add a fact to the names of columns that differ in it: to all of them, or where they have one name so far."""
    differing = defaultdict(set)
    for name, text in zip(names, texts, strict=True):
        differing["" if everywhere else name].add(text)
    return [
        f"{name}, {text}" if text and len(differing["" if everywhere else name]) > 1 else name
        for name, text in zip(names, texts, strict=True)
    ]
