"""Writing files so that a reader sees the old content or the new, never half of it."""

import contextlib
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sbgan_bench.errors import BenchError, CorruptFileError

#: Seconds after which an unfinished write is taken for that of a killed process. None takes nearly as long, and age
#: can be told also where several machines share a folder.
ABANDONED = 86_400.0


class CannotWriteError(BenchError):
    """The operating system refused to write: read-only folder, full disk."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.path = path
        self.reason = reason

    def __str__(self) -> str:
        return (
            f"Cannot write {self.path}: {self.reason}. Free some space or choose a writable folder; "
            "what was finished before is intact."
        )


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Run a block that writes ``path``, whatever temporary names it uses meanwhile.

    Raises:
        CannotWriteError: The operating system refused; the message names ``path``.
    """
    try:
        yield
    except CannotWriteError as error:
        raise CannotWriteError(path, error.reason) from error
    except OSError as error:
        raise CannotWriteError(path, error.strerror or str(error)) from error


@contextlib.contextmanager
def atomic_file(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside ``path`` that replaces it when the block ends without an error.

    Raises:
        CannotWriteError: The folder is read-only, the disk is full, or another operating-system refusal.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(descriptor)
        temporary = Path(name)
        try:
            temporary.chmod(0o644)
            yield temporary
            with temporary.open("rb+") as stream:
                os.fsync(stream.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield a temporary folder that becomes ``path`` when the block ends without an error.

    A folder is never seen half written. An old one is moved aside first, since no system renames over a full folder:
    a process killed between the two renames leaves no ``path`` at all, and the old one as ``.NAME.old`` beside it.

    Raises:
        CannotWriteError: The folder is read-only, the disk is full, or another operating-system refusal.
    """
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(path)
        temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent))
        try:
            temporary.chmod(0o755)
            yield temporary
            old = path.with_name(f".{path.name}.old")
            shutil.rmtree(old, ignore_errors=True)
            if path.exists():
                path.rename(old)
            temporary.rename(path)
            shutil.rmtree(old, ignore_errors=True)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _remove_abandoned(path: Path) -> None:
    """Remove what processes killed long ago left of their attempts at ``path``."""
    unfinished = re.compile(re.escape(f".{path.name}.") + r"[^.]+\.part")
    with os.scandir(path.parent) as entries:
        found = [Path(entry.path) for entry in entries if unfinished.fullmatch(entry.name)]
    for leftover in found:
        with contextlib.suppress(OSError):  # another process was faster, or it is not ours to remove
            if time.time() - leftover.stat().st_mtime < ABANDONED:
                continue
            if leftover.is_dir():
                shutil.rmtree(leftover)
            else:
                leftover.unlink()


def write_text(path: Path, text: str) -> None:
    """Write ``text`` (UTF-8) to ``path`` atomically."""
    with atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def write_json(path: Path, value: Any) -> None:
    """Write ``value`` (plain JSON types) to ``path`` atomically, indented for people."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path) -> Any:
    """Read a JSON file that this project wrote.

    Raises:
        CorruptFileError: The file is missing or is not JSON.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CorruptFileError(f"{path} is missing; run the command that makes it again.") from error
    except (OSError, ValueError) as error:
        raise CorruptFileError(f"{path} is damaged ({error}); delete it and run the command again.") from error
