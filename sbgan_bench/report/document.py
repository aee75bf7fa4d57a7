"""A report as data: sections of tables and pictures, before any format is chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.tables import Table

#: The row of a header among ``PlainTable.marks``.
HEADER = -1


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A table of words, or of numbers that were written out: compute, provenance, human scores."""

    name: str
    title: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()  #: columns set flush right
    folded: bool = False  #: long: shown closed where the format can
    strong: frozenset[tuple[int, int]] = frozenset()  #: (row, column) of what stands in bold
    quiet: frozenset[int] = frozenset()  #: rows that are yardsticks, set apart from the others
    begins: frozenset[int] = frozenset()  #: rows that a new block begins with
    #: footnotes of (row, column); the row of the header is ``HEADER``
    marks: Mapping[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)
    footnotes: tuple[str, ...] = ()  #: footnote i is marked with ``letter(i)``


@dataclass(frozen=True, slots=True)
class Strip:
    """One line of a figure."""

    label: str
    detail: str
    picture: Picture


@dataclass(frozen=True, slots=True)
class Figure:
    """Strips of tiles under each other, or one chart: then it has a single strip without a label."""

    name: str
    title: str
    caption: str
    strips: tuple[Strip, ...]


Item: TypeAlias = Table | PlainTable | Figure


@dataclass(frozen=True, slots=True)
class Section:
    """A heading with what belongs under it."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Everything a page says."""

    title: str
    lead: tuple[str, ...]  #: paragraphs before the first section
    warnings: tuple[str, ...]  #: shown before everything else
    sections: tuple[Section, ...]
    answers: tuple[str, ...] = ()  #: sentences that say it all, before the first paragraph
    mark: str = ""  #: stands over every part of the page: what must not be taken for a result
