"""Reading the result CSV of a batch, as Mechanical Turk or a spreadsheet program wrote it."""

import codecs
import csv
import io
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.errors import DataError

#: Columns of Mechanical Turk that an import cannot do without.
HIT, ASSIGNMENT, WORKER, STATUS, WORK_TIME = (
    "HITId", "AssignmentId", "WorkerId", "AssignmentStatus", "WorkTimeInSeconds",
)  # fmt: skip
REQUIRED = (ASSIGNMENT, WORKER, STATUS)
APPROVE, REJECT = "Approve", "Reject"
#: The column in which ``fetch_results`` says on which marketplace workers answered.
MARKETPLACE = "Marketplace"
INPUT_PREFIX, ANSWER_PREFIX = "Input.", "Answer."
#: The column in which crowd-form puts everything when it does not flatten answers.
TASK_ANSWERS = "Answer.taskAnswers"


@dataclass(frozen=True, slots=True)
class ResultRow:
    """One assignment of a result file."""

    number: int  #: in the file, the header being row 1
    cells: Mapping[str, str]  #: by column

    def __repr__(self) -> str:
        """Return where the row is, not what it says: worker ids are in it."""
        return f"ResultRow({self.number})"


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A result file."""

    path: Path
    columns: tuple[str, ...]
    rows: tuple[ResultRow, ...]


def read_results(path: Path) -> ResultFile:
    """Read a result file.

    UTF-8 with or without a mark, UTF-16 with one, and otherwise Windows-1252; separated by commas, semicolons or tabs;
    line ends of any system, also within quotes; rows cut short where nothing follows.

    Raises:
        DataError: It cannot be read, is no CSV, has two columns of one name, or lacks a column of Mechanical Turk.
    """
    try:
        text = _decoded(path.read_bytes())
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True))
    except csv.Error as error:
        raise DataError(
            f"{path} is no CSV that can be read ({error}); download it from Mechanical Turk anew."
        ) from error
    columns = tuple(name.strip() for name in lines[0]) if lines else ()
    _check_columns(path, columns)
    rows = [_row(path, columns, number, line) for number, line in enumerate(lines[1:], start=2) if any(line)]
    return ResultFile(path, columns, tuple(rows))


def came_from_sandbox(results: ResultFile) -> bool:
    """Whether answers were fetched from the sandbox; of what the web site gives nobody can tell."""
    return any(row.cells.get(MARKETPLACE) == "sandbox" for row in results.rows)


def _decoded(data: bytes) -> str:
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _delimiter(text: str) -> str:
    """Return what separates the names of columns."""
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _check_columns(path: Path, columns: Sequence[str]) -> None:
    there = ", ".join(filter(None, columns)) or "nothing"
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise DataError(f"{path} lacks the column {' and '.join(missing)}: it is no result file of Mechanical Turk. "
                        f"There is {there}.")  # fmt: skip
    twice = [name for name, count in Counter(filter(None, columns)).items() if count > 1]
    if twice:
        raise DataError(f"{path} has the column {' and '.join(twice)} more than once; keep one of them.")


def _row(path: Path, columns: Sequence[str], number: int, line: Sequence[str]) -> ResultRow:
    if any(line[len(columns) :]):
        raise DataError(
            f"{path}: row {number} has {len(line)} cells and the header {len(columns)}; mend or remove it."
        )
    padded = [*line, *[""] * (len(columns) - len(line))]
    return ResultRow(number, dict(zip(columns, padded, strict=False)))
