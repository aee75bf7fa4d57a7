"""What a report can be written as."""

import enum


class ReportFormat(enum.StrEnum):
    """The formats, and the files of each."""

    MARKDOWN = "markdown"  #: report.md, figures/, tables/*.md
    CSV = "csv"  #: tables/*.csv
    LATEX = "latex"  #: latex/report.tex, with latex/tables/*.tex and latex/figures/
    HTML = "html"  #: index.html, one self-contained page
