"""A decoded file, or the header of one: what it holds, and why it can or cannot be an image or a label map."""

import re
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from sbgan_bench.errors import DataError

#: Formats that change pixel values when saving, which turns class ids along borders into others.
_LOSSY_FORMATS = ("JPEG", "MPO", "JPEG2000", "WEBP", "AVIF")
#: The same, inside a TIFF file.
_LOSSY_COMPRESSIONS = ("jpeg", "tiff_jpeg", "webp")

_SIXTEEN_BITS = re.compile(r"\b(RGB|RGBA|L|LA|I);16")
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

    path: Path | str
    image: Image.Image
    storage: str  #: how the file stores a pixel, in the decoder's words ("RGB", "L;4", "RGB;16B")
    decoded: bool = True  #: False if only the header was read
    pictures: int = 1  #: frames of an animation, or pages

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

    @property
    def orientation(self) -> int:
        """EXIF's orientation, 2 to 8, where viewers turn or mirror what is decoded; 1 where they do not."""
        kind, info = self.image.format, self.image.info
        if kind == "TIFF" or not ("exif" in info or (kind != "PNG" and "xmp" in info)):
            return 1  # Pillow turns TIFF files itself, and would decode a PNG file to look further
        try:
            found = self.image.getexif().get(ExifTags.Base.Orientation, 1)
        except (SyntaxError, OSError, ValueError, struct.error):  # no viewer can make sense of it either
            return 1
        return int(found) if found in range(2, 9) else 1

    def check_upright(self) -> None:
        """Make sure that an image is shown as it is stored.

        Pillow turns TIFF files while decoding and no others; torch-fidelity, pytorch-fid and clean-fid measure what
        Pillow decodes, so that they would see such a photograph lying on its side.

        Raises:
            FileFaultError: The file asks its viewer to turn or mirror it.
        """
        if self.orientation != 1:
            raise FileFaultError(
                self.path,
                f"is stored turned or mirrored (EXIF orientation {self.orientation}), which some programs heed and "
                "others do not; turn its pixels and remove the tag (magick mogrify -auto-orient does both)",
            )

    def check_single(self) -> None:
        """Make sure that there is one picture.

        Raises:
            FileFaultError: The file is an animation or has several pages.
        """
        if self.pictures > 1:
            raise FileFaultError(
                self.path,
                f"holds {self.pictures} pictures (an animation, or pages); save the one that is meant by itself",
            )

    def check_rgb(self) -> None:
        """Look at what the header says of an image.

        Raises:
            FileFaultError: More than 8 bits per channel, an alpha channel, a colour space other than RGB and grey, or
                several pictures.
        """
        self.check_single()
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
            FileFaultError: A lossy format, more than one channel, more than 8 bits, or several pictures.
        """
        self.check_single()
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
