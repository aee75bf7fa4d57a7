"""The tables of a run, and the paper's own beside it."""

from functools import partial
from typing import TypeAlias

import streamlit as st

from sbgan_bench.dashboard import address
from sbgan_bench.dashboard.charts.showing import show_intervals
from sbgan_bench.dashboard.papers import paper_cells
from sbgan_bench.dashboard.selection import Choice, arranged, chosen_rows, distinct, every_table, shown
from sbgan_bench.dashboard.table_view import COLUMNS, LINES, narrowed, papers, scores, without_paper
from sbgan_bench.dashboard.view import View, empty, heading, notice, subheading
from sbgan_bench.paper import Paper, paper
from sbgan_bench.report import latex, markdown, tidy
from sbgan_bench.report.definitions import BOTTLENECK_GAP, TableDefinition
from sbgan_bench.report.tables import Table
from sbgan_bench.report.wording import metric_text

#: Protocols, metrics, models and training seeds.
_Options: TypeAlias = tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[int, ...]]


def show(view: View | None) -> None:
    """Show the page."""
    heading(
        "Tables",
        "Bold: the best trained value and every other that a test does not tell from it. Hover over a number for its "
        "interval and floor, over a dash for the reason.",
    )
    if view is None:
        empty("No run is open; the paper's own tables are below.")
    else:
        _own(view)
    printed = paper()
    if printed is not None:
        _papers(printed, view)


def _own(view: View) -> None:
    present = shown(view.opened, every_table(view.opened), view.choice)
    if not present:
        empty("This run has no table yet: nothing of it has been measured, or nothing of the data chosen.")
        return
    labels = list(dict.fromkeys(one.label for one in present))
    label = address.choose_view("Table", labels, "table")
    definition = next(one for one in present if one.label == label).definition
    choice = _filters(view, definition)
    one = arranged(view.opened, definition, choice)
    if one.table is None:
        notice([one.fault], "warning")
    elif not one.table.columns:
        empty("No row of this table is left: choose less above.")
    else:
        _table(view, one.table, choice)


def _filters(view: View, definition: TableDefinition) -> Choice:
    """Let the reader narrow the rows; filters without a choice are not there."""
    protocols, metrics, models, seeds = view.opened.once(
        ("filters", definition.name, view.choice), lambda: _options(view, definition)
    )
    with st.container(horizontal=True):
        chosen_protocols = address.choose_some("Protocol", protocols, "protocol")
        chosen_metrics = address.choose_some("Metric", metrics, "metric", metric_text)
        chosen_models = address.choose_some("Model", models, "model", view.opened.run.names.title)
        chosen_seeds = address.choose_some("Training seed", seeds, "seed", none="all together")
    place = (view.choice.datasets, view.choice.sizes)
    return Choice(*place, chosen_protocols, chosen_metrics, chosen_models, chosen_seeds)


def _options(
    view: View, definition: TableDefinition
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[int, ...]]:
    """Return what the rows of a table can be narrowed by."""
    rows = definition.select(chosen_rows(view.opened, view.choice))
    return (
        distinct(row.protocol for row in rows),
        distinct(row.metric for row in rows),
        distinct(row.model for row in rows),
        tuple(sorted({row.training_seed for row in rows if row.training_seed is not None})),
    )


def _table(view: View, table: Table, choice: Choice) -> None:
    subheading(table.title)
    made = narrowed(table)
    if made is not table:
        notice([f"The first {COLUMNS} of {len(table.columns)} columns: choose a dataset, size, protocol or metric to "
                "see others. Downloads hold them all."])  # fmt: skip
    if choice.seeds:
        notice(["Single training seeds: the tests were made over all of them, so nothing is bold."])
    with st.container(horizontal=True, vertical_alignment="center"):
        _downloads(table)
        if table.paper and not address.switch("the paper's values", "beside", default=True):
            made = without_paper(made)
        first = LINES * address.step("Lines", -(-len(made.rows) // LINES), "part")
    place = ("table HTML", table.name, choice, first, bool(made.paper))
    st.html(view.opened.once(place, lambda: scores(made, slice(first, first + LINES))))
    if table.name != BOTTLENECK_GAP.name:
        show_intervals(view, made, choice)


def _downloads(table: Table) -> None:
    """Offer the table in the report's formats, each made when it is asked for."""
    formats = {
        "CSV": ("csv", "text/csv", tidy.table_text),
        "LaTeX": ("tex", "text/x-tex", latex.table_text),
        "Markdown": ("md", "text/markdown", markdown.table_text),
    }
    for name, (suffix, media_type, write) in formats.items():
        file = f"{table.name}.{suffix}"
        key = f"download-{suffix}"
        st.download_button(
            name, partial(write, table), file, media_type, key, on_click="ignore", icon=":material/download:"
        )


def _papers(printed: Paper, view: View | None) -> None:
    subheading(
        "The paper's tables",
        "As printed, with what this run has for the same dataset, size, model and recipe in columns of its own. "
        "Numbers of different protocols are not on one scale: hover over a value for what the two do not share.",
    )
    tables = {table.name.replace("-", " ").capitalize(): table for table in printed.tables}
    table = tables[address.choose_view("Table of the paper", list(tables), "paper")]
    if view is None:
        st.html(papers(table, paper_cells(printed, table, ()), printed.title))
        return
    rows = (*view.opened.run.rows, *view.opened.run.human.rows)
    made = view.opened.once(
        ("paper", table.name), lambda: papers(table, paper_cells(printed, table, rows), printed.title)
    )
    st.html(made)
