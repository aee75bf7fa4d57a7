"""Tables as HTML: intervals under values, ties bold, the paper's values in columns of their own, reasons on hover."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sbgan_bench.dashboard.inert import html
from sbgan_bench.dashboard.papers import PaperCell, Shown
from sbgan_bench.paper import PaperTable
from sbgan_bench.report.cells import Cell
from sbgan_bench.report.document import HEADER, PlainTable
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.report.wording import letter, size_text

#: Lines and columns on one page of a table.
LINES, COLUMNS = 40, 6
_FOOTNOTES = 40
#: Parts of a score below its header.
_PARTS = '<th scope="col">mean, 95 %</th><th scope="col">± trials</th><th scope="col">± seeds</th>'


def narrowed(table: Table, columns: int = COLUMNS) -> Table:
    """Return a table with its first columns only, and without the lines that say nothing in these."""
    if len(table.columns) <= columns:
        return table
    rows = (replace(row, cells=row.cells[:columns]) for row in table.rows)
    kept = tuple(row for row in rows if row.standard or any(cell.rows for cell in row.cells))
    return replace(table, columns=table.columns[:columns], rows=kept)


def without_paper(table: Table) -> Table:
    """Return a table without the paper's columns."""
    return replace(table, rows=tuple(replace(row, paper=()) for row in table.rows), paper=())


def scores(table: Table, part: slice = slice(LINES)) -> str:
    """Return lines of a table of scores as HTML."""
    rows = table.rows[part]
    common = f"<b>{html(' · '.join(table.common))}</b>" if table.common else ""
    body = "".join(map(_line, rows))
    return _framed(table.title, f"{html(table.caption)} {common}", _head(table), body) + _footnotes(table, rows)


def _framed(title: str, caption: str, head: str, body: str) -> str:
    return (
        f'<p class="sb-caption">{caption}</p><div class="sb-scroll" tabindex="0" role="region" '
        f'aria-label="{html(title)}"><table class="sb-scores"><thead>{head}</thead><tbody>{body}</tbody></table></div>'
    )


def _head(table: Table) -> str:
    ours = "".join(_group(column.header, column.notes, 'colspan="3" scope="colgroup"') for column in table.columns)
    theirs = "".join(_group(column.header, column.notes, 'scope="col" class="sb-paper"') for column in table.paper)
    below = '<th scope="col" class="sb-paper">as printed</th>' * len(table.paper)
    return f"<tr><td></td>{ours}{theirs}</tr><tr><td></td>{_PARTS * len(table.columns)}{below}</tr>"


def _group(header: Sequence[str], notes: Sequence[int], attributes: str) -> str:
    *facts, metric = header
    lines = "".join(f"<span>{html(fact, 60)}</span>" for fact in facts)
    return f"<th {attributes}>{lines}<b>{html(metric, 60)}</b>{_marks(notes)}</th>"


def _line(row: TableRow) -> str:
    detail = f"<small>{html(row.detail)}</small>" if row.detail else ""
    kind = ' class="sb-standard"' if row.standard else ""
    ours = "".join(map(_cell, row.cells))
    theirs = "".join(f'<td class="sb-paper">{_reasoned(html(one.text), one.hover)}</td>' for one in row.paper)
    return f'<tr{kind}><th scope="row">{html(row.label, 80)}{detail}</th>{ours}{theirs}</tr>'


def _cell(cell: Cell) -> str:
    shown = f"<strong>{html(cell.text)}</strong>" if cell.best else html(cell.text)
    kind = "sb-value" if cell.value is not None else "sb-none"
    ends = f"<small>{html(cell.interval)}</small>" if cell.interval else ""
    value = f"{_reasoned(shown, cell.hover)}{_marks(cell.notes)}{ends}"
    return f'<td class="{kind}">{value}</td><td>{html(cell.trials)}</td><td>{html(cell.seeds)}</td>'


def _reasoned(shown: str, reason: str) -> str:
    return f'<abbr title="{html(reason)}">{shown}</abbr>' if reason else shown


