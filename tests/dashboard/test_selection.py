"""What a reader's choice leaves of a table."""

from pathlib import Path

from sbgan_bench.dashboard.reading import open_run
from sbgan_bench.dashboard.selection import Choice, arranged, every_table


def test_a_choice_narrows_a_table_and_never_changes_what_it_is_about(small: Path) -> None:
    opened = open_run(small)
    for definition in every_table(opened):
        whole = arranged(opened, definition, Choice()).table
        assert whole is not None
        shown = {column.header for column in whole.columns}
        for metric in {row.metric for row in opened.run.rows}:
            part = arranged(opened, definition, Choice(metrics=(metric,))).table
            assert part is not None
            expected = sum(_measures(column, metric, whole) for column in range(len(whole.columns)))
            assert len(part.columns) == expected, (definition.name, metric, shown)


def _measures(column: int, metric: str, table: object) -> bool:
    rows = [row for line in table.rows for row in line.cells[column].rows]  # type: ignore[attr-defined]
    return any(row.metric == metric for row in rows)
