"""Reports: result rows and pictures rendered as tables and pages; nothing is computed here."""

from sbgan_bench.report.definitions import DEFINITIONS as DEFINITIONS
from sbgan_bench.report.definitions import TableDefinition as TableDefinition
from sbgan_bench.report.rendering import ReportFormat as ReportFormat
from sbgan_bench.report.rendering import render as render
from sbgan_bench.report.tables import Table as Table
from sbgan_bench.report.tables import table as table
