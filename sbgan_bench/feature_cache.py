"""What is in a store of features, and keeping it small: sets of images, one folder each, the oldest removed first.

Every use of a set touches its ``source.json``, so that its date says when the set was last used. Removing takes files
of features one by one and leaves the folder with its locks for as long as somebody could be at work in it: a process
that reads meanwhile misses a file and extracts it again, and no process ever finds its folder gone.
"""

import contextlib
import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sbgan_bench.byte_sizes import parse_bytes
from sbgan_bench.datasets.locations import cache_root
from sbgan_bench.errors import ConfigError, CorruptFileError
from sbgan_bench.locking import SUFFIX
from sbgan_bench.storage import ABANDONED, read_json

#: Environment variable that bounds the size of the store.
LIMIT_VARIABLE = "SBGAN_BENCH_CACHE_LIMIT"
DEFAULT_LIMIT = "20GB"

SOURCE, TITLE = "source.json", "title.txt"
_LOCKS = (SUFFIX, ".lock")  # those of earlier releases too
_SET = re.compile(r"[0-9a-f]{64}")
_CHUNK = re.compile(r"(?P<protocol>.+)-[0-9a-f]+-(?P<start>\d{6,})-(?P<stop>\d{6,})\.safetensors")


def features_root() -> Path:
    """Return where evaluations keep features."""
    return cache_root() / "features"


def cache_limit() -> int | None:
    """Return how many bytes of features are kept: ``$SBGAN_BENCH_CACHE_LIMIT``, by default 20 GB; None: any number.

    Raises:
        ConfigError: The variable is no size.
    """
    text = os.environ.get(LIMIT_VARIABLE, "").strip() or DEFAULT_LIMIT
    if text.lower() == "none":
        return None
    try:
        return parse_bytes(text) or None
    except ValueError as error:
        raise ConfigError(f'{LIMIT_VARIABLE} = {text!r}: {error}, "0" or "none" for no limit.') from error


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSet:
    """The features of one set of images."""

    folder: Path
    size: int  #: in bytes
    last_used: float  #: seconds since 1970
    images: int  #: number of them that some protocol has features of
    protocols: tuple[str, ...]  #: in order of name

    @property
    def what(self) -> str:
        """The set in words, as far as its folder says."""
        try:
            key = read_json(self.folder / SOURCE)
        except CorruptFileError:
            return "unknown images"
        title = ""
        with contextlib.suppress(OSError, ValueError):
            title = "".join(filter(str.isprintable, (self.folder / TITLE).read_text(encoding="utf-8")))
        return _in_words(key if isinstance(key, dict) else {}, title)


def _in_words(key: dict[str, Any], title: str) -> str:
    if "real" in key:
        return f"reals of {key['real']} at {'x'.join(map(str, key.get('resolution', ())))}"
    if "model" in key:
        given = "given layouts" if key.get("layouts") else "alone"
        return f"model {str(key['model'])[:8]}, {given}, seeds from {key.get('sampling_seed')}"
    digest = str(key.get("files") or key.get("layouts") or "")[:8]
    return f"{title} ({'images' if 'files' in key else 'layouts'} {digest})".strip() if digest else title or "images"


def stored_sets(root: Path) -> list[StoredSet]:
    """Return what is in the store, the longest unused first; sets without any features are left out."""
    return [one for one in _folders(root) if one.size]


def _folders(root: Path) -> list[StoredSet]:
    found = [_look(Path(folder.path)) for folder in _entries(root) if _SET.fullmatch(folder.name)]
    return sorted(found, key=lambda one: one.last_used)


def _look(folder: Path) -> StoredSet:
    size, images, protocols = 0, 0, set()
    for entry in _entries(folder):
        match = _CHUNK.fullmatch(entry.name)
        with contextlib.suppress(OSError):  # removed meanwhile
            size += entry.stat().st_size if match or entry.name.endswith(".part") else 0
        if match:
            images = max(images, int(match["stop"]))
            protocols.add(match["protocol"])
    return StoredSet(
        folder=folder, size=size, last_used=_last_used(folder), images=images, protocols=tuple(sorted(protocols))
    )


def touch(folder: Path) -> None:
    """Note that a set is being used; a store that cannot be written is not bounded either."""
    with contextlib.suppress(OSError):
        os.utime(folder / SOURCE)


def _last_used(folder: Path) -> float:
    for path in (folder / SOURCE, folder):
        with contextlib.suppress(OSError):
            return path.stat().st_mtime
    return 0.0


def remove_set(stored: StoredSet) -> None:
    """Remove the features of a set, and its folder too if nobody has used it for a day.

    Raises:
        OSError: The folder cannot be written.
    """
    for entry in _entries(stored.folder):
        if _CHUNK.fullmatch(entry.name) or (entry.name.endswith(".part") and _is_past(_changed(entry))):
            Path(entry.path).unlink(missing_ok=True)
    if _is_past(_last_used(stored.folder)):
        for entry in _entries(stored.folder):
            if entry.name in (SOURCE, TITLE) or entry.name.endswith(_LOCKS):
                Path(entry.path).unlink(missing_ok=True)
        with contextlib.suppress(OSError):  # somebody came meanwhile
            stored.folder.rmdir()


def surplus(sets: Sequence[StoredSet], limit: int, keep: Path | None = None) -> list[StoredSet]:
    """Return which sets to remove so that the rest takes no more than ``limit`` bytes.

    Args:
        sets: The longest unused first.
        limit: In bytes.
        keep: Folder of a set that is in use, which is never removed.
    """
    left = sum(one.size for one in sets)
    chosen = []
    for one in sets:
        if left <= limit:
            break
        if one.folder != keep:
            chosen.append(one)
            left -= one.size
    return chosen


def bound(root: Path, limit: int | None, keep: Path) -> None:
    """Remove the longest unused sets until the store is within its limit, or nothing but ``keep`` is left."""
    if limit is None:
        return
    found = _folders(root)
    empty = [one for one in found if not one.size and one.folder != keep]
    for one in surplus(found, limit, keep) + [one for one in empty if _is_past(one.last_used)]:
        with contextlib.suppress(OSError):  # not ours to remove: the next who may will
            remove_set(one)


def chunk_files(stored: StoredSet) -> Iterator[Path]:
    """Yield the files of features of a set, in order of name."""
    for entry in sorted(_entries(stored.folder), key=lambda entry: entry.name):
        if _CHUNK.fullmatch(entry.name):
            yield Path(entry.path)


def _is_past(moment: float) -> bool:
    """Whether nobody can still be at what was begun then."""
    return time.time() - moment > ABANDONED


def _changed(entry: os.DirEntry[str]) -> float:
    with contextlib.suppress(OSError):
        return entry.stat().st_mtime
    return time.time()


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder; nothing if it is gone."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
