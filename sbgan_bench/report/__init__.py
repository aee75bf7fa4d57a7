"""Reports: result rows and pictures rendered as tables and pages; nothing is computed here."""

from collections.abc import Collection
from pathlib import Path

from sbgan_bench.report.definitions import DEFINITIONS as DEFINITIONS
from sbgan_bench.report.definitions import TableDefinition as TableDefinition
from sbgan_bench.report.formats import ReportFormat as ReportFormat
from sbgan_bench.report.tables import Table as Table
from sbgan_bench.report.tables import table as table


def render(run: Path, out: Path, formats: Collection[ReportFormat]) -> list[Path]:
    """Write the report of a run; see :func:`sbgan_bench.report.rendering.render`."""
    from sbgan_bench.report import rendering  # charts and pages are heavy, tables are not

    return rendering.render(run, out, formats)
