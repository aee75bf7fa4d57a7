"""The cache folder as a whole, for those who look after it."""

import contextlib
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sbgan_bench.byte_sizes import parse_bytes
from sbgan_bench.datasets.locations import cache_root
from sbgan_bench.errors import ConfigError, CorruptFileError
from sbgan_bench.feature_cache import (
    StoredSet,
    cache_limit,
    chunk_files,
    features_root,
    remove_set,
    stored_sets,
    surplus,
)
from sbgan_bench.feature_files import read_features
from sbgan_bench.storage import writing

_DAY = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """What takes room in the cache."""

    root: Path
    parts: dict[str, int]  #: bytes by folder; "features", "pairs" and "weights" are always there
    sets: int  #: number of sets of images that there are features of
    limit: int | None  #: most bytes of features; None: no limit

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON types."""
        return {**asdict(self), "root": str(self.root)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What reading everything showed."""

    files: int  #: number of files read
    damaged: tuple[Path, ...]


def overview() -> Overview:
    """Measure the cache folder.

    Raises:
        ConfigError: The limit that is set is no size.
    """
    root = cache_root()
    parts = dict.fromkeys(("features", "pairs", "weights"), 0)
    parts |= {folder.name: _size(folder) for folder in _folders(root)}
    return Overview(root=root, parts=parts, sets=len(stored_sets(features_root())), limit=cache_limit())


def table_sizes() -> dict[str, int]:
    """Return the size in bytes of every prepared table of pairs, by the name of its folder."""
    return {folder.name: _size(folder) for folder in _folders(cache_root() / "pairs")}


def damaged_files(root: Path, *, remove: bool) -> Verification:
    """Read every file of features in a store.

    Args:
        root: The store.
        remove: Whether to remove the damaged ones.

    Raises:
        CannotWriteError: A damaged file cannot be removed.
    """
    files, damaged = 0, []
    for stored in stored_sets(root):
        for path in chunk_files(stored):
            try:
                read_features(path)
            except FileNotFoundError:  # removed meanwhile
                continue
            except CorruptFileError:
                damaged.append(path)
                if remove:
                    with writing(path):
                        path.unlink(missing_ok=True)
            files += 1
    return Verification(files=files, damaged=tuple(damaged))


def chosen_sets(older_than: float | None, size: str | None) -> list[StoredSet]:
    """Return the sets that were not used for ``older_than`` days, or are too much for ``size``; all if both are None.

    Raises:
        ConfigError: ``size`` is no size.
    """
    found = stored_sets(features_root())
    if older_than is not None:
        return [one for one in found if one.last_used < time.time() - older_than * _DAY]
    if size is None:
        return found
    try:
        return surplus(found, parse_bytes(size))
    except ValueError as error:
        raise ConfigError(f"{size!r}: {error}.") from error


def remove_sets(sets: Sequence[StoredSet]) -> None:
    """Remove features.

    Raises:
        CannotWriteError: A folder cannot be written.
    """
    for one in sets:
        with writing(one.folder):
            remove_set(one)


def _folders(folder: Path) -> list[Path]:
    return sorted(inside for inside in folder.iterdir() if inside.is_dir()) if folder.is_dir() else []


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder; those that go meanwhile count nothing."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(place, name)).st_size
    return total
