"""PNG files that say nothing but their pixels."""

import io
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Date of every image file, seconds since 1970: 2 January 1980, the first that zip archives know in every time zone.
DATE = 315_619_200
_COMPRESSION = 6


def encoded(picture: NDArray[np.uint8]) -> bytes:
    """Encode ``(H, W, 3)`` RGB: header, pixels, end; the same settings whatever the picture."""
    stream = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(picture)).save(stream, format="PNG", compress_level=_COMPRESSION)
    return stream.getvalue()


def write_dateless(path: Path, content: bytes) -> None:
    """Write a file under the one date that all have."""
    path.write_bytes(content)
    os.utime(path, (DATE, DATE))
