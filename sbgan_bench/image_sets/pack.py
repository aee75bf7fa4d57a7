"""Sample packs as guided-diffusion (ADM) writes them: ``.npz`` files whose ``arr_0`` is ``(N, H, W, 3)`` uint8.

See https://github.com/openai/guided-diffusion/tree/main/evaluations. Other arrays, labels (``arr_1``) and statistics,
are left alone. ``numpy.load`` cannot map such a file and would read all of it. Here pictures are read from where they
lie in the file; those of a compressed pack are unpacked once, to a file without a name in the cache folder.
"""

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self, final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import Resolution
from sbgan_bench.datasets.locations import CACHE_VARIABLE, cache_root
from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.image_sets.members import Member, array_names, find_member
from sbgan_bench.image_sets.stack import AbstractStack

#: Name of the array of samples.
SAMPLES = "arr_0"


@final
@dataclass(frozen=True, slots=True)
class Pack(AbstractStack):
    """The samples of a pack."""

    member: Member
    size: Resolution
    formats: Mapping[str, int]
    _rows: Callable[[int, int], NDArray[np.uint8]]  #: (start, stop) -> (N, H, W, 3)
    _dated: tuple[int, int]  #: size and date of the file when it was opened
    _digest: list[str] = field(default_factory=list, compare=False, repr=False)  #: empty until asked for

    @classmethod
    def at(cls, path: Path) -> Self:
        """Look at a pack, and unpack it if it is compressed.

        Raises:
            DataError: It is damaged, or does not hold samples as it should.
            BenchError: There is no room to unpack it.
        """
        known = array_names(path)
        if SAMPLES not in known:
            raise DataError(
                f"{path} has no array {SAMPLES!r}, but {', '.join(known) or 'none at all'}; save images (N, H, W, 3) "
                "uint8 by numpy.savez(path, images)."
            )
        dated = _size_and_date(path)
        member = find_member(path, SAMPLES)
        if len(member.shape) != 4 or member.shape[3] != 3 or member.dtype != np.uint8 or 0 in member.shape:
            raise DataError(
                f"{SAMPLES!r} in {path} is {member.dtype} of shape {member.shape}; expected uint8 (N, H, W, 3): RGB, "
                "channels last, 0 to 255, at least one image."
            )
        rows = _stored(member) if member.place is not None else _unpacked(member)
        return cls(member, (member.shape[1], member.shape[2]), {}, rows, dated)

    def __len__(self) -> int:
        return self.member.shape[0]

    def read(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Return images from where they lie."""
        start, stop = min(start, len(self)), min(stop, len(self))
        images = np.ascontiguousarray(self._rows(start, stop).transpose(0, 3, 1, 2))
        self._check_unchanged()
        return images

    def fingerprint(self) -> str:
        """Return the sha256 of the shape and of all pixels; the whole file is read once and its checksum verified."""
        if not self._digest:
            digest = hashlib.sha256(f"rgb8:{self.member.shape}".encode())
            for piece in self.member.pieces():
                digest.update(piece)
            self._check_unchanged()
            self._digest.append(digest.hexdigest())
        return self._digest[0]

    def _check_unchanged(self) -> None:
        """Make sure that what was read is what the fingerprint is of, since features are kept under it."""
        if _size_and_date(self.member.path) != self._dated:
            raise DataError(f"{self.member.path} changed while it was being measured; start again.")


def _size_and_date(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}); restore it.") from error
    return status.st_size, status.st_mtime_ns


def _stored(member: Member) -> Callable[[int, int], NDArray[np.uint8]]:
    shape, place = member.shape[1:], member.place or 0
    each = int(np.prod(shape))

    def rows(start: int, stop: int) -> NDArray[np.uint8]:
        count = (stop - start) * each
        try:
            flat = np.fromfile(member.path, np.uint8, count, offset=place + start * each)
        except OSError as error:
            raise DataError(f"{member.path} cannot be read ({error.strerror}); restore it.") from error
        if len(flat) != count:
            raise DataError(f"{member.path} became shorter while it was being measured; start again.")
        return flat.reshape(stop - start, *shape)

    return rows


def _unpacked(member: Member) -> Callable[[int, int], NDArray[np.uint8]]:
    folder = cache_root() / "unpacked"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
        if free < member.nbytes:
            raise OSError(f"{member.nbytes:,} bytes are needed, {free:,} are free")
        with tempfile.TemporaryFile(dir=folder) as file:
            _copy(member, file)
            array = np.memmap(file, np.uint8, "r", shape=member.shape)
    except OSError as error:
        raise BenchError(
            f"{member.path} is compressed and cannot be unpacked in {folder} ({error.strerror or error}). Make room, "
            f"set {CACHE_VARIABLE} to another folder, or save the pack by numpy.savez, which does not compress."
        ) from error
    return lambda start, stop: array[start:stop]


def _copy(member: Member, file: BinaryIO) -> None:
    left = member.nbytes
    for piece in member.pieces():
        left -= file.write(piece)
    file.flush()
    if left:
        raise DataError(f"{SAMPLES!r} in {member.path} is not as long as its shape says; make the file again.")
