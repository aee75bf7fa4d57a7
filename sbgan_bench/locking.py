"""Locks between processes that share the cache."""

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from sbgan_bench.datasets.locations import CACHE_VARIABLE
from sbgan_bench.errors import BenchError

_log = logging.getLogger(__name__)


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock beside ``path`` in the cache; it is free again when its process ends, however it ends.

    Args:
        path: What is about to be made; it need not exist, and its folder is made if need be.
        wait: Whether to wait while another process holds it.

    Yields:
        Whether the lock is held; always, if ``wait``.

    Raises:
        BenchError: The folder cannot be written.
    """
    lock = FileLock(path.with_name(path.name + ".lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if wait:
                _log.info("Another process is preparing %s; waiting for it.", path.name)
                lock.acquire()
    except OSError as error:
        raise BenchError(
            f"Cannot write to the cache folder {path.parent} ({error.strerror or error}). "
            f"Make it writable or set {CACHE_VARIABLE} to a folder that is."
        ) from error
    try:
        yield lock.is_locked
    finally:
        lock.release()  # does nothing where it is not held
