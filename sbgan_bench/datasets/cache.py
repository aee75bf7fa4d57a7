"""Splits decoded, cropped and resized once, kept as memory-mapped arrays under a name that says what they are.

An entry is a folder with ``images.npy``, ``layouts.npy`` and ``meta.json``. Its name holds a hash of the dataset's
fingerprint, the keys of the split, the resolution and the version of the transform: what changes the pixels changes
the name. Entries appear whole or not at all; a damaged one is noticed and made again.
"""

import contextlib
import functools
import logging
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import AbstractDataset, Pair, PairTable, Resolution, Split, resolution_text
from sbgan_bench.datasets.locations import cache_root
from sbgan_bench.datasets.parallel import in_order
from sbgan_bench.datasets.reading import LabelIds
from sbgan_bench.datasets.transforms import TRANSFORM_VERSION, fit_to
from sbgan_bench.errors import CorruptFileError, DataError
from sbgan_bench.hashing import SHORT, hash_file, hash_json
from sbgan_bench.locking import locked
from sbgan_bench.storage import atomic_folder, read_json, write_json

__all__ = ["cache_root", "find", "prepare"]

_log = logging.getLogger(__name__)
_META = "meta.json"


def _silent(done: int, total: int) -> None:
    """Report nothing."""


def prepare(
    dataset: AbstractDataset,
    split: str,
    resolution: Resolution,
    cache: Path,
    report: Callable[[int, int], None] = _silent,
    workers: int = 1,
) -> PairTable:
    """Return one split of a dataset at one resolution, from the cache or made now.

    Memory does not grow with the dataset. Processes that ask for the same table at once wait for the first.
    The table is the same for any number of workers, byte for byte.

    Args:
        dataset: An open dataset.
        split: "train", "selection" or "test".
        resolution: (height, width) in pixels.
        cache: The cache folder, usually :func:`cache_root`.
        report: Called with (pairs done, pairs in all) while the table is made.
        workers: Threads that read pairs, see :func:`sbgan_bench.datasets.parallel.usable_workers`. They help where
            files are decoded, and not where scenes are drawn by a program. One by default, since a suite runs several
            jobs at a time.

    Raises:
        DataError: No such split, an empty split, or a pair that cannot be used (file, label id and remedy named).
        BenchError: The cache folder cannot be written.
    """
    chosen = _chosen(dataset, split)
    entry = _Entry.of(dataset, chosen, resolution, cache)
    images, layouts = entry.obtain(dataset, report, workers)
    return PairTable(dataset.info, chosen, dataset.fingerprint(), images, layouts)


def find(dataset: AbstractDataset, split: str, resolution: Resolution, cache: Path) -> Path | None:
    """Return the folder of a split at a resolution if it was prepared and is whole, else None.

    Raises:
        DataError: No such split, or an empty one.
    """
    entry = _Entry.of(dataset, _chosen(dataset, split), resolution, cache)
    return entry.folder if entry.is_whole() else None


def _chosen(dataset: AbstractDataset, name: str) -> Split:
    split = dataset.splits().get(name)
    if split is None:
        raise DataError(f"{dataset.info.name} has no split {name!r}; it has {', '.join(dataset.splits())}.")
    if not split.keys:
        raise DataError(
            f"Split {name!r} of {dataset.info.name} ({dataset.split_name}) is empty; `data check` says why."
        )
    return split


