"""Charts of a table on a page."""

import itertools

import streamlit as st

from sbgan_bench.dashboard.charts.intervals import intervals
from sbgan_bench.dashboard.selection import Choice
from sbgan_bench.dashboard.view import View
from sbgan_bench.report.tables import Table


def show_intervals(view: View, table: Table, choice: Choice, most: int = 2) -> None:
    """Draw the first columns of a table side by side, where there are models to compare.

    Args:
        view: The run.
        table: One of its tables.
        choice: Of the rows in it.
        most: Columns.
    """
    made = [spec for index in range(min(most, len(table.columns))) if (spec := _made(view, table, choice, index))]
    if len(table.trained) < 2 or not made:
        return
    places = itertools.cycle(st.columns(2) if len(made) > 1 else [st.container()])
    for number, (spec, place) in enumerate(zip(made, places, strict=False), start=1):
        alt = f"Column {number} of the table as dots with their 95 % intervals; the dashed line is the floor."
        place.vega_lite_chart(spec, alt=alt)


def _made(view: View, table: Table, choice: Choice, index: int) -> dict[str, object] | None:
    return view.opened.once(("intervals", table.name, index, choice), lambda: intervals(table, index))
