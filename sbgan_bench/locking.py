"""Locks between processes, on one machine or on several that share a folder.

A lock is a small file that names its holder, who touches it every few seconds. It is taken over from a process of this
machine that is gone at once, and from one of another machine when it has not been touched for a while. Only the
creation of a file need be atomic, which holds where locks of the operating system do not cross machines.
"""

import contextlib
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import SoftFileLease, Timeout

from sbgan_bench.datasets.locations import CACHE_VARIABLE
from sbgan_bench.errors import BenchError, TakenOverError

_log = logging.getLogger(__name__)

#: What is added to a name to make that of its lock.
SUFFIX = ".lease"
#: Seconds without a touch after which the holder on another machine is taken for dead; the same for all who share it.
#: Network file systems may show a touch a minute late.
LEASE = 180.0
#: Seconds between two touches.
HEARTBEAT = 5.0
#: Seconds between two looks at a lock that is waited for: many may wait, and a file server answers each of them.
POLL = 1.0


@contextlib.contextmanager
def held(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock beside ``path``, whose folder is made if need be.

    Args:
        path: What is about to be made or used; it need not exist.
        wait: Whether to wait while another process holds it.

    Yields:
        Whether the lock is held; always, if ``wait``.

    Raises:
        OSError: The folder cannot be written.
    """
    lock = _lease(path)
    with _acquired(lock, path, wait=wait):
        yield lock.is_locked


@contextlib.contextmanager
def claimed(path: Path) -> Iterator[Callable[[], None]]:
    """Wait for the lock beside ``path`` and hold it, for work that may take longer than processes stay in sight.

    Yields:
        A function that raises TakenOverError if another process took over, having taken this one for dead.

    Raises:
        OSError: The folder cannot be written.
    """
    lock = _lease(path)
    with _acquired(lock, path, wait=True):
        yield lambda: _check(lock, path.name)


@contextlib.contextmanager
def locked(path: Path, *, wait: bool = True) -> Iterator[bool]:
    """Hold the lock beside ``path`` in the cache, as ``held`` does.

    Raises:
        BenchError: The folder cannot be written.
    """
    with contextlib.ExitStack() as stack:
        try:
            mine = stack.enter_context(held(path, wait=wait))
        except OSError as error:
            raise BenchError(
                f"Cannot write to the cache folder {path.parent} ({error.strerror or error}). "
                f"Make it writable or set {CACHE_VARIABLE} to a folder that is."
            ) from error
        yield mine


@contextlib.contextmanager
def alone_in(folder: Path, *, lease: float = LEASE) -> Iterator[Callable[[], None]]:
    """Be the one process that runs in a folder, which is made if need be.

    Args:
        folder: A run folder, perhaps on a disk that machines share.
        lease: Seconds without a touch after which a holder on another machine is dead.

    Yields:
        A function that raises TakenOverError if another process took over, having taken this one for dead.

    Raises:
        BenchError: The folder cannot be written, or another process is running in it.
    """
    lock = _lease(folder / ".run", lease)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _take(lock, folder)
    except OSError as error:
        raise BenchError(f"Cannot write to {folder}: {error.strerror}. Choose another folder with --out.") from error

    try:
        yield lambda: _check(lock, str(folder))
    finally:
        lock.release()


@contextlib.contextmanager
def _acquired(lock: SoftFileLease, path: Path, *, wait: bool) -> Iterator[None]:
    """Hold a lock, or not if it is somebody else's and not to be waited for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if wait:
            _log.info("%s is at %s; waiting for it.", _holder(lock), path.name)
            lock.acquire(poll_interval=POLL)
    try:
        yield
    finally:
        lock.release()  # does nothing where it is not held


def _check(lock: SoftFileLease, what: str) -> None:
    """Raise TakenOverError if a lock is no longer ours; its file says so sooner than the thread that touches it."""
    ours = lock.compromise is None
    try:
        ours = ours and f"token={lock.token}" in Path(lock.lock_file).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        ours = False
    except OSError:
        pass  # the disk is away for a moment; the thread that touches the file knows for how long
    if not ours:
        raise TakenOverError(
            f"Another process took over {what}, since this one was not heard of for {lock.lease_duration:.0f} s. "
            "What is finished stays there; start it again when the other is done."
        )


def _take(lock: SoftFileLease, folder: Path) -> None:
    """Acquire the lock of a run folder, from the dead if need be.

    Raises:
        BenchError: Its holder is alive.
    """
    before = _holder(lock) if Path(lock.lock_file).exists() else ""
    try:
        lock.acquire(timeout=0)
    except Timeout:
        _log.warning("%s has the lock of %s; looking whether it is alive.", before, folder)
        touched = _touched(lock)
        try:
            lock.acquire(
                timeout=2 * lock.lease_duration,
                poll_interval=POLL,
                cancel_check=lambda: _touched(lock) not in (touched, None),
            )
        except Timeout as error:
            raise BenchError(
                f"Another process is running in {folder} ({_holder(lock)}); wait for it, or choose another --out."
            ) from error
    if before:
        _log.warning("%s is gone without having left %s; going on in its place.", before, folder)


class _Lease(SoftFileLease):
    """A lease that is taken from the dead also where names cannot be exchanged in one step, as on NFS or Lustre."""

    def _take_over(self, marker: os.stat_result, breaker_pid: int | None) -> None:
        """Take a file that was found dead away, if it is still there; the next try to acquire then creates it anew."""
        super()._take_over(marker, breaker_pid)
        path = Path(self.lock_file)
        if self.is_locked or not _same(path.stat(), marker):
            return
        aside = path.with_name(f"{path.name}.dead.{secrets.token_hex(8)}")
        path.rename(aside)
        if not _same(aside.stat(), marker):  # somebody was faster, or its holder woke up: give it back
            with contextlib.suppress(FileExistsError):
                os.link(aside, path)
        aside.unlink()


def _same(one: os.stat_result, other: os.stat_result) -> bool:
    return (one.st_ino, one.st_mtime_ns) == (other.st_ino, other.st_mtime_ns)


def _lease(path: Path, seconds: float = LEASE) -> _Lease:
    beat = min(HEARTBEAT, seconds / 6)
    return _Lease(path.with_name(path.name + SUFFIX), lease_duration=seconds, heartbeat_interval=beat)


def _holder(lock: SoftFileLease) -> str:
    """Return who holds a lock, in words, as far as its file says."""
    facts: dict[str, str] = {}
    with contextlib.suppress(OSError, ValueError):
        lines = Path(lock.lock_file).read_text(encoding="utf-8").splitlines()
        facts = dict(line.split("=", 1) for line in lines if "=" in line)
    return f"process {facts['pid']} on {facts['host']}" if {"pid", "host"} <= facts.keys() else "another process"


def _touched(lock: SoftFileLease) -> float | None:
    """Return when a lock was last touched; None if it is free."""
    with contextlib.suppress(OSError):
        return Path(lock.lock_file).stat().st_mtime
    return None
