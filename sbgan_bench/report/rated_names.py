"""Printed names of what people rated: short, and never the same for two cells of one dataset."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from sbgan_bench.report.wording import count, settings_text, size_text, source_text
from sbgan_bench.results import FLOOR, ResultRow
from sbgan_bench.samples import LayoutSource

#: What the control of real images is called.
REAL_IMAGES = "Real images"

Label: TypeAlias = Callable[[ResultRow], str]
_Key: TypeAlias = tuple[str, ...]


def labels(rows: Iterable[ResultRow], title: Label) -> Mapping[_Key, str]:
    """Return the printed name of every row, by its cell.

    Args:
        rows: Human scores.
        title: Printed name of a row's model; recipe, variant, size, amount of data and seed are added only where two
            rows of one dataset would have the same name without them, and then on every dataset of the study.
    """
    made = {row.cell(): (row, REAL_IMAGES if row.model == FLOOR else title(row)) for row in rows}
    for detail in (_settings, _source, _size, _images, _seed):
        told = defaultdict(set)
        for row, name in made.values():
            told[row.protocol, row.dataset, name].add(detail(row))
        differ = {(protocol, name) for (protocol, _, name), details in told.items() if len(details) > 1}
        made = {
            key: (row, _joined(name, detail(row)) if (row.protocol, name) in differ else name)
            for key, (row, name) in made.items()
        }
    return {key: name for key, (_, name) in made.items()}


def _joined(name: str, detail: str) -> str:
    return f"{name}, {detail}" if detail else name


def _settings(row: ResultRow) -> str:
    return settings_text(row.recipe, row.variant)


def _source(row: ResultRow) -> str:
    return "" if row.layout_source is LayoutSource.NONE else source_text(row.layout_source)


def _size(row: ResultRow) -> str:
    return size_text(row.resolution)


def _images(row: ResultRow) -> str:
    return "" if row.training_images is None else f"{count(row.training_images)} training images"


def _seed(row: ResultRow) -> str:
    return "" if row.training_seed is None else f"seed {row.training_seed}"
