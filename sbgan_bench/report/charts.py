"""Charts of a report: intervals of a table, score against data, training curves."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator, NullLocator

from sbgan_bench.questions import GAP
from sbgan_bench.report.canvas import PLAIN, SETTINGS, svg
from sbgan_bench.report.cells import Cell
from sbgan_bench.report.columns import Column
from sbgan_bench.report.escaping import one_line
from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.scales import COLOURS, drawable, is_wide
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.report.training_log import Curve
from sbgan_bench.report.wording import count

_MOST_PANELS = 6


def intervals(table: Table) -> Picture | None:
    """Draw the trained models of every column as dots, with whiskers for the 95 % interval where one is known."""
    rows = [row for row in table.trained if any(cell.value is not None for cell in row.cells)]
    columns = [i for i in range(len(table.columns)) if any(row.cells[i].value is not None for row in rows)]
    if not columns:
        return None
    across = min(len(columns), 2)
    down = -(-len(columns) // across)
    with mpl.rc_context(SETTINGS):
        height = down * (1.0 + 0.27 * len(rows))
        canvas = Canvas(figsize=(10, height))
        left = 0.01 + 0.0066 * max(len(_short(row)) for row in rows)  # of the width, by the longest label
        canvas.subplots_adjust(
            left, 0.3 / height, 0.985, 1 - 0.45 / height, wspace=0.05, hspace=0.75 / (height / down - 0.75)
        )
        panels = canvas.subplots(down, across, squeeze=False, sharey=True)
        for axes, index in zip(panels.flat, columns, strict=False):
            _interval_panel(axes, rows, index, table.columns[index])
        for axes in panels.flat[len(columns) :]:
            axes.set_visible(False)
        return svg(canvas, f"{table.title}: dots with whiskers. The numbers are those of the table.")


def _interval_panel(axes: Axes, rows: Sequence[TableRow], index: int, column: Column) -> None:
    for place, row in enumerate(rows):
        cell = row.cells[index]
        if cell.value is None:
            axes.annotate(cell.text, (0.01, place), xycoords=("axes fraction", "data"), va="center", fontsize=8)
            continue
        low, high = _ends(cell)
        colour = COLOURS[0]
        axes.plot([low, high], [place, place], color=colour, linewidth=2, alpha=0.65, solid_capstyle="round")
        axes.plot([drawable(cell.value)], [place], "o", color=colour, markersize=6)
        seeds = [drawable(r.value) for r in cell.rows[1:] if r.value is not None]
        axes.plot(seeds, [place] * len(seeds), "|", color=colour, markersize=9, markeredgewidth=1.2)
    values = [end for row in rows if row.cells[index].value is not None for end in _ends(row.cells[index])]
    if is_wide(values):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(PLAIN)
    axes.set_yticks(range(len(rows)), [_short(row) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.set_title(_panel_title(column), loc="left")


def _ends(cell: Cell) -> tuple[float, float]:
    """Return the ends of the interval; the value twice where there is none."""
    row, value = cell.rows[0], cell.value or 0.0
    low, high = (value, value) if row.low is None or row.high is None else (row.low, row.high)
    return drawable(low), drawable(high)


def _panel_title(column: Column) -> str:
    *facts, metric = map(one_line, column.header)
    return f"{' · '.join(facts)}\n{metric}" if facts else metric


def _short(row: TableRow, longest: int = 52) -> str:
    text = one_line(f"{row.label}, {row.detail}" if row.detail else row.label)
    return text if len(text) <= longest else text[: longest - 1] + "…"


def data_size(table: Table) -> Picture | None:
    """Draw score against number of training images, one panel per column, one line per model."""
    lines: dict[str, list[TableRow]] = {}
    for row in table.trained:
        lines.setdefault(one_line(f"{row.label} {row.detail.rpartition(', ')[0]}").strip(), []).append(row)
    if not table.columns:
        return None
    across = min(len(table.columns), 2)
    down = -(-len(table.columns) // across)
    with mpl.rc_context(SETTINGS):
        height = 3.2 * down
        canvas = Canvas(figsize=(10, height))
        canvas.subplots_adjust(0.05, 0.5 / height, 0.985, 1 - 0.45 / height, wspace=0.12, hspace=0.42)
        panels = canvas.subplots(down, across, squeeze=False)
        for axes in panels.flat[len(table.columns) :]:
            axes.set_visible(False)
        for index, (axes, column) in enumerate(zip(panels.flat, table.columns, strict=False)):
            for (label, rows), colour in zip(lines.items(), COLOURS * len(lines), strict=False):
                _size_line(axes, [row.cells[index] for row in rows], label, colour)
            axes.set_title(_panel_title(column), loc="left")
            axes.set_xlabel("training images")
            axes.set_xscale("log")
            sizes = sorted({row.cells[index].rows[0].training_images or 0 for row in table.trained
                            if row.cells[index].value is not None} - {0})  # fmt: skip
            axes.set_xticks(sizes, [count(size) for size in sizes], minor=False)
            axes.xaxis.set_minor_locator(NullLocator())
        if lines:
            panels.flat[0].legend(fontsize=8)
        return svg(canvas, "Score against number of training images. The numbers are those of the table.")


def _size_line(axes: Axes, cells: Sequence[Cell], label: str, colour: str) -> None:
    points = sorted(
        (cell.rows[0].training_images or 1, drawable(cell.value), *_ends(cell))
        for cell in cells
        if cell.value is not None
    )
    if not points:
        return
    sizes, values, lows, highs = zip(*points, strict=True)
    axes.vlines(sizes, lows, highs, color=colour, alpha=0.5, linewidth=2)
    axes.plot(sizes, values, "o-", color=colour, markersize=4, label=label)


def training_curves(title: str, seeds: Mapping[int, Mapping[str, Curve]]) -> Picture | None:
    """Draw every logged term of one model in a panel of its own, one line per training seed.

    Args:
        title: The model, for the alternative text.
        seeds: Curves by term, by training seed.
    """
    terms = list(dict.fromkeys(term for curves in seeds.values() for term in curves))[:16]
    if not terms:
        return None
    across = 4
    down = -(-len(terms) // across)
    with mpl.rc_context({**SETTINGS, "font.size": 8, "axes.titlesize": 8}):
        height = 1.75 * down
        canvas = Canvas(figsize=(10, height))
        canvas.subplots_adjust(0.045, 0.24 / height, 0.99, 1 - 0.28 / height, wspace=0.24, hspace=0.45)
        panels = canvas.subplots(down, across, squeeze=False)
        for axes, term in zip(panels.flat, terms, strict=False):
            for (seed, curves), colour in zip(seeds.items(), COLOURS * len(seeds), strict=False):
                if term in curves:
                    curve = curves[term]
                    marks = {"marker": "o", "markersize": 3} if curve.measured else {}
                    axes.plot(curve.images, curve.values, color=colour, linewidth=1, label=f"seed {seed}", **marks)
            axes.set_xscale("log")
            axes.xaxis.set_minor_locator(NullLocator())
            axes.xaxis.set_major_formatter(PLAIN)
            axes.yaxis.set_major_locator(MaxNLocator(4))
            axes.set_title(one_line(term if len(term) <= 34 else term[:33] + "…"), loc="left")
        for axes in panels.flat[len(terms) :]:
            axes.set_visible(False)
        if len(seeds) > 1:
            panels.flat[0].legend(fontsize=7)
        return svg(canvas, f"Training curves of {title}: {', '.join(terms)} against real images shown, log scale.")


def worth_drawing(table: Table) -> bool:
    """Whether a chart of intervals says something: several lines, few panels, scores rather than differences."""
    return len(table.trained) > 1 and len(table.columns) <= _MOST_PANELS and not table.name.startswith(GAP)
