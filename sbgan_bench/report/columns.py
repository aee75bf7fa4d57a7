"""Columns of a table: groups of rows that can be compared, and what their headers say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sbgan_bench.places import size_of
from sbgan_bench.questions import GAP, is_standard
from sbgan_bench.report.cells import Footnotes
from sbgan_bench.report.wording import count, protocol_text, score_text, size_text, source_text
from sbgan_bench.results import SMALL_SAMPLE, Reals, ResultRow
from sbgan_bench.samples import LayoutSource

#: What a standard row need not say: the floor has no checkpoint, an untrained generator saw no images.
_OPEN = frozenset({"selection", "training_images", "layout_source"})
_UNSET = ("", None, LayoutSource.NONE)
ARROWS = {"lower": "↓", "higher": "↑"}


@dataclass(frozen=True, slots=True)
class Column:
    """What the numbers of one column have in common."""

    header: tuple[str, ...]  #: lines; the last one is the metric
    better: str  #: "lower" or "higher"
    notes: tuple[int, ...] = ()  #: indices of footnotes
    facts: Mapping[str, str] = field(default_factory=dict)  #: what its rows share, those facts that all columns do too

    @property
    def text(self) -> str:
        """The header on one line."""
        return ", ".join(self.header)


def arrange_columns(
    trained: Sequence[ResultRow], standard: Sequence[ResultRow], column_by: Sequence[str]
) -> list[list[ResultRow]]:
    """Group rows into columns.

    Rows of trained models with a value make the columns; those of models that were loaded, and do not know how many
    images they have seen, join the columns they fit; and the standard rows join those they belong to. Only where
    every trained model was skipped or failed do the standard rows make the columns. Skipped and failed rows lack some
    facts: they join every column they do not contradict, or make one of their own. No trained model, no table.
    """
    groups: dict[tuple[object, ...], list[ResultRow]] = {}
    measured = [row for row in trained if row.value is not None]
    for row in (row for row in measured if not _is_loaded(row)):
        groups.setdefault(_key(row, column_by), []).append(row)
    for row in filter(_is_loaded, measured):
        _join(groups, row, column_by, may_open=True)
    may_open = bool(trained) and not groups
    for row in (row for row in standard if row.value is not None):
        _join(groups, row, column_by, may_open=may_open)
    for row in (row for row in (*trained, *standard) if row.value is None):
        _join(groups, row, column_by, may_open=bool(trained))
    return sorted(groups.values(), key=_place)


def _is_loaded(row: ResultRow) -> bool:
    return row.training_images is None and not row.selection


def _join(
    groups: dict[tuple[object, ...], list[ResultRow]], row: ResultRow, column_by: Sequence[str], *, may_open: bool
) -> None:
    key = _key(row, column_by)
    homes = [group for other, group in groups.items() if _fits(row, key, other, column_by)]
    for group in homes:
        group.append(row)
    if not homes and may_open:
        groups[key] = [row]


def _key(row: ResultRow, column_by: Sequence[str]) -> tuple[object, ...]:
    # The gap is a difference of two layout sources and stands beside both.
    is_gap = row.metric.startswith(GAP)
    return tuple(None if is_gap and name == "layout_source" else getattr(row, name) for name in column_by)


def _fits(row: ResultRow, key: tuple[object, ...], other: tuple[object, ...], column_by: Sequence[str]) -> bool:
    return all(
        mine == theirs
        or (name in _OPEN and (theirs in _UNSET or ((is_standard(row) or _is_loaded(row)) and mine in _UNSET)))
        or (row.value is None and mine in ("", 0, None))
        for name, mine, theirs in zip(column_by, key, other, strict=True)
    )


def _place(group: Sequence[ResultRow]) -> tuple[object, ...]:
    row = group[0]
    size = size_of(row.resolution) or (0, 0)
    sources = list(LayoutSource)[::-1]  # generated before real, as in Table 1 before Table 2
    return (
        row.dataset, size, row.split, row.training_images or 0, row.protocol, row.weights_hash,
        row.metric.startswith(GAP), row.metric != "frechet-distance", row.metric,
        sources.index(row.layout_source), row.num_real, row.num_generated, row.selection, row.fingerprint,
    )  # fmt: skip


def column_facts(
    groups: Sequence[Sequence[ResultRow]],
    column_by: Sequence[str],
    footnotes: Footnotes,
    cautions: Mapping[str, str],
) -> tuple[tuple[str, ...], tuple[Column, ...]]:
    """Return the facts that all columns share, and one column per group headed by the others."""
    facts = [_facts(group[0], column_by) for group in groups]
    common = [name for name in (facts[0] if facts else ()) if len({fact[name] for fact in facts}) == 1]
    columns = [
        Column(
            header=(*(text for name, text in fact.items() if text and name not in common), _score_text(group[0])),
            better=group[0].better,
            notes=_notes(group, footnotes, cautions),
            facts=fact,
        )
        for fact, group in zip(facts, groups, strict=True)
    ]
    return tuple(facts[0][name] for name in common if facts[0][name]), tuple(columns)


def _facts(row: ResultRow, column_by: Sequence[str]) -> dict[str, str]:
    """Say what a column is about, fact by fact; protocol and metric are always in its header."""
    counts = (
        f"N = {count(row.num_real)}" if row.num_real == row.num_generated
        else f"{count(row.num_real)} real, {count(row.num_generated)} generated"
    )  # fmt: skip
    by_size = "training_images" in column_by and row.training_images is not None
    by_source = "layout_source" in column_by and not row.metric.startswith(GAP)
    return {
        "dataset": row.dataset,
        "fingerprint": f"data {row.fingerprint[:8]}" if row.fingerprint else "",
        "resolution": size_text(row.resolution),
        "split": f"split “{row.split}”" if row.split else "",
        "training_images": f"{count(row.training_images)} training images" if by_size else "",
        "N": counts if row.num_real else "",
        "reals": "the same reals in every trial" if row.reals is Reals.WHOLE else "",
        "selection": f"checkpoint: {row.selection}" if row.selection else "",
        "source": source_text(row.layout_source) if by_source else "",
        "protocol": protocol_text(row),
    }


def _score_text(row: ResultRow) -> str:
    arrow = "" if row.metric.startswith(GAP) else f" {ARROWS.get(row.better, '')}"
    return f"{score_text(row)}{arrow}"


def _notes(group: Sequence[ResultRow], footnotes: Footnotes, cautions: Mapping[str, str]) -> tuple[int, ...]:
    notes = []
    small = next((row for row in group if any(note.startswith(SMALL_SAMPLE) for note in row.notes)), None)
    if small is not None:
        notes.append(
            f"N = {count(min(small.num_real, small.num_generated))} is not above the {count(small.dim)} feature "
            "dimensions: part of every value is bias of the small sample, so read it against the floor."
        )
    caution = cautions.get(group[0].dataset)
    if caution:
        notes.append(f"{group[0].dataset}: {caution}")
    return footnotes.marks(notes)
