"""The paper's own tables as it printed them."""

from collections.abc import Sequence

from sbgan_bench.paper import PaperTable, PaperValue, paper
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.wording import DASH, size_text


def as_printed() -> tuple[PlainTable, ...]:
    """Return the paper's tables, each with who computed its numbers how, and what the paper leaves open."""
    printed = paper()
    return (
        () if printed is None else tuple(_as_printed(table, printed.of_table(table.name)) for table in printed.tables)
    )


def _as_printed(table: PaperTable, values: Sequence[PaperValue]) -> PlainTable:
    width = len(table.columns)
    rows = tuple(
        (row.name, *(value.printed if value.value is not None else DASH for value in values[start : start + width]))
        for row, start in zip(table.rows, range(0, len(values), width), strict=True)
    )
    protocol = values[0].protocol
    reasons = dict.fromkeys(value.reason for value in values if value.reason)
    caption = " ".join(
        [
            f"{protocol.title}. {protocol.note.strip()}",
            *(f"{text[0].upper()}{text[1:]}." for text in (*table.notes, *(f"{DASH}: {text}" for text in reasons))),
            f"The paper does not say: {'; '.join(protocol.open)}.",
        ]
    )
    header = ("In the paper", *(size_text(column.replace("/", ", ")) for column in table.columns))
    return PlainTable(f"paper-{table.name}", table.title, caption, header, rows, frozenset(range(1, width + 1)))
