r"""Tables as LaTeX: each file can be taken in with \input, and ``report.tex`` compiles all of them."""

from collections.abc import Sequence

from sbgan_bench.report.cells import Cell
from sbgan_bench.report.document import HEADER, PlainTable
from sbgan_bench.report.escaping import latex as escape
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.report.wording import letter

#: More columns of scores than this continue in a second tabular below the first, so that print stays legible.
_ABREAST = 3


def table_text(table: Table) -> str:
    r"""Return a ``table`` environment; needs \usepackage{booktabs,graphicx}."""
    common = f" All columns: {', '.join(table.common)}." if table.common else ""
    blocks = [_tabular(table, slice(start, start + _ABREAST)) for start in range(0, len(table.columns), _ABREAST)]
    notes = [rf"\textsuperscript{{{letter(i)}}} {escape(text)}\par" for i, text in enumerate(table.footnotes)]
    return "\n".join(
        [
            r"% needs \usepackage{booktabs,graphicx}",
            r"\begin{table}[htbp]",
            r"\centering\small",
            rf"\caption{{{escape(f'{_unnumbered(table.title)}. {table.caption}{common}')}}}",
            rf"\label{{tab:{table.name}}}",
            "\n\\par\\medskip\n".join(blocks),
            *([r"\par\smallskip\raggedright\footnotesize", *notes] if notes else []),
            r"\end{table}",
            "",
        ]
    )


def _tabular(table: Table, chosen: slice) -> str:
    columns = table.columns[chosen]
    spans = [_group(column.header, column.notes) for column in columns]
    rules = [rf"\cmidrule(lr){{{2 + 3 * i}-{4 + 3 * i}}}" for i in range(len(columns))]
    lines = [
        rf"\begin{{tabular}}{{l{'rrr' * len(columns)}}}",
        r"\toprule",
        *(" & ".join(["", *line]) + r" \\" for line in zip(*_padded(spans), strict=True)),
        "".join(rules),
        " & ".join(["", *[r"mean & $\pm$ trials & $\pm$ seeds"] * len(columns)]) + r" \\",
        r"\midrule",
        *_lines(table.rows, chosen),
        r"\bottomrule",
        r"\end{tabular}",
    ]
    return "\n".join(lines if len(columns) == 1 else [r"\resizebox{\textwidth}{!}{%", *lines, "}"])


def _group(header: Sequence[str], notes: Sequence[int]) -> list[str]:
    lines = [escape(text) for text in header]
    lines[-1] += _marks(notes)
    return [rf"\multicolumn{{3}}{{c}}{{{line}}}" for line in lines]


def _padded(spans: Sequence[list[str]]) -> list[list[str]]:
    tallest = max(map(len, spans), default=0)
    return [[r"\multicolumn{3}{c}{}"] * (tallest - len(span)) + span for span in spans]


def _marks(notes: Sequence[int]) -> str:
    return rf"\textsuperscript{{{','.join(map(letter, notes))}}}" if notes else ""


def _lines(rows: Sequence[TableRow], chosen: slice) -> list[str]:
    lines = []
    for before, row in zip((None, *rows), rows, strict=False):
        if before is not None and before.standard != row.standard:
            lines.append(r"\midrule")
        label = escape(f"{row.label}, {row.detail}" if row.detail else row.label)
        label = rf"\emph{{{label}}}" if row.standard else label
        lines.append(" & ".join([label, *(part for cell in row.cells[chosen] for part in _cell(cell))]) + r" \\")
    return lines


def _cell(cell: Cell) -> list[str]:
    text = escape(cell.text)
    return [
        (rf"\textbf{{{text}}}" if cell.best else text) + _marks(cell.notes),
        escape(cell.trials),
        escape(cell.seeds),
    ]


def words_text(table: PlainTable) -> str:
    r"""Return a ``table`` environment with one tabular; needs \usepackage{booktabs}."""
    columns = "".join("r" if index in table.numeric else "l" for index in range(len(table.header)))
    notes = [rf"\textsuperscript{{{letter(i)}}} {escape(text)}\par" for i, text in enumerate(table.footnotes)]
    header = [escape(text) + _marks(table.marks.get((HEADER, i), ())) for i, text in enumerate(table.header)]
    return "\n".join(
        [
            r"% needs \usepackage{booktabs}",
            r"\begin{table}[htbp]",
            r"\centering\small",
            rf"\caption{{{escape(' '.join(filter(None, (_unnumbered(table.title) + '.', table.caption))))}}}",
            rf"\label{{tab:{table.name}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            " & ".join(header) + r" \\",
            r"\midrule",
            *(line for row in range(len(table.rows)) for line in _words_row(table, row)),
            r"\bottomrule",
            r"\end{tabular}",
            *([r"\par\smallskip\raggedright\footnotesize", *notes] if notes else []),
            r"\end{table}",
            "",
        ]
    )


def _words_row(table: PlainTable, row: int) -> list[str]:
    cells = []
    for column, text in enumerate(map(escape, table.rows[row])):
        strong, quiet = (row, column) in table.strong, row in table.quiet
        text = rf"\textbf{{{text}}}" if strong else rf"\emph{{{text}}}" if quiet and text else text
        cells.append(text + _marks(table.marks.get((row, column), ())))
    line = " & ".join(cells) + r" \\"
    return [r"\midrule", line] if row in table.begins and row else [line]


def _unnumbered(title: str) -> str:
    """LaTeX numbers tables itself: "Table 3: human scores" becomes "Human scores"."""
    name = title.rpartition(": ")[2]
    return name[:1].upper() + name[1:]


def document_text(tables: Sequence[Table | PlainTable]) -> str:
    """Return a document that compiles every table, each beside it as ``<name>.tex``."""
    inputs = [rf"\input{{{table.name}}}" for table in tables] or ["No table has any rows yet."]
    return "\n".join(
        [
            r"\documentclass{article}",
            r"\usepackage[utf8]{inputenc}",
            r"\usepackage[T1]{fontenc}",
            r"\usepackage[margin=2cm]{geometry}",
            r"\usepackage{booktabs,graphicx}",
            r"\begin{document}",
            *inputs,
            r"\end{document}",
            "",
        ]
    )
