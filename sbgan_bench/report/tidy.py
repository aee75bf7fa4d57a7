"""Tables as CSV: one line for every row behind a cell, with all that the row says about where it came from."""

import re

import pandas as pd

from sbgan_bench.paper import differences
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.results import ResultRow

#: What the first columns say of the cell; the fields of the row follow.
CELL = ("table", "row", "detail", "column", "shown", "best", "footnotes")
#: What the last two say: the paper's value for the same thing, and where it stands and what it does not share.
PAPER = ("paper", "paper_differs")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII)


def table_text(table: Table) -> str:
    """Return a table of scores; ``shown`` marks the row whose value the table prints."""
    lines = []
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            notes = " | ".join(table.footnotes[i] for i in cell.notes)
            for result in cell.rows:
                place = (table.name, row.label, row.detail, column.text, result is cell.rows[0], cell.best, notes)
                lines.append(dict(zip(CELL, place, strict=True)) | _flat(result) | _of_paper(row, result))
    return _csv(pd.DataFrame(lines, columns=[*CELL, *ResultRow.model_fields, *PAPER], dtype=object))


def _of_paper(line: TableRow, row: ResultRow) -> dict[str, object]:
    """Return the paper's value for what a row measures, if it has one."""
    for cell in line.paper:
        if cell.value is not None and cell.value.is_of(row.dataset, row.resolution):
            return dict(zip(PAPER, (cell.text, "; ".join((cell.hover, *differences(cell.value, row)))), strict=True))
    return {}


def plain_text(table: PlainTable) -> str:
    """Return a table of words."""
    return _csv(pd.DataFrame(list(table.rows), columns=list(table.header), dtype=object))


def _flat(row: ResultRow) -> dict[str, object]:
    values = row.model_dump(mode="json")
    versions = "; ".join(f"{name} {version}" for name, version in sorted(row.versions.items()))
    return values | {"versions": versions, "notes": " | ".join(row.notes)}


def _csv(frame: "pd.DataFrame") -> str:
    return str(frame.map(inert).to_csv(index=False, lineterminator="\n"))


def inert(value: object) -> object:
    """Keep a spreadsheet from running a text as a formula; a signed number is none, and is written for machines."""
    if not isinstance(value, str):
        return value
    number = value.replace("−", "-")
    if _NUMBER.fullmatch(number):
        return number
    runs = len(value) > 1 and value.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{value}" if runs else value
