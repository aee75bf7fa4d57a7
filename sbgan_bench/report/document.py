"""A report as data: sections of tables and pictures, before any format is chosen."""

from dataclasses import dataclass
from typing import TypeAlias

from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.tables import Table


@dataclass(frozen=True, slots=True)
class PlainTable:
    """A table of words: compute, provenance, jobs."""

    name: str
    title: str
    caption: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()  #: columns set flush right
    folded: bool = False  #: long: shown closed where the format can


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
