"""Downloading a file that somebody asked for: resumed where it stopped, and named only once it is verified."""

import contextlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sbgan_bench import __version__
from sbgan_bench.errors import BenchError, CorruptFileError, DataError
from sbgan_bench.locking import locked
from sbgan_bench.storage import writing
from sbgan_bench.weights import WeightsFile, check_weights, present_weights

#: Seconds without a byte after which a server is given up.
_PATIENCE = 30.0
_CHUNK = 1 << 20
_AGAIN = "Run the same command again: it goes on from there. Or without:"

#: Told (bytes done, bytes in all).
Report = Callable[[int, int], None]


def fetch_weights(record: WeightsFile, report: Report, folder: Path | None = None) -> Path:
    """Return the verified file of ``record``, downloaded if it is not there yet.

    What was downloaded before an interruption is kept beside it and gone on from.

    Args:
        record: What to fetch.
        report: Told the bytes done and in all.
        folder: Where to put it; None for where it is looked for.

    Raises:
        DataError: The server cannot be reached or stopped half-way; says how to do without.
        CorruptFileError: What came is not the published file; it was removed.
        CannotWriteError: The folder is read-only or the disk is full.
    """
    target = record.in_folder(folder)
    with locked(target):
        with contextlib.suppress(CorruptFileError):  # what is there under this name is not it, and is replaced
            if present_weights(record, folder) is not None:
                return target
        part = target.with_name(f".{record.file}.download")
        if not part.exists() or part.stat().st_size != record.size:
            _receive(record, part, report)
        try:
            check_weights(part, record)
        except CorruptFileError as error:
            part.unlink()
            raise CorruptFileError(
                f"What {record.url} gave is not {record.file} and was removed ({error}). Try again later, or: "
                f"{record.by_hand}"
            ) from error
        with writing(target):
            part.replace(target)
    return target


def _receive(record: WeightsFile, part: Path, report: Report) -> None:
    """Add to ``part`` what is missing of it."""
    done = part.stat().st_size if part.exists() else 0
    if done > record.size:
        done = 0
    with _asked(record, done) as response:
        resumed = response.status == http.client.PARTIAL_CONTENT
        done = done if resumed else 0
        _check_length(response, done, record)
        with writing(part), part.open("ab" if resumed else "wb") as stream:
            for chunk in _chunks(response, record):
                stream.write(chunk)
                done += len(chunk)
                report(min(done, record.size), record.size)
                if done > record.size:  # another file: no need to take all of it
                    break
            stream.flush()
            os.fsync(stream.fileno())
    if done < record.size:
        raise DataError(f"{record.url} stopped after {done:,} of {record.size:,} bytes. {_AGAIN} {record.by_hand}")


def _check_length(response: Any, done: int, record: WeightsFile) -> None:
    """Refuse a page or file of another length, where the server says so, before anything of it is kept."""
    promised = response.headers.get("Content-Length")
    if promised is not None and done + int(promised) != record.size:
        raise CorruptFileError(
            f"{record.url} gives {done + int(promised):,} bytes, and {record.file} has {record.size:,}: it is another "
            f"file, or a page that stands between. {record.by_hand}"
        )


def _asked(record: WeightsFile, start: int) -> Any:
    """Open the address, from byte ``start`` on if the server can."""
    if urlsplit(record.url).scheme not in ("http", "https"):
        raise BenchError(f"{record.url} is no web address. {record.by_hand}")
    headers = {"User-Agent": f"sbgan-bench/{__version__}", **({"Range": f"bytes={start}-"} if start else {})}
    request = urllib.request.Request(record.url, headers=headers)  # noqa: S310  # the scheme was looked at
    try:
        return urllib.request.urlopen(request, timeout=_PATIENCE)  # noqa: S310
    except urllib.error.HTTPError as error:
        raise DataError(f"{record.url} cannot be had ({error.code} {error.reason}). {record.by_hand}") from error
    except (OSError, http.client.HTTPException) as error:
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        raise DataError(f"{record.url} cannot be reached ({reason}). {record.by_hand}") from error


def _chunks(response: Any, record: WeightsFile) -> Iterator[bytes]:
    try:
        while chunk := response.read(_CHUNK):
            yield chunk
    except (OSError, http.client.HTTPException) as error:
        raise DataError(f"{record.url} broke off ({error}). {_AGAIN} {record.by_hand}") from error
