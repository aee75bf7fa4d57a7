"""Label maps as PNG files of class ids with a palette to look at them, which say what they were made from."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from sbgan_bench.pictures import Palette
from sbgan_bench.storage import atomic_file

_IMAGE, _METHOD = "annotated image sha256", "annotation method sha256"


@dataclass(frozen=True, slots=True)
class Origin:
    """What a label map follows from; two with equal origins are equal."""

    image: str  #: sha256 of the image file
    method: str  #: sha256 of weights and scales


def write_label_map(path: Path, ids: NDArray[np.uint8], palette: Palette, origin: Origin | None = None) -> None:
    """Write class ids ``(H, W)`` as a palette PNG, atomically.

    Raises:
        CannotWriteError: The folder is read-only or the disk is full.
    """
    picture = Image.fromarray(ids)
    picture.putpalette(_flat(palette))
    notes = PngInfo()
    if origin is not None:
        notes.add_text(_IMAGE, origin.image)
        notes.add_text(_METHOD, origin.method)
    with atomic_file(path) as temporary:
        picture.save(temporary, format="PNG", pnginfo=notes, bits=8)


def read_origin(path: Path) -> Origin | None:
    """Return what a label map says it was made from; None if there is no sound file, or it does not say."""
    try:
        with Image.open(path) as picture:
            picture.load()
            return Origin(str(picture.info[_IMAGE]), str(picture.info[_METHOD]))
    except (OSError, SyntaxError, ValueError, KeyError):
        return None


def _flat(palette: Sequence[tuple[int, int, int]]) -> list[int]:
    """Return 256 colours end to end; ids beyond the classes are black."""
    colours = [channel for colour in palette for channel in colour]
    return colours + [0] * (768 - len(colours))
