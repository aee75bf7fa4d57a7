"""Values with their intervals as dots with whiskers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from sbgan_bench.dashboard.charts.drawing import (
    BLUE,
    GREEN,
    GREY,
    MOST,
    NAMES,
    Spec,
    data,
    height,
    scale,
    spec,
)
from sbgan_bench.dashboard.inert import plain, unique
from sbgan_bench.report.answers import short_names
from sbgan_bench.report.cells import Cell
from sbgan_bench.report.scales import drawable
from sbgan_bench.report.tables import Table
from sbgan_bench.results import FLOOR

_BEST, _APART, _OPEN = "best or tied with it", "told apart from it", "not tested or not ranked"
#: Entries of the legend side by side: of charts that stand abreast no more can be read.
_ABREAST = 2
_TIPS = {"model:N": "model", "text:N": "value", "range:N": "95 % interval", "verdict:N": "verdict"}


def intervals(table: Table, index: int) -> Spec | None:
    """Draw one column of a table: a dot for every trained model, its 95 % interval, its training seeds, the floor."""
    named = zip(short_names(table), table.trained, strict=True)
    known = [(text, row) for text, row in named if row.cells[index].value is not None][:MOST]
    if not known:
        return None
    rows = [row for _, row in known]
    labels = unique([text for text, _ in known])
    points = [_point(text, row.cells[index]) for text, row in zip(labels, rows, strict=True)]
    shades = {_BEST: GREEN, _APART: BLUE, _OPEN: GREY}
    given = [verdict for verdict in shades if any(point["verdict"] == verdict for point in points)]
    tested = given != [_OPEN]
    title = plain(table.columns[index].text, 90)
    along = scale([end for point in points for end in (point["low"], point["high"])])
    y, x = alt.Y("model:N", sort=labels, title=None, axis=NAMES), alt.X("value:Q", title=title, scale=along)
    colour = alt.Color(
        "verdict:N",
        scale=alt.Scale(domain=given, range=[shades[verdict] for verdict in given] if tested else [BLUE]),
        legend=alt.Legend(title=None, orient="top", labelLimit=200, columns=_ABREAST) if tested else None,
    )
    base = alt.Chart(data(points)).encode(
        y=y, color=colour, tooltip=[alt.Tooltip(field, title=name) for field, name in _TIPS.items()]
    )
    low = alt.X("low:Q", title=title, scale=along)
    whiskers = base.mark_rule(strokeWidth=3, opacity=0.55, strokeCap="round").encode(x=low, x2="high:Q")
    layers = [whiskers, base.mark_point(filled=True, size=95, opacity=1).encode(x=x)]
    layers += _ticks([_seeds(text, row.cells[index]) for text, row in zip(labels, rows, strict=True)], x, y)
    layers += _floor(table, index, x)
    tall = height(len(points), legend=tested) + 20 * (len(given) > _ABREAST)
    return spec(alt.layer(*layers).properties(height=tall))


def _point(text: str, cell: Cell) -> dict[str, Any]:
    """Return a dot; where no interval is known its ends are the value itself, and there is no whisker."""
    row, value = cell.rows[0], cell.value or 0.0
    low, high = (row.low, row.high) if cell.interval else (None, None)
    return {
        "model": text, "value": drawable(value), "low": _end(low, value), "high": _end(high, value),
        "text": cell.with_spread, "range": cell.interval or "not known",
        "verdict": _BEST if cell.best else _APART if cell.apart else _OPEN,
    }  # fmt: skip


def _seeds(text: str, cell: Cell) -> list[dict[str, Any]]:
    return [
        {"model": text, "value": drawable(row.value), "seed": f"training seed {row.training_seed}"}
        for row in cell.rows[1:]
        if row.value is not None
    ]


def _ticks(seeds: list[list[dict[str, Any]]], x: alt.X, y: alt.Y) -> list[alt.Chart]:
    """Mark single training seeds, where a value sums up several."""
    points = [point for of_model in seeds for point in of_model]
    if not points:
        return []
    marks = alt.Chart(data(points)).mark_tick(thickness=1.5, size=13, color=GREY)
    return [marks.encode(y=y, x=x, tooltip=["model:N", "seed:N", "value:Q"])]


def _floor(table: Table, index: int, x: alt.X) -> list[alt.Chart]:
    """Mark what a perfect model would get, where the table has a row for it."""
    cells = (row.cells[index] for row in table.rows if row.standard)
    values = [cell.value for cell in cells if cell.value is not None and cell.rows[0].model == FLOOR]
    if not values:
        return []
    chart = alt.Chart(data([{"value": drawable(values[0]), "what": "real against other real"}]))
    return [chart.mark_rule(strokeDash=[4, 3], color=GREY).encode(x=x, tooltip=["what:N", "value:Q"])]


@dataclass(frozen=True, slots=True)
class Dot:
    """A value by its name; the ends of its interval are None where it has none."""

    name: str
    value: float
    low: float | None
    high: float | None


def dots(given: Sequence[Dot], title: str) -> Spec | None:
    """Draw values with their intervals where these are known.

    Args:
        given: What to draw, from above.
        title: What the values are.
    """
    shown = given[:MOST]
    if not shown:
        return None
    order = unique([dot.name for dot in shown])
    values = [
        {
            "model": text,
            "value": drawable(dot.value),
            "low": _end(dot.low, dot.value),
            "high": _end(dot.high, dot.value),
        }
        for text, dot in zip(order, shown, strict=True)
    ]
    along = scale([_end(end, dot.value) for dot in shown for end in (dot.low, dot.high)])
    base = alt.Chart(data(values)).encode(y=alt.Y("model:N", sort=order, title=None, axis=NAMES))
    low, middle = (alt.X(f"{field}:Q", title=title, scale=along) for field in ("low", "value"))
    bars = base.mark_rule(strokeWidth=3, opacity=0.55, color=BLUE, strokeCap="round").encode(x=low, x2="high:Q")
    points = base.mark_point(filled=True, size=95, opacity=1, color=BLUE)
    tips = ["model:N", "value:Q", "low:Q", "high:Q"]
    return spec((bars + points.encode(x=middle, tooltip=tips)).properties(height=height(len(values))))


def _end(end: float | None, value: float) -> float:
    return drawable(value if end is None else end)
