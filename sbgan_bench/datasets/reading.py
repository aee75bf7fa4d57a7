"""Reading image and label files, strictly: what is not understood is refused with the reason.

Images become ``(H, W, 3)`` RGB. Grey images are repeated into three channels (``data check`` lists them); an alpha
channel is refused, since what should be behind it is unknown; so are more than 8 bits and other colour spaces.
Label maps are single-channel or palette files of a lossless format whose stored value is the class id.
"""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from sbgan_bench.datasets.png import decode_plain
from sbgan_bench.errors import DataError

#: File names that are looked at, in lower case; anything else in a folder of images is reported.
IMAGE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")

#: Formats that change pixel values when saving, which turns class ids along borders into others.
_LOSSY_FORMATS = ("JPEG", "MPO", "JPEG2000", "WEBP", "AVIF")
#: The same, inside a TIFF file.
_LOSSY_COMPRESSIONS = ("jpeg", "tiff_jpeg", "webp")

_SIXTEEN_BITS = re.compile(r"\b(RGB|RGBA|L|LA|I);16")
#: What a whole file of a format ends with, unless somebody appended to it.
_LAST_BYTES = {"PNG": b"\0\0\0\0IEND\xaeB`\x82", "JPEG": b"\xff\xd9"}
#: Grey files of 2 and 4 bits are stretched to 0-255 when decoded; dividing restores the stored ids.
_STRETCHED = {"L;2": 85, "L;4": 17}


class FileFaultError(DataError):
    """A file that cannot be used; ``reason`` is the message without the path."""

    def __init__(self, path: Path | str, reason: str):
        super().__init__(f"{path}: {reason}")
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Raster:
    """A decoded file, before deciding whether it is an image or a label map."""

    path: Path
    image: Image.Image
    storage: str  #: how the file stores a pixel, in the decoder's words ("RGB", "L;4", "RGB;16B")
    decoded: bool = True  #: False if only the header was read

    @property
    def lossy(self) -> str:
        """Name of the format that may have changed pixel values, "" if stored values are what was saved."""
        if self.image.format in _LOSSY_FORMATS:
            return str(self.image.format)
        compression = str(self.image.info.get("compression", ""))
        return f"{self.image.format} with {compression} compression" if compression in _LOSSY_COMPRESSIONS else ""

    @property
    def is_grey(self) -> bool:
        """Whether the file has a single channel of brightness."""
        return self.image.mode in ("1", "L")

    @property
    def has_alpha(self) -> bool:
        """Whether the file stores transparency."""
        return self.image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in self.image.info

    @property
    def is_deep(self) -> bool:
        """Whether the file has more than 8 bits per channel."""
        return self.image.mode.startswith(("I", "F")) or _SIXTEEN_BITS.search(self.storage) is not None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) in pixels."""
        return self.image.height, self.image.width

    def check_rgb(self) -> None:
        """Look at what the header says of an image.

        Raises:
            FileFaultError: More than 8 bits per channel, an alpha channel, or a colour space other than RGB and grey.
        """
        if self.is_deep:
            raise FileFaultError(self.path, f"has more than 8 bits per channel ({self.storage}); save it as 8-bit RGB")
        if self.has_alpha:
            raise FileFaultError(
                self.path, f"has transparency (mode {self.image.mode}); flatten it on a background and save it as RGB"
            )
        if self.image.mode not in ("RGB", "P", "L", "1"):
            raise FileFaultError(self.path, f"is in colour mode {self.image.mode}; save it as 8-bit RGB")

    def to_rgb(self) -> NDArray[np.uint8]:
        """Return ``(H, W, 3)`` RGB; see :meth:`check_rgb` for what is refused."""
        self.check_rgb()
        return np.asarray(self.image.convert("RGB"))

    def check_ids(self) -> None:
        """Look at what the header says of a label map.

        Raises:
            FileFaultError: A lossy format, more than one channel, or more than 8 bits.
        """
        if self.lossy:
            raise FileFaultError(
                self.path,
                f"is {self.lossy}, which changes values along borders and so makes up class ids; "
                "save label maps in a lossless format such as PNG, from the originals",
            )
        if self.is_deep:
            raise FileFaultError(self.path, f"has more than 8 bits ({self.storage}); save class ids as an 8-bit file")
        if self.image.mode not in ("L", "P", "1"):
            raise FileFaultError(
                self.path,
                f"has colour mode {self.image.mode}, but a label map holds one class id per pixel; "
                "turn its colours into ids and save a single channel",
            )

    def to_ids(self) -> NDArray[np.uint8]:
        """Return the stored values, ``(H, W)``; see :meth:`check_ids` for what is refused."""
        self.check_ids()
        return np.asarray(self.image).astype(np.uint8) // np.uint8(_STRETCHED.get(self.storage, 1))


def load(path: Path) -> Raster:
    """Decode a whole file.

    Raises:
        FileFaultError: The file is missing, truncated or not an image.
    """
    return _opened(path, decode=lambda image: True)


def glance(path: Path) -> Raster:
    """Read the header of a file; only one that does not end as its format does is decoded, to see whether it is whole.

    Raises:
        FileFaultError: The file is missing, truncated or not an image.
    """
    return _opened(path, decode=lambda image: not _ends_well(path, str(image.format)))


def _ends_well(path: Path, kind: str) -> bool:
    """Whether the last bytes of a file are those that end its format; False where that cannot be said."""
    if kind not in _LAST_BYTES:
        return False
    with path.open("rb") as stream:
        stream.seek(-len(_LAST_BYTES[kind]), os.SEEK_END)
        return stream.read() == _LAST_BYTES[kind]


def _opened(path: Path, decode: Callable[[Image.Image], bool]) -> Raster:
    try:
        with Image.open(path) as image:
            storage = str(image.tile[0][3]) if image.tile else image.mode
            if decoded := decode(image):
                image.load()
            return Raster(path, image, storage, decoded)
    except FileNotFoundError as error:
        raise FileFaultError(path, "is missing; restore it or remove its partner") from error
    except UnidentifiedImageError as error:
        raise FileFaultError(path, "is not an image that can be read; replace it") from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, Image.DecompressionBombError) as error:
        raise FileFaultError(path, f"is truncated or damaged ({error}); replace it") from error


def read_image(path: Path) -> NDArray[np.uint8]:
    """Read an image as ``(H, W, 3)`` RGB; see :meth:`Raster.to_rgb` for what is refused."""
    plain = _read_plain(path, channels=3)
    return load(path).to_rgb() if plain is None else plain


def read_layout(path: Path) -> NDArray[np.uint8]:
    """Read a label map as ``(H, W)`` stored ids; see :meth:`Raster.to_ids` for what is refused."""
    plain = _read_plain(path, channels=1)
    return load(path).to_ids() if plain is None else plain


def _read_plain(path: Path, channels: int) -> NDArray[np.uint8] | None:
    """Take the short way with plain PNG files; None where the long one must be taken, or where it finds the words."""
    if path.suffix.lower() != ".png":
        return None
    try:
        return decode_plain(path.read_bytes(), channels)
    except OSError:
        return None


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
