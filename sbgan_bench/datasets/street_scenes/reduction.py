"""From the painted size to the picture's: averaged colours, elected classes, no lonely pixels."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.datasets.street_scenes.shading import Shaded

Number = TypeVar("Number", np.uint8, np.float32)

#: Scenes are painted this many times larger in both directions, then reduced.
OVERSAMPLING = 2

_AROUND = [(row, column) for row in (0, 1, 2) for column in (0, 1, 2) if (row, column) != (1, 1)]


def reduce(shaded: Shaded) -> Shaded:
    """Reduce a scene by ``OVERSAMPLING``.

    A colour is the mean of the pixel's parts. A class is the commonest of the parts, of equally common ones the
    nearest. A pixel whose class occurs at none of its eight neighbours is a speck: it takes over class and colour
    of the adjacent pixel that is nearest to it in depth.
    """
    parts, depths = np.stack(_parts(shaded.labels)), np.stack(_parts(shaded.depth))
    votes = (parts[:, None] == parts[None]).sum(axis=0)
    best = np.argmax(votes * np.float32(4096) - depths, axis=0)[None]
    a, b, c, d = _parts(shaded.colour)
    scene = Shaded(
        labels=np.ascontiguousarray(np.take_along_axis(parts, best, axis=0)[0]),
        depth=np.ascontiguousarray(np.take_along_axis(depths, best, axis=0)[0]),
        colour=(a + b + c + d) * np.float32(1 / OVERSAMPLING**2),
    )
    _absorb_specks(scene)
    return scene


def _parts(field: NDArray[Number]) -> list[NDArray[Number]]:
    """Return the fields of each pixel's first, second, … part."""
    return [field[..., i::OVERSAMPLING, j::OVERSAMPLING] for i in range(OVERSAMPLING) for j in range(OVERSAMPLING)]


def _absorb_specks(scene: Shaded) -> None:
    """Give lonely pixels to a neighbour, in place."""
    rows, columns = scene.labels.shape
    padded = np.pad(scene.labels, 1, constant_values=255)
    lonely = np.ones((rows, columns), bool)
    for row, column in _AROUND:
        lonely &= padded[row : row + rows, column : column + columns] != scene.labels
    places = np.nonzero(lonely)
    neighbours = [
        (np.clip(places[0] + down, 0, rows - 1), np.clip(places[1] + right, 0, columns - 1))
        for down, right in ((0, -1), (0, 1), (-1, 0), (1, 0))
    ]
    steps = [np.abs(scene.depth[place] - scene.depth[places]) for place in neighbours]
    apart = [step + np.float32(1e6) * lonely[place] for step, place in zip(steps, neighbours, strict=True)]
    nearest = np.argmin(np.stack(apart), axis=0)
    source = tuple(np.choose(nearest, [place[axis] for place in neighbours]) for axis in (0, 1))
    scene.labels[places] = scene.labels[source]
    for channel in scene.colour:
        channel[places] = channel[source]
