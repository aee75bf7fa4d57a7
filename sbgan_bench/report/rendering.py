"""From a run folder to a folder of reports."""

from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path

from sbgan_bench.report import details, html, latex, markdown, paper_tables, table_3, tidy
from sbgan_bench.report.assemble import assemble, score_tables
from sbgan_bench.report.document import Figure, Report
from sbgan_bench.report.formats import ReportFormat
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.storage import atomic_file


def render(run: Path, out: Path, formats: Collection[ReportFormat]) -> list[Path]:
    """Write the report of a run.

    Args:
        run: The run folder: ``run.json``, and as much of the rest as there is.
        out: Folder to write to; other files in it are left alone.
        formats: Which formats.

    Returns:
        The files written, in order.

    Raises:
        CorruptFileError: ``run`` is no run folder, or its results are damaged.
        BenchError: ``out`` cannot be written.
    """
    content = _Content(RunFolder.read(run))
    written = []
    for name, data in (file for format_ in ReportFormat if format_ in formats for file in content.files(format_)):
        path = out / name
        with atomic_file(path) as temporary:
            temporary.write_bytes(data)
        written.append(path)
    return written


class _Content:
    """The files of a report by format; pictures are drawn only for formats that show them."""

    def __init__(self, run: RunFolder) -> None:
        self.run = run
        self.tables = score_tables(run)
        self.table_3 = table_3.tables(run.human, run.rated_title)

    @cached_property
    def report(self) -> Report:
        return assemble(self.run, self.tables)

    def files(self, format_: ReportFormat) -> Iterator[tuple[str, bytes]]:
        """Yield the name and content of every file of one format."""
        match format_:
            case ReportFormat.MARKDOWN:
                yield from _pictures(self.report)
                for table in self.tables.values():
                    yield f"tables/{table.name}.md", (markdown.table_text(table) + "\n").encode()
                for words in self.table_3:
                    yield f"tables/{words.name}.md", (markdown.words_text(words) + "\n").encode()
                yield "report.md", markdown.report_text(self.report).encode()
            case ReportFormat.CSV:
                for table in self.tables.values():
                    yield f"tables/{table.name}.csv", tidy.table_text(table).encode()
                for words in (*details.everything(self.run), *(paper_tables.as_printed() if self.run.rows else ())):
                    yield f"tables/{words.name}.csv", tidy.plain_text(words).encode()
            case ReportFormat.LATEX:
                for name, data in latex.files(self.report):
                    yield f"latex/{name}", data
            case ReportFormat.HTML:
                yield "index.html", html.page_text(self.report).encode()


def _pictures(report: Report) -> Iterator[tuple[str, bytes]]:
    figures = (item for section in report.sections for item in section.items if isinstance(item, Figure))
    for figure in figures:
        for index, strip in enumerate(figure.strips):
            yield f"{markdown.FIGURES}/{markdown.picture_name(figure, index)}", strip.picture.data
