"""Where the numbers come from: configuration, hashes, versions, jobs, and the commands that repeat them."""

from collections.abc import Callable, Iterable

import streamlit as st

from sbgan_bench.dashboard import address, commands
from sbgan_bench.dashboard.inert import html, plain
from sbgan_bench.dashboard.selection import chosen_rows
from sbgan_bench.dashboard.view import View, empty, heading, notice, paged, subheading
from sbgan_bench.report import details
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.wording import metric_text, settings_text, size_text, source_text
from sbgan_bench.results import ResultRow

#: What tells rows apart that have one model, column and seed.
_TELLING = (
    "selection",
    "model",
    "recipe",
    "variant",
    "reals",
    "num_real",
    "weights_hash",
    "checkpoint_hash",
    "metric",
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
    names = view.opened.run.names

    def model(row: ResultRow) -> str:
        words = (names.title(row.model), settings_text(row.recipe, row.variant), source_text(row.layout_source))
        return ", ".join(filter(None, words))

    rows = view.opened.once(("rows by model", view.choice), lambda: _grouped(_measured_first(view), model))
    if not rows:
        return
    subheading("One row", "Everything that is known of a number.")
    with st.container(horizontal=True):
        left = rows[address.choose("Model", list(rows), "model")]
        for label, key, said in (("Column", "column", _column), ("Seed", "seed", _seed)):
            groups = _grouped(left, said)
            left = groups[address.choose(label, list(groups), key)]
        row = address.choose("Row", left, "row", lambda one: _apart(one, left)) if len(left) > 1 else left[0]
    command, reason = commands.of_row(view, row)
    about = _promise(view, row) if command else f"There is no command for this row alone. {reason}"
    st.html(f'<p class="sb-quiet">{html(about)}</p>')
    if command:
        st.code(command, language=None, wrap_lines=True)
    facts = tuple((name.replace("_", " "), plain(_text(value))) for name, value in row.model_dump(mode="json").items())
    known = tuple((name, text) for name, text in facts if text)
    paged(PlainTable("row", "One row", "", ("Field", "Value"), known), "field")


def _promise(view: View, row: ResultRow) -> str:
    """Say what the command for a row gives."""
    own = plain(commands.settings_of_data(view, row.dataset), 120)
    data = f", the data opened with {own} as the suite did" if own else ""
    return (
        "This measures the saved model again by itself, with the same draws of images: the same value, where data "
        f"and versions are the same{data}."
    )


def _measured_first(view: View) -> list[ResultRow]:
    return sorted(chosen_rows(view.opened, view.choice), key=lambda row: row.value is None)


def _grouped(rows: Iterable[ResultRow], said: Callable[[ResultRow], str]) -> dict[str, list[ResultRow]]:
    """Return rows by what is said of them, in order of first appearance."""
    groups: dict[str, list[ResultRow]] = {}
    for row in rows:
        groups.setdefault(said(row), []).append(row)
    return groups


def _column(row: ResultRow) -> str:
    place = f"{row.dataset} {size_text(row.resolution)}"
    images = f", {row.training_images} training images" if row.training_images is not None else ""
    return f"{row.protocol} {metric_text(row.metric)}, {place}{images}"


def _seed(row: ResultRow) -> str:
    return "all seeds" if row.training_seed is None else f"training seed {row.training_seed}"


def _apart(row: ResultRow, others: Iterable[ResultRow]) -> str:
    """Return what tells a row from others of one model, column and seed."""
    telling = [name for name in _TELLING if len({getattr(other, name) for other in others}) > 1]
    return ", ".join(f"{name.replace('_', ' ')} {getattr(row, name) or 'none'}" for name in telling)


def _text(value: object) -> str:
    """Return a field of a row as text, "" where it says nothing."""
    if isinstance(value, dict):
        return "; ".join(f"{key} {item}" for key, item in sorted(value.items()))
    if isinstance(value, list):
        return " | ".join(map(str, value))
    return "" if value is None else str(value)
