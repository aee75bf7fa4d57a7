"""Which images of each cell are rated, and which are left for practice: by lot, each cell by a lot of its own."""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.freezing.cell_images import AbstractCellImages
from sbgan_bench.rating.study import StudySpec


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is shown of one cell."""

    images: AbstractCellImages
    members: tuple[int, ...]  #: rated, in order
    practice: tuple[int, ...]  #: of those that are not


def choose(spec: StudySpec, cells: Sequence[AbstractCellImages]) -> tuple[Chosen, ...]:
    """Draw the images of every cell.

    A cell's lot depends on the seed, its name and how many images there are: other cells may come and go. Of a model
    without end the first scenes are taken, which are a lot already.

    Raises:
        ConfigError: A cell has too few images, or there are too few for practice.
    """
    lots = [_lot(spec, index, images) for index, images in enumerate(cells)]
    practice = _practice(spec, cells, [spare for _, spare in lots])
    return tuple(
        Chosen(images, members, drawn) for images, (members, _), drawn in zip(cells, lots, practice, strict=True)
    )


def keyed(seed: int, purpose: str) -> np.random.Generator:
    """Return random numbers for one purpose."""
    return np.random.default_rng([zlib.crc32(purpose.encode()), seed])


def _lot(spec: StudySpec, index: int, images: AbstractCellImages) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the members that are rated, and some that are left."""
    count = spec.cells[index].count or spec.images_per_cell
    wanted = 0 if spec.practice else spec.practice_images
    if images.available is None:
        return tuple(range(count)), tuple(range(count, count + wanted))
    if images.available < count:
        key = "count" if spec.cells[index].count else "images_per_cell"
        raise ConfigError(
            f"{images.name}: {key} = {count}, but {images.place} has {images.available} images; add some, or set "
            f"count = {images.available} for this cell."
        )
    order = [int(member) for member in keyed(spec.seed, f"images of {images.name}").permutation(images.available)]
    return tuple(sorted(order[:count])), tuple(order[count : count + wanted])


def _practice(
    spec: StudySpec, cells: Sequence[AbstractCellImages], spares: Sequence[tuple[int, ...]]
) -> list[tuple[int, ...]]:
    """Deal the practice images out over cells that have images left, in an order drawn by lot."""
    wanted = 0 if spec.practice else spec.practice_images
    left = sum(map(len, spares))
    if left < wanted:
        raise ConfigError(
            f"practice_images = {wanted}, but the cells leave {left} images unused; rate fewer images per cell, name "
            "images by practice, or lower practice_images."
        )
    taken = [0] * len(cells)
    order = [int(index) for index in keyed(spec.seed, "practice").permutation(len(cells))]
    while sum(taken) < wanted:
        for index in order:
            if sum(taken) < wanted and taken[index] < len(spares[index]):
                taken[index] += 1
    return [tuple(sorted(spare[:count])) for spare, count in zip(spares, taken, strict=True)]
