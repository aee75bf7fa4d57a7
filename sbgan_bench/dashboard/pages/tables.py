"""The tables of a run, and the paper's own beside it."""

from functools import partial

import streamlit as st

from sbgan_bench.dashboard import address
from sbgan_bench.dashboard.charts.showing import show_intervals
from sbgan_bench.dashboard.inert import html
from sbgan_bench.dashboard.paper_columns import PaperCell, beside, paper_cells
from sbgan_bench.dashboard.selection import Arranged, Choice, arranged, chosen_rows, distinct, every_table, shown
from sbgan_bench.dashboard.table_view import COLUMNS, LINES, Beside, narrowed, scores
from sbgan_bench.dashboard.view import View, empty, heading, notice, subheading
from sbgan_bench.publishing.paper import Paper, PaperTable, paper
from sbgan_bench.questions import is_standard
from sbgan_bench.report import latex, markdown, tidy
from sbgan_bench.report.tables import Table
from sbgan_bench.report.wording import DASH, metric_text, size_text


def show(view: View | None) -> None:
    """Show the page."""
    heading(
        "Tables",
        "Bold: the best trained value and every other that a test does not tell from it. Hover over a number for its "
        "interval and floor, over a dash for the reason.",
    )  # fmt: skip
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
    choice = _filters(view, definition.name)
    one = arranged(view.opened, definition, choice)
    if one.table is None:
        notice([one.fault], "warning")
    elif not one.table.columns:
        empty("No row of this table is left: choose less above.")
    else:
        _table(view, one, one.table, choice)


def _filters(view: View, table: str) -> Choice:
    """Let the reader narrow the rows; filters without a choice are not there."""
    del table
    rows = [row for row in chosen_rows(view.opened, view.choice) if not is_standard(row)]
    names = view.opened.run.names
    with st.container(horizontal=True):
        protocols = address.choose_some("Protocol", distinct(row.protocol for row in rows), "protocol")
        metrics = address.choose_some("Metric", distinct(row.metric for row in rows), "metric", metric_text)
        models = address.choose_some("Model", distinct(row.model for row in rows), "model", names.title)
        seeds = address.choose_some(
            "Training seed", sorted({row.training_seed for row in rows if row.training_seed is not None}), "seed",
            none="all together",
        )  # fmt: skip
    chosen = view.choice
    return Choice(chosen.datasets, chosen.sizes, protocols, metrics, models, seeds)


def _table(view: View, one: Arranged, table: Table, choice: Choice) -> None:
    subheading(table.title)
    made = narrowed(table)
    if made is not table:
        notice([f"The first {COLUMNS} of {len(table.columns)} columns: choose a dataset, size, protocol or metric to "
                "see others. Downloads hold them all."])  # fmt: skip
    if choice.seeds:
        notice(["Single training seeds: the tests were made over all of them, so nothing is bold."])
    pages = -(-len(made.rows) // LINES)
    with st.container(horizontal=True, vertical_alignment="center"):
        _downloads(table)
        page = st.pagination(pages, key="part", bind="query-params") if pages > 1 else 1
    printed = paper()
    cited = {} if printed is None else beside(printed, one)
    st.html(scores(made, slice((page - 1) * LINES, page * LINES), cited))
    if not table.name.startswith("bottleneck"):
        show_intervals(view, made, choice, most=4)


def _downloads(table: Table) -> None:
    """Offer the table in the report's formats, each made when it is asked for."""
    formats = {
        "CSV": ("csv", "text/csv", tidy.table_text),
        "LaTeX": ("tex", "text/x-tex", latex.table_text),
        "Markdown": ("md", "text/markdown", markdown.table_text),
    }
    for name, (suffix, media_type, write) in formats.items():
        st.download_button(
            name, partial(write, table), f"{table.name}.{suffix}", media_type, key=f"download-{suffix}",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip


def _papers(printed: Paper, view: View | None) -> None:
    subheading(
        "The paper's tables",
        "As printed, with what this run has for the same dataset, size, model and recipe in columns of its own. "
        "Numbers of different protocols are not on one scale: hover over a value for what the two do not share.",
    )  # fmt: skip
    names = {table.name.replace("-", " ").capitalize(): table for table in printed.tables}
    table = names[address.choose_view("Table of the paper", list(names), "paper")]
    rows = () if view is None else chosen_rows(view.opened, Choice())
    st.html(_paper_html(table, paper_cells(printed, table, rows), printed.title))


def _paper_html(table: PaperTable, cells: list[list[PaperCell]], source: str) -> str:
    columns = [size_text(column).replace("/", " ") for column in table.columns]
    head = "".join(f'<th colspan="2" scope="colgroup"><b>{html(column)}</b></th>' for column in columns)
    subs = '<th scope="col" class="sb-paper">paper</th><th scope="col">this run</th>' * len(columns)
    body = "".join(
        f'<tr><th scope="row">{html(row.name)}</th>{"".join(map(_paper_cell, line))}</tr>'
        for row, line in zip(table.rows, cells, strict=True)
    )
    notes = "".join(f"<li>{html(note)}</li>" for note in table.notes)
    return (
        f'<div class="sb-scroll" tabindex="0" role="region" aria-label="{html(table.title)}"><table class="sb-scores">'
        f"<caption><b>{html(table.title)}</b>{html(source)}</caption><thead><tr><td></td>{head}</tr><tr><td></td>{subs}"
        f'</tr></thead><tbody>{body}</tbody></table></div><ul class="sb-notes">{notes}</ul>'
    )  # fmt: skip


def _paper_cell(cell: PaperCell) -> str:
    ours = "<br>".join(map(_abbreviated, cell.ours)) or _abbreviated(Beside(DASH, cell.lacking))
    kind = "sb-value" if cell.ours else "sb-none"
    return f'<td class="sb-paper">{_abbreviated(cell.paper)}</td><td class="{kind}">{ours}</td>'


def _abbreviated(value: Beside) -> str:
    return f'<abbr title="{html(value.why)}">{html(value.text)}</abbr>' if value.why else html(value.text)
