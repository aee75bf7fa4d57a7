r"""A report as a folder of LaTeX: ``report.tex`` compiles its tables and figures, each table in a file of its own."""

from collections.abc import Iterator, Sequence

from sbgan_bench.report.document import Figure, Item, PlainTable, Report, Section, Strip
from sbgan_bench.report.escaping import latex as escape
from sbgan_bench.report.latex_tables import table_text as table_text
from sbgan_bench.report.latex_tables import words_text as words_text
from sbgan_bench.report.pictures import Picture, file_name
from sbgan_bench.report.tables import Table

#: Centimetres of a page that pictures may fill, and of a line beside the labels.
_HIGHEST, _WIDEST, _ALONE = 20.0, 13.2, 16.5
_PREAMBLE = r"""\documentclass[a4paper,10pt]{article}
\usepackage[utf8]{inputenc}
\usepackage[T1]{fontenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage[margin=2cm]{geometry}
\usepackage{array,booktabs,caption,float,graphicx}
\captionsetup[table]{labelformat=empty,labelsep=none}
\newcommand{\numberinpaper}[1]{#1}
\floatplacement{table}{H}
\floatplacement{figure}{H}
\setlength{\parindent}{0pt}
\setlength{\parskip}{4pt}
\begin{document}"""
#: Tables of words that print stays legible with; the others are in the page and in the CSV files.
_WORDS = ("paper-", "provenance", "table-3", "human-")


def files(report: Report) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file of the folder."""
    items = [item for section in report.sections for item in section.items]
    for item in items:
        match item:
            case Table():
                yield f"tables/{item.name}.tex", table_text(item).encode()
            case PlainTable():
                if item.name.startswith(_WORDS):
                    yield f"tables/{item.name}.tex", words_text(item).encode()
            case Figure():
                for index, strip in enumerate(item.strips):
                    yield f"figures/{_name(item, index)}", _content(strip.picture)
    yield "report.tex", document_text(report).encode()


def _content(picture: Picture) -> bytes:
    return picture.data if picture.as_pdf is None else picture.as_pdf()


def document_text(report: Report) -> str:
    """Return the document that takes all the other files in."""
    parts = [
        _PREAMBLE,
        *_mark(report.mark),
        rf"\begin{{center}}\LARGE {escape(report.title)}\end{{center}}",
        *(rf"\textbf{{{escape(warning)}}}" + "\n" for warning in report.warnings),
        *_answers(report.answers),
        *(escape(paragraph) + "\n" for paragraph in report.lead),
        *(text for section in report.sections for text in _section(section)),
        r"\end{document}",
        "",
    ]
    return "\n".join(parts)


def _mark(mark: str) -> list[str]:
    """Return what stands over the first page and at the head of every other."""
    if not mark:
        return []
    said = rf"\textbf{{{escape(mark)}}}"
    return [rf"\pagestyle{{myheadings}}\markright{{{said}}}", rf"\begin{{center}}\Large {said}\end{{center}}"]


def _answers(answers: Sequence[str]) -> list[str]:
    return (
        [r"\begin{itemize}", *(rf"\item {escape(answer)}" for answer in answers), r"\end{itemize}"] if answers else []
    )


def _section(section: Section) -> list[str]:
    made = [text for item in section.items for text in _item(item)]
    return [rf"\section*{{{escape(section.title)}}}", *made] if made else []


def _item(item: Item) -> list[str]:
    match item:
        case Table():
            return [rf"\input{{tables/{item.name}}}"]
        case PlainTable():
            return [rf"\input{{tables/{item.name}}}"] if item.name.startswith(_WORDS) else []
        case Figure():
            return _figures(item)


def _name(figure: Figure, index: int) -> str:
    picture = figure.strips[index].picture
    return file_name(figure.name, index, len(figure.strips), "pdf" if picture.as_pdf else picture.suffix)


def _figures(figure: Figure) -> list[str]:
    """Return a figure, or several where its strips are higher than a page."""
    pages = _paged(figure.strips)
    texts = []
    for number, page in enumerate(pages):
        more = f" ({number + 1} of {len(pages)})" if len(pages) > 1 else ""
        label = rf"\label{{fig:{figure.name}}}" if number == 0 else ""
        caption = escape(f"{figure.title}{more}. {figure.caption}")
        texts += [r"\begin{figure}", r"\centering\footnotesize", *_lines(figure, page), rf"\caption{{{caption}}}",
                  *filter(None, [label]), r"\end{figure}"]  # fmt: skip
    return texts


def _lines(figure: Figure, page: Sequence[int]) -> list[str]:
    strips = figure.strips
    if len(strips) == 1 and not strips[0].label:
        return [_included(figure, 0, _ALONE)]
    widest = max(strip.picture.width for strip in strips)
    rows = [
        f"{_label(strips[index])} & {_included(figure, index, _WIDEST * strips[index].picture.width / widest)} "
        r"\\[1pt]"
        for index in page
    ]
    return [r"\begin{tabular}{@{}>{\raggedright\arraybackslash}m{3.2cm}@{\hspace{3mm}}m{13.2cm}@{}}", *rows,
            r"\end{tabular}"]  # fmt: skip


def _label(strip: Strip) -> str:
    detail = rf" \emph{{{escape(strip.detail)}}}" if strip.detail else ""
    return escape(strip.label) + detail


def _included(figure: Figure, index: int, width: float) -> str:
    size = f"width={width:.2f}cm,height={_HIGHEST:.0f}cm,keepaspectratio"
    return rf"\includegraphics[{size}]{{figures/{_name(figure, index)}}}"


def _paged(strips: Sequence[Strip]) -> list[list[int]]:
    """Return the indices of the strips of each page."""
    widest = max((strip.picture.width for strip in strips), default=1)
    pages: list[list[int]] = [[]]
    filled = 0.0
    for index, strip in enumerate(strips):
        height = _height(strip.picture, widest)
        if pages[-1] and filled + height > _HIGHEST:
            pages.append([])
            filled = 0.0
        pages[-1].append(index)
        filled += height
    return pages


def _height(picture: Picture, widest: int) -> float:
    return _WIDEST * picture.height / max(widest, 1) + 0.1
