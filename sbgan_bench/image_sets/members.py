"""Arrays inside ``.npz`` files, read piece by piece. No array of objects is ever built: nothing is executed."""

import contextlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from sbgan_bench.errors import DataError

#: Bytes read at a time.
PIECE = 1 << 20
_LOCAL_HEADER = struct.Struct("<4s22xHH")


@dataclass(frozen=True, slots=True)
class Member:
    """One array of an ``.npz`` file, known by its header."""

    path: Path  #: the ``.npz`` file
    name: str  #: of the array
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    start: int  #: of the array's bytes within the member
    place: int | None  #: of the array's bytes within the file, where they are stored uncompressed

    @property
    def nbytes(self) -> int:
        """Size of the array."""
        return int(np.prod(self.shape, dtype=object)) * self.dtype.itemsize

    def pieces(self) -> Iterator[bytes]:
        """Yield the array's bytes in order; the archive's checksum is verified at their end.

        Raises:
            DataError: The file is damaged.
        """
        with damage_named(self.path), zipfile.ZipFile(self.path) as file, file.open(f"{self.name}.npy") as stream:
            stream.read(self.start)
            while piece := stream.read(PIECE):
                yield piece


@contextlib.contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """Turn what goes wrong while reading a zip file into an error that names it."""
    try:
        yield
    except (OSError, EOFError, ValueError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(
            f"{path} is damaged, or is not an .npz file that numpy wrote ({error}); make it again."
        ) from error


def array_names(path: Path) -> tuple[str, ...]:
    """Return the names of the arrays in an ``.npz`` file.

    Raises:
        DataError: It is no such file, or is cut short.
    """
    with damage_named(path), zipfile.ZipFile(path) as file:
        return tuple(name.removesuffix(".npy") for name in file.namelist() if name.endswith(".npy"))


def find_member(path: Path, name: str) -> Member:
    """Look at the header of one array.

    Raises:
        DataError: There is none, it holds Python objects, is in Fortran order, or is not as long as its shape says.
    """
    known = array_names(path)
    if known.count(name) != 1:
        raise DataError(f"{path} holds {known.count(name)} arrays {name!r}, expected one; it has {', '.join(known)}.")
    with damage_named(path), zipfile.ZipFile(path) as file:
        info = file.getinfo(f"{name}.npy")
        with file.open(info) as stream:
            shape, fortran, dtype = _array_header(stream)
            start = stream.tell()
        place = _data_place(path, info) + start if info.compress_type == zipfile.ZIP_STORED else None
    member = Member(path, name, shape, dtype, start, place)
    if dtype.hasobject:
        raise DataError(f"{name!r} in {path} holds Python objects, which are never read; save plain numbers.")
    if fortran and len(shape) > 1:
        raise DataError(f"{name!r} in {path} is in Fortran order; save it with numpy.ascontiguousarray.")
    if min(shape, default=0) < 0 or start + member.nbytes != info.file_size:
        raise DataError(f"{name!r} in {path} is not as long as its shape {shape} says; make the file again.")
    return member


def _array_header(stream: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    version = np.lib.format.read_magic(stream)
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, fortran, dtype = read(stream)
    return tuple(shape), bool(fortran), dtype


def _data_place(path: Path, info: zipfile.ZipInfo) -> int:
    """Return where a member's bytes begin in the file; only its local header knows."""
    with path.open("rb") as stream:
        stream.seek(info.header_offset)
        signature, name, extra = _LOCAL_HEADER.unpack(stream.read(_LOCAL_HEADER.size))
    if signature != b"PK\x03\x04":
        raise zipfile.BadZipFile("no member where the directory says")
    return int(info.header_offset) + _LOCAL_HEADER.size + int(name) + int(extra)
