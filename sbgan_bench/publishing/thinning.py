"""Small copies: pictures without metadata, the upper rows of previews, training curves with fewer points."""

import io
import json
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Logged steps kept of a training run; events are all kept.
_MOST_STEPS = 150
#: White pixels between the tiles of a preview, and the rows of tiles that are kept of it.
_GAP, _ROWS = 2, 2
_PNG = b"\x89PNG\r\n\x1a\n"
#: Chunks of a PNG file that hold the picture and nothing else.
_PICTURE_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})


def encoded(picture: NDArray[np.uint8]) -> bytes:
    """Encode an ``(H, W, 3)`` picture as PNG, with nothing beside its pixels."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()


def top_of_preview(picture: NDArray[np.uint8], tile_height: int) -> NDArray[np.uint8]:
    """Return the first rows of tiles of a preview."""
    return picture[: _ROWS * (tile_height + _GAP) - _GAP]


def evenly(number: int, most: int) -> list[int]:
    """Return at most ``most`` indices of ``number`` things, evenly chosen, the last one included."""
    step = max(1, math.ceil(number / most))
    return list(range(number))[::-1][::step][::-1]


class Thinned(NamedTuple):
    """A ``stats.jsonl`` small enough to be published."""

    text: str
    fewer: bool  #: whether steps were left out


def thinned_stats(text: str) -> Thinned:
    """Return a ``stats.jsonl`` with few steps; lines that are no JSON objects are left out."""
    entries = [entry for entry in map(_entry, text.splitlines()) if entry]
    steps = [index for index, entry in enumerate(entries) if "event" not in entry]
    kept = {steps[place] for place in evenly(len(steps), _MOST_STEPS)}
    lines = [entry for index, entry in enumerate(entries) if "event" in entry or index in kept]
    thin = "".join(json.dumps(entry, allow_nan=False) + "\n" for entry in lines)
    return Thinned(thin, len(kept) < len(steps))


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _finite(text: str) -> float | None:
    value = float(text)
    return value if math.isfinite(value) else None


def foreign_chunks(data: bytes) -> list[str]:
    """Return the names of a PNG file's chunks that hold anything but the picture; ["no PNG"] if it is none."""
    if not data.startswith(_PNG):
        return ["no PNG"]
    place, names = len(_PNG), []
    while place + 8 <= len(data):
        length, name = int.from_bytes(data[place : place + 4]), data[place + 4 : place + 8]
        if name not in _PICTURE_CHUNKS:
            names.append(name.decode("latin-1"))
        place += length + 12
    return names
