"""One picture that shows a dataset: images above their coloured layouts, and what the colours mean."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from sbgan_bench.dataset import DatasetInfo, PairTable, resolution_text
from sbgan_bench.pictures import colour_layouts, enlarge, sheet

_WIDTH = 1060  #: of the whole picture, where tiles are not wider themselves
_TILE = 256  #: small images are enlarged by a whole factor to about this width
_GAP = 4  #: between an image and its layout, and between columns
_MARGIN = 10  #: around everything and between rows
_LINE = 24  #: height of a line of text
_SWATCH = 16
_TEXT = (40, 40, 40)


def contact_sheet(table: PairTable, count: int) -> NDArray[np.uint8]:
    """Draw pairs, evenly spaced over the table, with a legend of class names and colours.

    Args:
        table: The pairs.
        count: How many to draw, at least 1; all of them if the table has fewer.

    Returns:
        A picture ``(H, W, 3)``, RGB.
    """
    rows = [_row(table, indices) for indices in _rows_of_indices(table, count)]
    font = ImageFont.load_default(size=15)
    width = max(_WIDTH, rows[0].shape[1] + 2 * _MARGIN)
    legend = list(_legend_lines(table.info, font, width))
    height = 2 * _MARGIN + _LINE * (1 + len(legend)) + sum(row.shape[0] + _MARGIN for row in rows)
    canvas = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(canvas)
    shown = min(count, len(table))
    title = (
        f"{table.info.name}, split {table.split.name}: {shown} of {len(table)} pairs "
        f"at {resolution_text(table.resolution)} (height x width)"
    )
    top = _MARGIN
    draw.text((_MARGIN, top), title, _TEXT, font)
    top += _LINE
    for row in rows:
        canvas.paste(Image.fromarray(row), (_MARGIN, top))
        top += row.shape[0] + _MARGIN
    for line in legend:
        for left, name, colour in line:
            draw.rectangle((left, top + 1, left + _SWATCH, top + 1 + _SWATCH), colour, _TEXT)
            draw.text((left + _SWATCH + 6, top), name, _TEXT, font)
        top += _LINE
    return np.asarray(canvas)


def _rows_of_indices(table: PairTable, count: int) -> list[NDArray[np.intp]]:
    tile = table.resolution[1] * _factor(table)
    columns = max(1, (_WIDTH - 2 * _MARGIN + _GAP) // (tile + _GAP))
    chosen = np.linspace(0, len(table) - 1, min(count, len(table))).round().astype(np.intp)
    return [chosen[start : start + columns] for start in range(0, len(chosen), columns)]


def _row(table: PairTable, indices: NDArray[np.intp]) -> NDArray[np.uint8]:
    factor = _factor(table)
    images = enlarge(table.images[indices], factor)
    layouts = enlarge(colour_layouts(table.layouts[indices], table.info.palette), factor)
    return sheet([images, layouts], _GAP)


def _factor(table: PairTable) -> int:
    return max(1, round(_TILE / table.resolution[1]))


def _legend_lines(
    info: DatasetInfo, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int
) -> Iterator[Sequence[tuple[int, str, tuple[int, int, int]]]]:
    """Yield lines of (left edge, class name, colour), broken at ``width``."""
    line: list[tuple[int, str, tuple[int, int, int]]] = []
    left = _MARGIN
    for name, colour in zip(info.class_names, info.palette, strict=True):
        step = _SWATCH + 6 + int(font.getlength(name)) + 18
        if line and left + step > width:
            yield line
            line, left = [], _MARGIN
        line.append((left, name, colour))
        left += step
    yield line