def _marks(notes: Sequence[int]) -> str:
    return f"<sup>{','.join(map(letter, notes))}</sup>" if notes else ""


def _footnotes(table: Table, rows: Iterable[TableRow]) -> str:
    marked = {note for column in table.columns for note in column.notes}
    marked |= {note for column in table.paper for note in column.notes}
    marked |= {note for row in rows for cell in row.cells for note in cell.notes}
    return _notes(table.footnotes, marked)


def _notes(texts: Sequence[str], marked: Iterable[int]) -> str:
    notes = [f"<li><sup>{letter(i)}</sup> {html(texts[i], 2000)}</li>" for i in sorted(marked)[:_FOOTNOTES]]
    return f'<ul class="sb-notes">{"".join(notes)}</ul>' if notes else ""


def papers(table: PaperTable, cells: Sequence[Sequence[PaperCell]], source: str) -> str:
    """Return a table of the paper as HTML, with what a run has for each of its cells.

    Args:
        table: As printed.
        cells: Line by line.
        source: Which paper.
    """
    columns = [size_text(column).replace("/", " ") for column in table.columns]
    groups = "".join(f'<th colspan="2" scope="colgroup"><b>{html(column)}</b></th>' for column in columns)
    below = '<th scope="col" class="sb-paper">paper</th><th scope="col">this run</th>' * len(columns)
    head = f"<tr><td></td>{groups}</tr><tr><td></td>{below}</tr>"
    body = "".join(
        f'<tr><th scope="row">{html(row.name)}</th>{"".join(map(_paper_cell, line))}</tr>'
        for row, line in zip(table.rows, cells, strict=True)
    )
    notes = "".join(f"<li>{html(note)}</li>" for note in table.notes)
    caption = f"<b>{html(table.title)}</b>{html(source)}"
    return f'{_framed(table.title, caption, head, body)}<ul class="sb-notes">{notes}</ul>'


def _paper_cell(cell: PaperCell) -> str:
    return f'<td class="sb-paper">{_shown(cell.paper)}</td><td>{"<br>".join(map(_shown, cell.ours))}</td>'


def _shown(value: Shown) -> str:
    return _reasoned(html(value.text), value.why)


def words(table: PlainTable, part: slice = slice(100)) -> str:
    """Return lines of a table of words as HTML."""
    cells = "".join(
        f'<th scope="col"{_flush(table, i)}>{html(text)}{_marks(table.marks.get((HEADER, i), ()))}</th>'
        for i, text in enumerate(table.header)
    )
    lines = range(*part.indices(len(table.rows)))
    body = "".join(f"<tr{_kind(table, line)}>{''.join(_words_line(table, line))}</tr>" for line in lines)
    caption = f'<p class="sb-caption">{html(table.caption, 2000)}</p>' if table.caption else ""
    marked = {note for (line, _), notes in table.marks.items() if line == HEADER or line in lines for note in notes}
    return (
        f'{caption}<div class="sb-scroll" tabindex="0" role="region" aria-label="{html(table.title)}">'
        f'<table class="sb-words"><thead><tr>{cells}</tr></thead><tbody>{body}</tbody></table></div>'
        f"{_notes(table.footnotes, marked)}"
    )


def _words_line(table: PlainTable, line: int) -> Iterator[str]:
    for index, text in enumerate(table.rows[line]):
        shown = f"<strong>{html(text)}</strong>" if (line, index) in table.strong else html(text)
        yield f"<td{_flush(table, index)}>{shown}{_marks(table.marks.get((line, index), ()))}</td>"


def _kind(table: PlainTable, line: int) -> str:
    kinds = [name for name, lines in (("sb-standard", table.quiet), ("sb-begins", table.begins)) if line in lines]
    return f' class="{" ".join(kinds)}"' if kinds else ""


def _flush(table: PlainTable, index: int) -> str:
    return ' class="sb-number"' if index in table.numeric else ""
