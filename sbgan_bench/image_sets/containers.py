"""What holds files under names: a folder, or a zip archive read in place. No member is ever written to disk."""

import abc
import hashlib
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Self, cast, final

from sbgan_bench.datasets.digests import file_digests
from sbgan_bench.datasets.parallel import in_order, usable_workers
from sbgan_bench.datasets.reading import FileFaultError
from sbgan_bench.errors import DataError

#: No single file of an archive may say that it unpacks to more than this many bytes.
MOST_BYTES = 512 << 20
#: What archivers of some systems add on their own.
_ADDED = ("__MACOSX",)


class AbstractContainer(abc.ABC):
    """Files under names with "/" between their parts; hidden ones are passed over."""

    path: Path
    names: tuple[str, ...]  #: in order

    @abc.abstractmethod
    def where(self, name: str) -> str:
        """Return what a file is called in messages."""

    @abc.abstractmethod
    def open(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Open a file for reading, from any thread.

        Raises:
            DataError: It is missing or damaged, which may show while it is read.
        """

    @final
    def read(self, name: str) -> bytes:
        """Return a whole file, from any thread.

        Raises:
            DataError: It is missing or damaged.
        """
        with self.open(name) as stream:
            return stream.read()

    @abc.abstractmethod
    def digests(self, names: Sequence[str]) -> list[str]:
        """Return the sha256 of each file.

        Raises:
            DataError: One cannot be read.
        """


@final
@dataclass(frozen=True, slots=True)
class Folder(AbstractContainer):
    """A folder and everything below it."""

    path: Path
    names: tuple[str, ...]

    @classmethod
    def at(cls, path: Path) -> Self:
        """List the files of a folder.

        Raises:
            DataError: A folder inside cannot be listed.
        """
        return cls(path, _visible(_below(path)))

    def where(self, name: str) -> str:
        """Return the path."""
        return str(self.path / name)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a file."""
        try:
            with (self.path / name).open("rb") as stream:
                yield stream
        except OSError as error:
            raise FileFaultError(self.where(name), f"cannot be read ({error.strerror}); restore it") from error

    def digests(self, names: Sequence[str]) -> list[str]:
        """Return the sha256 of each file, remembered by size and date."""
        known = file_digests(self.path, [self.path / name for name in names])
        return [known[name] for name in names]


@final
@dataclass(frozen=True, slots=True)
class Archive(AbstractContainer):
    """A zip archive. Its members are only ever read into memory, so that their names can do no harm."""

    path: Path
    names: tuple[str, ...]
    _members: Mapping[str, zipfile.ZipInfo]
    _file: zipfile.ZipFile  #: closed with the last reference to it

    @classmethod
    def at(cls, path: Path) -> Self:
        """Read the directory of an archive.

        Raises:
            DataError: It is not a zip archive, is cut short, or holds two files of one name.
        """
        try:
            file = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, NotImplementedError, ValueError) as error:
            raise DataError(f"{path} is not a whole zip archive ({error}); make it again.") from error
        members: dict[str, zipfile.ZipInfo] = {}
        for member in file.infolist():
            if member.is_dir():
                continue
            name = member.filename.replace("\\", "/")
            if name in members:
                raise DataError(f"{path} holds {_printable(name)} twice; make it again with one of the two.")
            members[name] = member
        return cls(path, _visible(members), members, file)

    def where(self, name: str) -> str:
        """Return the archive's path and the member's name, without what could confuse a terminal."""
        return f"{self.path}:{_printable(name)}" if name else str(self.path)

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        """Open a member; its checksum is verified at its end."""
        member = self._members[name]
        if member.flag_bits & 1:
            raise FileFaultError(self.where(name), "is encrypted; make the archive without a password")
        if member.file_size > MOST_BYTES:
            raise FileFaultError(
                self.where(name), f"unpacks to {member.file_size:,} bytes, more than an image takes; take it out"
            )
        try:
            with self._file.open(member) as stream:
                yield cast("BinaryIO", stream)
        except (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
            raise FileFaultError(self.where(name), f"is damaged ({error}); make the archive again") from error

    def digests(self, names: Sequence[str]) -> list[str]:
        """Return the sha256 of each member as it is unpacked."""
        with in_order(lambda name: hashlib.sha256(self.read(name)).hexdigest(), names, usable_workers()) as hashed:
            return list(hashed)


def _below(folder: Path) -> Iterator[str]:
    """Yield the files below a folder; links to folders are followed, each folder once."""
    seen = {os.path.realpath(folder)}
    for place, folders, files in os.walk(folder, onerror=_cannot_list, followlinks=True):
        inside = Path(place).relative_to(folder)
        folders[:] = [name for name in folders if not _is_hidden(name)]
        for name in sorted(folders):
            real = os.path.realpath(os.path.join(place, name))
            if real in seen:
                folders.remove(name)
            seen.add(real)
        yield from ((inside / name).as_posix() for name in files)


def _cannot_list(error: OSError) -> None:
    raise DataError(f"{error.filename} cannot be listed ({error.strerror}); make it readable.") from error


def _visible(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in names if not any(map(_is_hidden, PurePosixPath(name).parts))))


def _is_hidden(part: str) -> bool:
    return part in _ADDED or (part.startswith(".") and part not in (".", ".."))


def _printable(name: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in name)
