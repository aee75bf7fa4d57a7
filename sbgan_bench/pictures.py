"""Pictures for people: coloured layouts, contact sheets, PNG files."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from sbgan_bench.storage import atomic_file

Palette: TypeAlias = Sequence[tuple[int, int, int]]


def colour_layouts(layouts: NDArray[np.integer], palette: Palette) -> NDArray[np.uint8]:
    """Turn ``(N, H, W)`` class ids into ``(N, 3, H, W)`` RGB by the palette; ids beyond it become black."""
    table = np.zeros((256, 3), np.uint8)
    table[: len(palette)] = np.asarray(palette, np.uint8)
    return np.ascontiguousarray(table[np.asarray(layouts, np.uint8)].transpose(0, 3, 1, 2))


def enlarge(images: NDArray[np.uint8], factor: int) -> NDArray[np.uint8]:
    """Repeat every pixel of ``(N, 3, H, W)`` images ``factor`` times in both directions."""
    return images.repeat(factor, axis=2).repeat(factor, axis=3)


def sheet(rows: Sequence[NDArray[np.uint8]], gap: int = 2) -> NDArray[np.uint8]:
    """Lay out rows of equally sized ``(N, 3, H, W)`` images on white, as one ``(H', W', 3)`` picture."""
    height, width = rows[0].shape[2:]
    columns = max(len(row) for row in rows)
    canvas = np.full((len(rows) * (height + gap) - gap, columns * (width + gap) - gap, 3), 255, np.uint8)
    for i, row in enumerate(rows):
        for j, image in enumerate(row):
            top, left = i * (height + gap), j * (width + gap)
            canvas[top : top + height, left : left + width] = image.transpose(1, 2, 0)
    return canvas


def write_png(path: Path, picture: NDArray[np.uint8]) -> None:
    """Write an ``(H, W, 3)`` picture as PNG, atomically."""
    with atomic_file(path) as temporary:
        Image.fromarray(picture).save(temporary, format="PNG", optimize=True)
