"""A table of scores as HTML: the paper's values in columns of their own, intervals under values, reasons on hover."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from sbgan_bench.dashboard.inert import html
from sbgan_bench.report.cells import Cell
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.report.wording import DASH, decimals, letter, number

#: Lines and columns on one page of a table.
LINES, COLUMNS = 60, 8


@dataclass(frozen=True, slots=True)
class Beside:
    """A value of the paper beside one of ours."""

    text: str
    why: str  #: what the two do not share, or why there is none


def narrowed(table: Table, columns: int = COLUMNS) -> Table:
    """Return a table with its first columns only, and without the lines that say nothing in these."""
    if len(table.columns) <= columns:
        return table
    rows = (replace(row, cells=row.cells[:columns]) for row in table.rows)
    kept = tuple(row for row in rows if row.standard or any(cell.rows for cell in row.cells))
    return replace(table, columns=table.columns[:columns], rows=kept)


def scores(table: Table, part: slice = slice(LINES), paper: Mapping[tuple[int, int], Beside] | None = None) -> str:
    """Return a table as HTML.

    Args:
        table: What to show.
        part: Which lines.
        paper: The paper's values by line and column; a column with one of them gets a column for them.
    """
    paper = paper or {}
    cited = {column for _, column in paper}
    rows = list(enumerate(table.rows))[part]
    body = [
        _line(row, [_cells(table, i, j, cell, cited, paper) for j, cell in enumerate(row.cells)]) for i, row in rows
    ]
    common = f"<b>{html(' · '.join(table.common))}</b>" if table.common else ""
    return (
        f'<div class="sb-scroll" tabindex="0" role="region" aria-label="{html(table.title)}"><table class="sb-scores">'
        f'<caption>{html(table.caption)} {common}</caption><thead>{_head(table, cited)}</thead>'
        f"<tbody>{''.join(body)}</tbody></table></div>{_footnotes(table, [row for _, row in rows])}"
    )  # fmt: skip


def _head(table: Table, cited: set[int]) -> str:
    groups, subs = [], []
    for index, column in enumerate(table.columns):
        *facts, metric = column.header
        lines = "".join(f"<span>{html(fact, 60)}</span>" for fact in facts)
        span = 3 + (index in cited)
        groups.append(
            f'<th colspan="{span}" scope="colgroup">{lines}<b>{html(metric, 60)}</b>{_marks(column.notes)}</th>'
        )
        subs.append('<th scope="col">mean, 95 %</th><th scope="col">± trials</th><th scope="col">± seeds</th>')
        subs.append('<th scope="col" class="sb-paper">paper</th>' if index in cited else "")
    return f"<tr><td></td>{''.join(groups)}</tr><tr><td></td>{''.join(subs)}</tr>"


def _line(row: TableRow, cells: Sequence[str]) -> str:
    detail = f"<small>{html(row.detail)}</small>" if row.detail else ""
    kind = ' class="sb-standard"' if row.standard else ""
    return f'<tr{kind}><th scope="row">{html(row.label, 80)}{detail}</th>{"".join(cells)}</tr>'


def _cells(
    table: Table, line: int, column: int, cell: Cell, cited: set[int], paper: Mapping[tuple[int, int], Beside]
) -> str:
    made = _value(table, column, cell)
    if column in cited:
        beside = paper.get((line, column), Beside(DASH, "the paper has no such line"))
        made += f'<td class="sb-paper">{_with_reason(html(beside.text), beside.why)}</td>'
    return made


def _value(table: Table, column: int, cell: Cell) -> str:
    shown = f"<strong>{html(cell.text)}</strong>" if cell.best else html(cell.text)
    kind = "sb-value" if cell.value is not None else "sb-none"
    ends = _ends(cell, [row.cells[column].value for row in table.rows])
    return (
        f'<td class="{kind}">{_with_reason(shown, cell.hover)}{_marks(cell.notes)}{ends}</td>'
        f"<td>{html(cell.trials)}</td><td>{html(cell.seeds)}</td>"
    )


def _ends(cell: Cell, values: Sequence[float | None]) -> str:
    row = cell.rows[0] if cell.rows else None
    if row is None or row.low is None or row.high is None:
        return ""
    places = decimals([value for value in values if value is not None])
    return f"<small>{html(number(row.low, places))} to {html(number(row.high, places))}</small>"


def _with_reason(shown: str, reason: str) -> str:
    return f'<abbr title="{html(reason)}">{shown}</abbr>' if reason else shown


def _marks(notes: Sequence[int]) -> str:
    return f"<sup>{','.join(map(letter, notes))}</sup>" if notes else ""


def _footnotes(table: Table, rows: Sequence[TableRow]) -> str:
    marked = {note for column in table.columns for note in column.notes}
    marked |= {note for row in rows for cell in row.cells for note in cell.notes}
    notes = [f"<li><sup>{letter(i)}</sup> {html(table.footnotes[i])}</li>" for i in sorted(marked)[:40]]
    return f'<ul class="sb-notes">{"".join(notes)}</ul>' if notes else ""


def words(table: PlainTable, part: slice = slice(200), *, of_cell: Callable[[str], str] = html) -> str:
    """Return a table of words as HTML."""
    head = "".join(f'<th scope="col"{_flush(table, i)}>{html(text)}</th>' for i, text in enumerate(table.header))
    body = "".join(f"<tr>{''.join(_words_line(table, row, of_cell))}</tr>" for row in table.rows[part])
    caption = f"<caption>{html(table.caption, 2000)}</caption>" if table.caption else ""
    return (
        f'<div class="sb-scroll" tabindex="0" role="region" aria-label="{html(table.title)}">'
        f'<table class="sb-words">{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
    )


def _words_line(table: PlainTable, row: Sequence[str], of_cell: Callable[[str], str]) -> Iterator[str]:
    for index, text in enumerate(row):
        yield f"<td{_flush(table, index)}>{of_cell(text)}</td>"


def _flush(table: PlainTable, index: int) -> str:
    return ' class="sb-number"' if index in table.numeric else ""
