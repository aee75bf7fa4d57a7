"""Rows of one kind kept as JSON Lines, each row known by its key."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from sbgan_bench.config import Settings
from sbgan_bench.errors import CorruptFileError
from sbgan_bench.storage import atomic_file

_Row = TypeVar("_Row", bound=Settings)
_Key = Callable[[_Row], tuple[str, ...]]


def write_lines(path: Path, rows: Iterable[_Row], key: _Key[_Row]) -> None:
    """Write rows atomically, one a line, ordered by key."""
    with atomic_file(path) as temporary, temporary.open("w", encoding="utf-8") as stream:
        stream.writelines(row.model_dump_json() + "\n" for row in sorted(rows, key=key))


def read_lines(path: Path, kind: type[_Row], key: _Key[_Row], noun: str = "") -> list[_Row]:
    """Read rows; of two rows with one key the later line wins.

    Args:
        path: The file.
        kind: Of the rows.
        key: What a row is known by.
        noun: What a row is called in messages; "" for the name of its kind.

    Raises:
        CorruptFileError: The file is missing, or a line is not such a row (with its number).
    """
    noun = noun or f"row of kind {kind.__name__}"
    rows: dict[tuple[str, ...], _Row] = {}
    try:
        with path.open(encoding="utf-8") as stream:
            for number, line in enumerate(stream, start=1):
                try:
                    row = kind.model_validate_json(line)
                except ValidationError as error:
                    raise CorruptFileError(
                        f"{path}, line {number}: not a {noun} ({error.errors()[0]['msg']}). Run the suite again "
                        "to rebuild the file."
                    ) from error
                rows[key(row)] = row
    except UnicodeDecodeError as error:
        raise CorruptFileError(f"{path} is no text in UTF-8 ({error.reason}); it cannot hold rows.") from error
    except OSError as error:
        raise CorruptFileError(f"Cannot read {path}: {error.strerror}. Run the suite first.") from error
    return list(rows.values())
