"""Content addresses: the same content has the same name on every machine."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Hexadecimal digits kept where a hash is part of a folder name or of a table.
SHORT = 12


def canonical_json(value: Any) -> str:
    """Return ``value`` (plain JSON types) as text in which equal values are equal strings."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def hash_json(value: Any) -> str:
    """Return the sha256 (64 hex digits) of ``value`` (plain JSON types)."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()


def hash_bytes(data: bytes) -> str:
    """Return the sha256 (64 hex digits) of bytes."""
    return hashlib.sha256(data).hexdigest()


def hash_file(path: Path) -> str:
    """Return the sha256 (64 hex digits) of a file's bytes."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def hash_path(path: Path) -> str:
    """Return the sha256 (64 hex digits) of a file's bytes, or of the names and contents of all files of a folder."""
    if not path.is_dir():
        return hash_file(path)
    files = sorted(file for file in path.rglob("*") if file.is_file())
    return hash_json({file.relative_to(path).as_posix(): hash_file(file) for file in files})


def hash_arrays(arrays: Iterable[tuple[str, NDArray[Any]]]) -> str:
    """Return the sha256 (64 hex digits) of named arrays: names, dtypes, shapes and bytes, in order of name."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays, key=lambda item: item[0]):
        digest.update(f"{name}:{array.dtype.str}:{array.shape}".encode())
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()
