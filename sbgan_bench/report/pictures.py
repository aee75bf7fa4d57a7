"""Pictures of a report: strips of sample tiles, and sheets, as PNG bytes."""

import io
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Tiles are enlarged by a whole factor until they are about this wide, and stand side by side up to a page's width.
_TILE_WIDTH, _STRIP_WIDTH = 128, 910
#: Pixels beyond which nothing is enlarged: a few bytes may say that they are a picture one pixel wide and very high.
LARGEST = 4_000_000
_GAP = 2
_FEWEST = 4


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture."""

    data: bytes
    suffix: str  #: "png" or "svg"
    width: int  #: CSS pixels
    height: int
    alt: str  #: what it shows, for those who cannot see it
    as_pdf: Callable[[], bytes] | None = None  #: draws the same for print; None for pictures of pixels


def file_name(figure: str, index: int, number: int, suffix: str) -> str:
    """Return the file name of strip ``index`` of a figure that has ``number`` of them."""
    place = f"-{index:02d}" if number > 1 else ""
    return f"{figure}{place}.{suffix}"


def enlargement(shape: Sequence[int], wanted: int) -> int:
    """Return how often to repeat each pixel of an ``(H, W, ...)`` picture: as wanted, if that makes not too many."""
    height, width = shape[:2]
    return max(1, min(wanted, math.isqrt(LARGEST // (height * width))))


def enlarge(picture: NDArray[np.uint8], times: int) -> NDArray[np.uint8]:
    """Repeat every pixel of an ``(H, W, 3)`` picture in both directions."""
    return picture.repeat(times, axis=0).repeat(times, axis=1)


def strip(tiles: Sequence[NDArray[np.uint8] | None], what: str) -> Picture | None:
    """Lay ``(H, W, 3)`` tiles side by side, small ones enlarged, as many as a page is wide.

    Args:
        tiles: None, or a tile of another size than the first, leaves its place empty.
        what: What the tiles show, for the alternative text.
    """
    shape = next((tile.shape for tile in tiles if tile is not None), None)
    if shape is None:
        return None
    height, width, _ = shape
    factor = enlargement(shape, round(_TILE_WIDTH / width))
    chosen = tiles[: max(_FEWEST, _STRIP_WIDTH // (width * factor + _GAP))]
    height, pitch = height * factor, width * factor + _GAP
    canvas = np.zeros((height, len(chosen) * pitch - _GAP, 4), np.uint8)  # transparent between the tiles
    for index, tile in enumerate(chosen):
        if tile is not None and tile.shape == shape:
            place = canvas[:, index * pitch : index * pitch + width * factor]
            place[..., :3] = enlarge(tile, factor)
            place[..., 3] = 255
    return png(canvas, f"{len(chosen)} {what}")


def png(picture: NDArray[np.uint8], alt: str, widest: int = 2080) -> Picture:
    """Encode an ``(H, W, 3 or 4)`` picture, reduced to at most ``widest`` pixels of width."""
    image = Image.fromarray(picture)
    if image.width > widest:
        image = image.resize((widest, max(1, round(image.height * widest / image.width))), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="PNG")
    return Picture(buffer.getvalue(), "png", image.width, image.height, alt)
