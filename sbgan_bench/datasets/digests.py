"""Digests of the files of a dataset, remembered so that asking again costs one look at each file's date."""

import logging
import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import TypeAdapter

from sbgan_bench.datasets.locations import cache_root
from sbgan_bench.datasets.parallel import in_order, usable_workers
from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.hashing import SHORT, hash_file, hash_json
from sbgan_bench.storage import write_json

_log = logging.getLogger(__name__)
_Answer = TypeVar("_Answer")
#: Relative name -> (size in bytes, modification time in ns, sha256).
_Memo = dict[str, tuple[int, int, str]]
_MEMO = TypeAdapter(_Memo)
#: A file changed this recently (in ns) is not remembered: a second change could leave the same date.
_TOO_FRESH = 2_000_000_000


def file_digests(root: Path, paths: Sequence[Path]) -> dict[str, str]:
    """Return the sha256 of each file by its name relative to ``root``.

    Digests are remembered in the cache folder by path, size and modification time. A cache that cannot be
    written costs time, never the result.

    Raises:
        DataError: A file is missing or cannot be read.
    """
    memo_file = cache_root() / "digests" / f"{hash_json(str(root.resolve()))[:SHORT]}.json"
    known = _read_memo(memo_file)
    fresh: _Memo = {}
    now = time.time_ns()
    digests: dict[str, str] = {}
    unknown: list[tuple[str, Path, os.stat_result]] = []
    for path in paths:
        name = path.relative_to(root).as_posix()
        status = _asking(path, path.stat)
        size, changed, digests[name] = known.get(name, (-1, -1, ""))
        if (size, changed) != (status.st_size, status.st_mtime_ns):
            unknown.append((name, path, status))
    with in_order(lambda file: _asking(file[1], lambda: hash_file(file[1])), unknown, usable_workers()) as hashed:
        for (name, _, status), digest in zip(unknown, hashed, strict=True):
            digests[name] = digest
            if now - status.st_mtime_ns > _TOO_FRESH:
                fresh[name] = (status.st_size, status.st_mtime_ns, digest)
    if fresh:
        _write_memo(memo_file, known | fresh)
    return digests


def _asking(path: Path, question: Callable[[], _Answer]) -> _Answer:
    try:
        return question()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); restore it or remove its partner") from error


def _read_memo(path: Path) -> _Memo:
    try:
        return _MEMO.validate_json(path.read_bytes())
    except (OSError, ValueError):
        return {}


def _write_memo(path: Path, memo: _Memo) -> None:
    try:
        write_json(path, memo)
    except BenchError as error:
        _log.debug("Digests are not remembered: %s", error)
