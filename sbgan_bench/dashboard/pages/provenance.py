"""Where the numbers come from: configuration, hashes, versions, jobs, and the commands that repeat them."""

import streamlit as st

from sbgan_bench.dashboard import address, commands
from sbgan_bench.dashboard.inert import plain
from sbgan_bench.dashboard.selection import chosen_rows
from sbgan_bench.dashboard.view import View, empty, heading, notice, paged, subheading
from sbgan_bench.report import details
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.wording import metric_text, settings_text, size_text, source_text
from sbgan_bench.results import ResultRow

#: Summary rows that can be picked from at most.
_MOST = 5000
_NO_WEIGHTS = (
    "Published runs hold no weights, so no row can be measured again by itself: the command of the whole run makes "
    "them and every row."
)


def show(view: View | None) -> None:
    """Show the page."""
    heading("Provenance", "What ran, where, with which weights and seeds, and how to run it again.")
    if view is None:
        empty("No run is open.")
        return
    command = commands.of_run(view)
    subheading(
        "The whole run", "The same command in the same folder goes on where it stopped; in another it starts anew."
    )
    if command:
        st.code(command, language=None, wrap_lines=True)
    else:
        notice(["The folder names no command of this project for repeating it."])
    run = view.opened.run
    parts = {table.name: table for table in (*details.provenance(run), *details.jobs(run), *details.datasets(run))}
    for name in ("missing", "provenance", "datasets", "protocols"):
        if name in parts:
            _table(parts[name])
    _row(view)
    if "jobs" in parts:
        _table(parts["jobs"])


def _table(table: PlainTable) -> None:
    subheading(table.title)
    paged(table, table.name)


def _row(view: View) -> None:
    """Let the reader pick a row, and show all of it with the command that measures it again."""
    rows = tuple(sorted(chosen_rows(view.opened, view.choice)[:_MOST], key=lambda row: row.value is None))
    if not rows:
        return
    subheading("One row", "Everything that is known of a number.")
    names = view.opened.run.names

    def model(row: ResultRow) -> str:
        words = (names.title(row.model), settings_text(row.recipe, row.variant), source_text(row.layout_source))
        return ", ".join(filter(None, words))

    def column(row: ResultRow) -> str:
        place = f"{row.dataset} {size_text(row.resolution)}"
        images = f", {row.training_images} training images" if row.training_images is not None else ""
        return f"{row.protocol} {metric_text(row.metric)}, {place}{images}"

    def seed(row: ResultRow) -> str:
        return "all seeds" if row.training_seed is None else f"training seed {row.training_seed}"

    with st.container(horizontal=True):
        for label, key, said in (("Model", "model", model), ("Column", "column", column), ("Seed", "seed", seed)):
            chosen = address.choose(label, list(dict.fromkeys(map(said, rows))), key)
            rows = tuple(row for row in rows if said(row) == chosen) or rows[:1]
    row = rows[0]
    command = commands.of_row(view, row)
    if command:
        st.html(
            '<p class="sb-quiet">This measures the saved model again by itself, with the same draws of images: the '
            "same value, where data and versions are the same.</p>"
        )
        st.code(command, language=None, wrap_lines=True)
    elif view.opened.run.publication is not None and row.value is not None:
        notice([_NO_WEIGHTS])
    facts = tuple((name.replace("_", " "), plain(_text(value))) for name, value in row.model_dump(mode="json").items())
    known = tuple((name, text) for name, text in facts if text)
    paged(PlainTable("row", "One row", "", ("Field", "Value"), known), "field")


def _text(value: object) -> str:
    """Return a field of a row as text, "" where it says nothing."""
    if isinstance(value, dict):
        return "; ".join(f"{key} {item}" for key, item in sorted(value.items()))
    if isinstance(value, list):
        return " | ".join(map(str, value))
    return "" if value is None else str(value)
