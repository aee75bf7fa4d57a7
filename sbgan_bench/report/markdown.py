"""A report as GitHub-flavoured Markdown, with its pictures as files."""

from collections.abc import Sequence

from sbgan_bench.report.cells import Cell
from sbgan_bench.report.document import HEADER, Figure, Item, PlainTable, Report, Section
from sbgan_bench.report.escaping import markdown as escape
from sbgan_bench.report.pictures import file_name
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.report.wording import letter

#: Where pictures lie, relative to report.md.
FIGURES = "figures"


def table_text(table: Table) -> str:
    """Return a table of scores: three columns per score, the standard rows in italics."""
    header = ["model"]
    for column in table.columns:
        header += [escape(column.text) + _marks(column.notes), "± trials", "± seeds"]
    header += [escape(column.text) + _marks(column.notes) for column in table.paper]
    lines = [_line(header), _line(["---", *["---:"] * (len(header) - 1)])]
    lines += [_line([_row_label(row), *_cells(row)]) for row in table.rows]
    about = [escape(table.caption)]
    if table.common:
        about.append("All columns: " + escape(", ".join(table.common)) + ".")
    notes = [f"<sup>{letter(i)}</sup> {escape(text)}" for i, text in enumerate(table.footnotes)]
    return "\n\n".join([" ".join(about), "\n".join(lines), *notes])


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _row_label(row: TableRow) -> str:
    text = escape(f"{row.label}, {row.detail}" if row.detail else row.label)
    return f"*{text}*" if row.standard else text


def _cells(row: TableRow) -> list[str]:
    return [*(part for cell in row.cells for part in _cell(cell)), *(escape(cell.text) for cell in row.paper)]


def _cell(cell: Cell) -> list[str]:
    text = escape(cell.text)
    if cell.best:
        text = f"**{text}**"
    return [text + _marks(cell.notes), escape(cell.trials), escape(cell.seeds)]


def _marks(notes: Sequence[int]) -> str:
    return f"<sup>{','.join(map(letter, notes))}</sup>" if notes else ""


def words_text(table: PlainTable) -> str:
    """Return a table of words, the yardsticks in italics."""
    header = _line([escape(text) + _marks(table.marks.get((HEADER, i), ())) for i, text in enumerate(table.header)])
    rule = _line(["---:" if i in table.numeric else "---" for i in range(len(table.header))])
    lines = [header, rule, *(_line(_words_row(table, place)) for place in range(len(table.rows)))]
    notes = [f"<sup>{letter(i)}</sup> {escape(text)}" for i, text in enumerate(table.footnotes)]
    return "\n\n".join(part for part in (escape(table.caption), "\n".join(lines), *notes) if part)


def _words_row(table: PlainTable, row: int) -> list[str]:
    cells = []
    for column, text in enumerate(table.rows[row]):
        around = "**" if (row, column) in table.strong else "*" if row in table.quiet and text else ""
        cells.append(f"{around}{escape(text)}{around}" + _marks(table.marks.get((row, column), ())))
    return cells


def picture_name(figure: Figure, index: int) -> str:
    """Return the file name of a figure's strip."""
    return file_name(figure.name, index, len(figure.strips), figure.strips[index].picture.suffix)


def _figure_text(figure: Figure) -> str:
    links = [
        f"![{escape(strip.picture.alt)}]({FIGURES}/{picture_name(figure, i)})" for i, strip in enumerate(figure.strips)
    ]
    if len(links) == 1 and not figure.strips[0].label:
        return f"{links[0]}\n\n{escape(figure.caption)}"
    lines = ["| | |", "| --- | --- |"]
    for strip, link in zip(figure.strips, links, strict=True):
        label = ", ".join(escape(text) for text in (strip.label, strip.detail) if text)
        lines.append(_line([label, link]))
    return f"{escape(figure.caption)}\n\n" + "\n".join(lines)


def _item_text(item: Item) -> str:
    match item:
        case Table():
            body = table_text(item)
        case PlainTable():
            body = words_text(item)
        case Figure():
            body = _figure_text(item)
    return f"### {escape(item.title)}\n\n{body}"


def _section_text(section: Section) -> str:
    return "\n\n".join([f"## {escape(section.title)}", *map(_item_text, section.items)])


def report_text(report: Report) -> str:
    """Return the whole report as Markdown."""
    parts = [
        f"# {escape(report.title)}",
        *([f"> # {escape(report.mark)}"] if report.mark else []),
        *(f"> **{escape(warning)}**" for warning in report.warnings),
        *(["\n".join(f"- {escape(answer)}" for answer in report.answers)] if report.answers else []),
        *map(escape, report.lead),
        *map(_section_text, report.sections),
    ]
    return "\n\n".join(parts) + "\n"