@dataclass(frozen=True, slots=True)
class _Entry:
    """One table in the cache, present or not."""

    folder: Path
    identity: dict[str, Any]  #: all that decides its content
    keys: tuple[str, ...]
    resolution: Resolution

    @classmethod
    def of(cls, dataset: AbstractDataset, split: Split, resolution: Resolution, cache: Path) -> "_Entry":
        identity = {
            "dataset": dataset.info.name,
            "fingerprint": dataset.fingerprint(),
            "keys": list(split.keys),
            "resolution": list(resolution),
            "transform": TRANSFORM_VERSION,
        }
        name = f"{dataset.info.name}-{split.name}-{resolution_text(resolution)}-{hash_json(identity)[:SHORT]}"
        return cls(cache / "pairs" / name, identity, split.keys, resolution)

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Shapes of the two arrays by file name."""
        count, (height, width) = len(self.keys), self.resolution
        return {"images.npy": (count, 3, height, width), "layouts.npy": (count, height, width)}

    def obtain(
        self, dataset: AbstractDataset, report: Callable[[int, int], None], workers: int
    ) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Return images and layouts, making or mending the entry if need be."""
        with contextlib.suppress(CorruptFileError):
            return self._open()  # needs no lock and no right to write
        with locked(self.folder):
            try:
                return self._open()  # made by another process meanwhile
            except CorruptFileError as error:
                if self.folder.exists():
                    _log.warning("The cache entry %s is damaged and made again: %s", self.folder, error)
            for left_behind in self.folder.parent.glob(f".{self.folder.name}.*"):
                shutil.rmtree(left_behind, ignore_errors=True)  # by a process that was killed
            with atomic_folder(self.folder) as temporary:
                self._build(temporary, dataset, report, workers)
            return self._open()

    def is_whole(self) -> bool:
        """Whether the entry is there as it was written."""
        try:
            self._open()
        except CorruptFileError:
            return False
        return True

    def _open(self) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
        """Memory-map the arrays.

        Raises:
            CorruptFileError: The entry is missing, or its files are not what was written.
        """
        meta = read_json(self.folder / _META)
        if not isinstance(meta, dict) or meta.get("identity") != self.identity:
            raise CorruptFileError(f"{self.folder / _META} describes something else")
        files = meta.get("files")
        if not isinstance(files, dict):
            raise CorruptFileError(f"{self.folder / _META} lists no files")
        images, layouts = (self._map(name, files.get(name)) for name in self.shapes)
        return images, layouts

    def _map(self, name: str, written: Any) -> NDArray[np.uint8]:
        path = self.folder / name
        try:
            status = path.stat()
        except OSError as error:
            raise CorruptFileError(f"{path} is missing") from error
        if written != {"bytes": status.st_size, "sha256": _digest(path, status.st_size, status.st_mtime_ns)}:
            raise CorruptFileError(f"{path} ({status.st_size} bytes) is not what was written")
        array: NDArray[np.uint8] = np.load(path, mmap_mode="r")
        return array

    def _build(self, folder: Path, dataset: AbstractDataset, report: Callable[[int, int], None], workers: int) -> None:
        ids = LabelIds(dataset.info.num_classes, remedy=f"mend the data or the dataset {dataset.info.name!r}")
        with contextlib.ExitStack() as stack:
            images, layouts = (stack.enter_context(_array_file(folder / name, s)) for name, s in self.shapes.items())
            pairs = stack.enter_context(
                in_order(lambda key: _fitted(dataset, key, self.resolution, ids), self.keys, workers)
            )
            for done, pair in enumerate(pairs, start=1):
                images.write(np.ascontiguousarray(pair.image.transpose(2, 0, 1)).tobytes())
                layouts.write(pair.layout.tobytes())
                report(done, len(self.keys))
        files = {
            name: {"bytes": (folder / name).stat().st_size, "sha256": hash_file(folder / name)} for name in self.shapes
        }
        write_json(folder / _META, {"identity": self.identity, "files": files})


def _fitted(dataset: AbstractDataset, key: str, resolution: Resolution, ids: LabelIds) -> Pair:
    pair = dataset.read(key, resolution)
    ids.apply(pair.layout, key)
    try:
        return fit_to(pair, resolution)
    except DataError as error:
        raise DataError(f"{key}: {error}") from error


@contextlib.contextmanager
def _array_file(path: Path, shape: tuple[int, ...]) -> Iterator[BinaryIO]:
    """Open an ``.npy`` file of bytes for writing item by item.

    A plain stream rather than a writable memory map: a full disk is then an error, not a fatal signal.
    """
    with path.open("wb") as stream:
        np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": shape})
        yield stream


@functools.cache
def _digest(path: Path, size: int, changed: int) -> str:
    """Return the sha256 of a file, computed once per process as long as size and date stay."""
    return hash_file(path)
