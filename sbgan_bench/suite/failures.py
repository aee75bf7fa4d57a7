"""Why a job failed, in one line."""

import errno
import socket
from collections.abc import Iterator

from sbgan_bench.errors import BenchError

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_AWAY = frozenset({errno.EIO, errno.ESTALE, errno.ETIMEDOUT})


def failure(error: Exception) -> str:
    """Return the reason that stands in a result row; a full disk comes first, whatever stumbled over it."""
    words = str(error) if isinstance(error, BenchError) else f"{type(error).__name__}: {error}"
    return f"disk full on {socket.gethostname()}: {words}" if disk_is_full(error) else words


def disk_is_full(error: BaseException) -> bool:
    """Whether an error comes from a disk without room; libraries that are not Python's say so in words alone."""
    return any(
        (isinstance(one, OSError) and one.errno in _FULL) or "No space left on device" in str(one)
        for one in _chain(error)
    )


def disk_is_away(error: BaseException) -> bool:
    """Whether an error comes from a disk that may be back in a moment, or that another machine may reach."""
    return any(isinstance(one, OSError) and one.errno in _AWAY for one in _chain(error))


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and what led to it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
