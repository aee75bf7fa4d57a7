"""Pictures kept as one file each. All headers are read before anything else, so that faults are known at once."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self, final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.datasets.parallel import in_order, usable_workers
from sbgan_bench.datasets.raster import Raster
from sbgan_bench.datasets.reading import FileFaultError, decode_image, decode_layout, peek
from sbgan_bench.errors import DataError
from sbgan_bench.hashing import hash_json
from sbgan_bench.image_sets.containers import AbstractContainer
from sbgan_bench.image_sets.stack import AbstractStack

#: JPEG files under another name.
_JPEG = {"MPO": "JPEG"}


@dataclass(frozen=True, slots=True)
class Content:
    """How files are understood."""

    noun: str  #: what they are called in messages
    check: Callable[[Raster], None]  #: refuses by what the header says
    decode: Callable[[bytes, Path | str], NDArray[np.uint8]]  #: (file, name) -> (H, W, 3) or (h, w)


def _check_image(raster: Raster) -> None:
    raster.check_rgb()
    raster.check_upright()


IMAGE = Content("images", _check_image, lambda content, where: decode_image(content, where))
LAYOUT = Content("layouts", Raster.check_ids, lambda content, where: decode_layout(content, where))


@final
@dataclass(frozen=True, slots=True)
class Files(AbstractStack):
    """Files of one container, in order."""

    container: AbstractContainer
    names: tuple[str, ...]
    content: Content
    size: Resolution
    formats: Mapping[str, int]
    _digests: list[str] = field(default_factory=list, compare=False, repr=False)  #: empty until asked for

    @classmethod
    def survey(cls, container: AbstractContainer, names: Sequence[str], content: Content) -> Self:
        """Read the headers of files.

        Raises:
            DataError: One is not understood, or not of the first one's size; the first of them is named.
        """

        def look(name: str) -> Raster:
            with container.open(name) as stream:
                raster = peek(stream, container.where(name))
                content.check(raster)
                return raster

        lossy: Counter[str] = Counter()
        size = None
        with in_order(look, names, usable_workers()) as found:
            for raster in found:
                size = size or raster.size
                if raster.size != size:
                    raise _wrong_size(str(raster.path), raster.size, container.where(names[0]), size, content)
                lossy.update([_JPEG.get(raster.lossy, raster.lossy)] if raster.lossy else [])
        if size is None:
            raise DataError(f"No {content.noun} in {container.path}.")
        return cls(container, tuple(names), content, size, dict(lossy))

    def __len__(self) -> int:
        return len(self.names)

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Decode files in several threads; the result does not depend on how many."""
        names = self.names[start:stop]
        shape = (len(names), *self.size) if self.content is LAYOUT else (len(names), 3, *self.size)
        stack = np.empty(shape, np.uint8)
        with in_order(self._decoded, range(start, start + len(names)), usable_workers()) as pictures:
            for place, picture in zip(stack, pictures, strict=True):
                place[...] = picture if picture.ndim == 2 else picture.transpose(2, 0, 1)
        return stack

    def fingerprint(self) -> str:
        """Return the sha256 of the contents of all files, in order."""
        if not self._digests:
            self._digests.extend(self.container.digests(self.names))
        return hash_json(self._digests)

    def _decoded(self, index: int) -> NDArray[np.uint8]:
        name = self.names[index]
        content = self.container.read(name)
        if self._digests and hashlib.sha256(content).hexdigest() != self._digests[index]:
            raise FileFaultError(self.container.where(name), "changed while it was being measured; start again")
        picture = self.content.decode(content, self.container.where(name))
        if picture.shape[:2] != self.size:
            size = (picture.shape[0], picture.shape[1])
            raise _wrong_size(
                self.container.where(name), size, self.container.where(self.names[0]), self.size, self.content
            )
        return picture


def _wrong_size(name: str, size: Resolution, first: str, wanted: Resolution, content: Content) -> DataError:
    return DataError(
        f"{name} is {resolution_text(size)} but {first} is {resolution_text(wanted)}; bring all {content.noun} to one "
        "size first."
    )
