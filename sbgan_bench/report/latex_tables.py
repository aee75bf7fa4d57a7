r"""Tables as LaTeX: each file can be taken into a paper with \input."""

from collections.abc import Iterable, Sequence

from sbgan_bench.report.cells import Cell
from sbgan_bench.report.document import HEADER, PlainTable
from sbgan_bench.report.escaping import latex as escape
from sbgan_bench.report.paper_columns import PaperCell, PaperColumn
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.report.wording import letter

#: More columns than these continue in a second tabular below the first, so that print stays legible: of scores, which
#: take three each, and of the paper's numbers, which take one.
_ABREAST, _PAPER_ABREAST = 3, 4
#: Command around the number that a table has in the paper; it prints nothing unless a document defines it.
NUMBER = "numberinpaper"


def table_text(table: Table) -> str:
    r"""Return a ``table`` environment; needs \usepackage{booktabs,graphicx}."""
    common = f" All columns: {', '.join(table.common)}." if table.common else ""
    blocks = [_scores(table, slice(start, start + _ABREAST)) for start in range(0, len(table.columns), _ABREAST)]
    papers = range(0, len(table.paper), _PAPER_ABREAST)
    blocks += [_paper(table, slice(start, start + _PAPER_ABREAST)) for start in papers]
    return _environment(table, f"{table.caption}{common}", map(_fitted, blocks), _notes(table.footnotes))


def words_text(table: PlainTable) -> str:
    r"""Return a table of few words and numbers as a ``table`` environment; needs \usepackage{booktabs}."""
    form = "".join("r" if index in table.numeric else "l" for index in range(len(table.header)))
    form = r"lp{0.68\textwidth}" if form == "ll" else form
    header = [escape(text) + _marks(table.marks.get((HEADER, i), ())) for i, text in enumerate(table.header)]
    lines = [line for row in range(len(table.rows)) for line in _words_row(table, row)]
    block = "\n".join([*_opened(form, [" & ".join(header) + r" \\"]), *lines, *_CLOSED])
    return _environment(table, table.caption, [block], _notes(table.footnotes))


def _words_row(table: PlainTable, row: int) -> list[str]:
    cells = []
    for column, text in enumerate(map(escape, table.rows[row])):
        strong, quiet = (row, column) in table.strong, row in table.quiet
        text = rf"\textbf{{{text}}}" if strong else rf"\emph{{{text}}}" if quiet and text else text
        cells.append(text + _marks(table.marks.get((row, column), ())))
    line = " & ".join(cells) + r" \\"
    return [r"\midrule", line] if row in table.begins and row else [line]


def _notes(footnotes: Sequence[str]) -> list[str]:
    return [rf"\textsuperscript{{{letter(i)}}} {escape(text)}\par" for i, text in enumerate(footnotes)]


def _environment(table: Table | PlainTable, words: str, blocks: Iterable[str], notes: Sequence[str]) -> str:
    number, _, title = table.title.rpartition(": ")
    kept = rf"\{NUMBER}{{{escape(number)}: }}" if number else ""
    return "\n".join(
        [
            rf"\providecommand{{\{NUMBER}}}[1]{{}}% LaTeX numbers tables; report.tex keeps the paper's numbers",
            r"\begin{table}",
            r"\centering\small",
            rf"\caption{{{kept}{escape(f'{title[:1].upper()}{title[1:]}. {words}')}}}",
            rf"\label{{tab:{table.name}}}",
            r"\par\smallskip",
            "\n\\par\\medskip\n".join(blocks),
            *([r"\par\smallskip\raggedright\footnotesize", *notes] if notes else []),
            r"\end{table}",
            "",
        ]
    )


_CLOSED = (r"\bottomrule", r"\end{tabular}")


def _opened(form: str, head: Sequence[str]) -> list[str]:
    return [rf"\begin{{tabular}}{{{form}}}", r"\toprule", *head, r"\midrule"]


def _fitted(block: str) -> str:
    """Shrink a block to the width of the text, never enlarge it."""
    return "\n".join([r"\resizebox{\ifdim\width>\textwidth\textwidth\else\width\fi}{!}{%", block, "}"])


def _scores(table: Table, chosen: slice) -> str:
    columns = table.columns[chosen]
    spans = _padded([_header(column.header, column.notes, 3) for column in columns], 3)
    rules = [rf"\cmidrule(lr){{{2 + 3 * i}-{4 + 3 * i}}}" for i in range(len(columns))]
    head = [
        *(" & ".join(["", *line]) + r" \\" for line in zip(*spans, strict=True)),
        "".join(rules),
        " & ".join(["", *[r"mean & $\pm$ trials & $\pm$ seeds"] * len(columns)]) + r" \\",
    ]
    body = _lines(table.rows, [[part for cell in row.cells[chosen] for part in _cell(cell)] for row in table.rows])
    return "\n".join([*_opened(f"l{'rrr' * len(columns)}", head), *body, *_CLOSED])


def _paper(table: Table, chosen: slice) -> str:
    columns: Sequence[PaperColumn] = table.paper[chosen]
    spans = _padded([_header(column.header, column.notes, 1) for column in columns], 1)
    head = [" & ".join(["", *line]) + r" \\" for line in zip(*spans, strict=True)]
    shown = [row for row in table.rows if any(cell.value is not None for cell in row.paper[chosen])]
    body = _lines(shown, [[_paper_cell(cell) for cell in row.paper[chosen]] for row in shown])
    return "\n".join([*_opened(f"l{'r' * len(columns)}", head), *body, *_CLOSED])


def _paper_cell(cell: PaperCell) -> str:
    return escape(cell.text)


def _header(header: Sequence[str], notes: Sequence[int], width: int) -> list[str]:
    lines = [escape(text) for text in header]
    lines[-1] += _marks(notes)
    return [rf"\multicolumn{{{width}}}{{c}}{{{line}}}" for line in lines]


def _padded(spans: Sequence[list[str]], width: int) -> list[list[str]]:
    tallest = max(map(len, spans), default=0)
    return [[rf"\multicolumn{{{width}}}{{c}}{{}}"] * (tallest - len(span)) + span for span in spans]


def _marks(notes: Sequence[int]) -> str:
    return rf"\textsuperscript{{{','.join(map(letter, notes))}}}" if notes else ""


def _lines(rows: Sequence[TableRow], cells: Sequence[Sequence[str]]) -> list[str]:
    lines = []
    for before, row, parts in zip((None, *rows), rows, cells, strict=False):
        if before is not None and before.standard != row.standard:
            lines.append(r"\midrule")
        label = escape(f"{row.label}, {row.detail}" if row.detail else row.label)
        label = rf"\emph{{{label}}}" if row.standard else label
        lines.append(" & ".join([label, *parts]) + r" \\")
    return lines


def _cell(cell: Cell) -> list[str]:
    text = escape(cell.text)
    return [
        (rf"\textbf{{{text}}}" if cell.best else text) + _marks(cell.notes),
        escape(cell.trials),
        escape(cell.seeds),
    ]
