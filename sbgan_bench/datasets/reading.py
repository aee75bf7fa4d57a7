"""Reading image and label files, strictly: what is not understood is refused with the reason.

Images become ``(H, W, 3)`` RGB. Grey images are repeated into three channels (``data check`` lists them); an alpha
channel is refused, since what should be behind it is unknown; so are more than 8 bits, other colour spaces, and files
of several pictures.
Label maps are single-channel or palette files of a lossless format whose stored value is the class id.
"""

import io
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sbgan_bench.datasets.png import decode_plain
from sbgan_bench.datasets.raster import FileFaultError as FileFaultError
from sbgan_bench.datasets.raster import Raster as Raster

#: File names that are looked at, in lower case; anything else in a folder of images is reported.
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")

#: What a whole file of a format ends with, unless somebody appended to it.
_LAST_BYTES = {"PNG": b"\0\0\0\0IEND\xaeB`\x82", "JPEG": b"\xff\xd9"}
#: JPEG files whose further pictures are previews, depths or the other eye's; the first is the photograph.
_PHOTOGRAPH_FIRST = ("MPO",)
#: What decoders raise when bytes are not what they should be.
_DAMAGE = (OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, ArithmeticError, struct.error)


def load(path: Path) -> Raster:
    """Decode a whole file.

    Raises:
        FileFaultError: The file is missing, truncated or not an image.
    """
    return _opened(path, path, decode=lambda image: True)


def glance(path: Path) -> Raster:
    """Read the header of a file; only one that does not end as its format does is decoded, to see whether it is whole.

    Raises:
        FileFaultError: The file is missing, truncated or not an image.
    """
    return _opened(path, path, decode=lambda image: not _ends_well(path, str(image.format)))


def peek(stream: BinaryIO, where: Path | str) -> Raster:
    """Read the header of an open file, and no more of it than that.

    Args:
        stream: The file, at its beginning.
        where: What it is called in errors.

    Raises:
        FileFaultError: The file is not an image, or its header is damaged.
    """
    return _opened(stream, where, decode=lambda image: False)


def _ends_well(path: Path, kind: str) -> bool:
    """Whether the last bytes of a file are those that end its format; False where that cannot be said."""
    if kind not in _LAST_BYTES:
        return False
    with path.open("rb") as stream:
        stream.seek(-len(_LAST_BYTES[kind]), os.SEEK_END)
        return stream.read() == _LAST_BYTES[kind]


def _opened(source: Path | BinaryIO, path: Path | str, decode: Callable[[Image.Image], bool]) -> Raster:
    try:
        with Image.open(source) as image:
            storage = str(image.tile[0][3]) if image.tile else image.mode
            pictures = 1 if image.format in _PHOTOGRAPH_FIRST else int(getattr(image, "n_frames", 1))
            if decoded := decode(image):
                image.load()
            return Raster(path, image, storage, decoded, pictures)
    except FileNotFoundError as error:
        raise FileFaultError(path, "is missing; restore it or remove its partner") from error
    except UnidentifiedImageError as error:
        raise FileFaultError(path, "is not an image that can be read; replace it") from error
    except (*_DAMAGE, MemoryError, Image.DecompressionBombError) as error:
        raise FileFaultError(path, f"is truncated or damaged ({error}); replace it") from error


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read an image as ``(H, W, 3)`` RGB; see :meth:`Raster.to_rgb` for what is refused."""
    return decode_image(_content(path), path)


def read_layout(path: Path) -> NDArray[np.uint8]:
    """Read a label map as ``(H, W)`` stored ids; see :meth:`Raster.to_ids` for what is refused."""
    return decode_layout(_content(path), path)


def decode_image(content: bytes, where: Path | str) -> NDArray[np.uint8]:
    """Decode a whole image file as ``(H, W, 3)`` RGB; ``where`` is what errors call it."""
    plain = decode_plain(content, channels=3)
    return _decoded(content, where).to_rgb() if plain is None else plain


def decode_layout(content: bytes, where: Path | str) -> NDArray[np.uint8]:
    """Decode a whole label map as ``(H, W)`` stored ids; ``where`` is what errors call it."""
    plain = decode_plain(content, channels=1)
    return _decoded(content, where).to_ids() if plain is None else plain


def _decoded(content: bytes, where: Path | str) -> Raster:
    return _opened(io.BytesIO(content), where, decode=lambda image: True)


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise FileFaultError(path, "is missing; restore it or remove its partner") from error
    except OSError as error:
        raise FileFaultError(path, f"cannot be read ({error.strerror}); replace it") from error


@dataclass(frozen=True, slots=True)
class LabelIds:
    """Which stored ids are allowed, and what they become."""

    classes: int  #: ids 0 to classes - 1 are kept
    ignore_id: int | None = None  #: this id becomes ``classes``, the extra class of unlabelled pixels
    remedy: str = "correct the label map"  #: ends the error message

    def apply(self, stored: NDArray[np.uint8], where: Path | str) -> NDArray[np.uint8]:
        """Return the class ids of a label map of stored ids.

        Raises:
            FileFaultError: Some ids are not allowed (each named with its number of pixels).
        """
        if stored.size == 0 or int(stored.max()) < self.classes:  # counting all pixels costs as much as decoding them
            return stored
        counts = np.bincount(stored.ravel(), minlength=256)
        strange = [int(i) for i in np.flatnonzero(counts) if i >= self.classes and i != self.ignore_id]
        if strange:
            listed = ", ".join(f"{i} ({counts[i]} pixels)" for i in strange[:5])
            more = f" and {len(strange) - 5} more" if len(strange) > 5 else ""
            allowed = f"0 to {self.classes - 1}" + ("" if self.ignore_id is None else f" and {self.ignore_id}")
            plural = "s" if len(strange) > 1 else ""
            raise FileFaultError(
                where, f"label id{plural} {listed}{more} outside the classes; allowed: {allowed}; {self.remedy}"
            )
        if self.ignore_id is None:
            return stored
        return np.where(stored == self.ignore_id, np.uint8(self.classes), stored)
