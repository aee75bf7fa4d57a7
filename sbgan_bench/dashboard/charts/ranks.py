"""Whether columns agree on the order of the models."""

from collections.abc import Sequence

import altair as alt

from sbgan_bench.comparing.correlation import RankCorrelation
from sbgan_bench.dashboard.charts.drawing import BLUE, GREY, MOST, Spec, data, scale, spec
from sbgan_bench.dashboard.inert import name, plain
from sbgan_bench.dashboard.ranking import Order
from sbgan_bench.report.scales import COLOURS, drawable
from sbgan_bench.report.wording import metric_text

#: More names than this are not printed into a chart.
_LEGIBLE = 14
#: Pixels of a square across, on the smallest screen too.
_SQUARE = 40


def slopes(orders: Sequence[Order]) -> Spec | None:
    """Draw the place of every model in every column: lines that cross are columns that disagree.

    The colours are those of a legend of ``ranked_models``.
    """
    if len(orders) < 2:
        return None
    columns, models = [order.name for order in orders], ranked_models(orders)
    points = [
        {"column": order.name, "place": place, "model": name(model), "value": f"{value:.4g}"}
        for order in orders
        for place, (model, value) in enumerate(order.ranked, start=1)
        if model in models
    ]
    longest = max(len(order.ranked) for order in orders)
    words = "split(datum.label, ' ')"  # one below the other
    below = alt.Axis(
        labelAngle=0, orient="bottom", labelExpr=words, labelOverlap=False, domain=False, ticks=False, labelPadding=10
    )
    places = alt.Axis(values=list(range(1, longest + 1)), format="d", grid=False, domain=False, ticks=False)
    down = alt.Scale(domain=[0.6, longest + 0.4], reverse=True, nice=False)
    names = list(map(name, models))
    base = alt.Chart(data(points)).encode(
        x=alt.X("column:N", sort=columns, title=None, axis=below),
        y=alt.Y("place:Q", title="place", axis=places, scale=down),
        color=alt.Color("model:N", scale=alt.Scale(domain=names, range=list(COLOURS)), legend=None),
    )
    tips = [alt.Tooltip(field) for field in ("model:N", "column:N", "place:Q", "value:N")]
    dots = base.mark_point(filled=True, size=130, opacity=1).encode(tooltip=tips)
    lines = base.mark_line(strokeWidth=2.5, opacity=0.75)
    return spec((lines + dots).properties(height=max(220, 36 * longest + 100)))


def ranked_models(orders: Sequence[Order]) -> list[str]:
    """Return the models that are drawn, the best of the first column first."""
    return list(dict.fromkeys(model for order in orders for model, _ in order.ranked))[:MOST]


def agreement(rows: Sequence[RankCorrelation]) -> Spec | None:
    """Draw how far every two columns of one dataset and size agree on the order of the models."""
    cells = []
    for row in rows:
        if row.kendall is not None:
            one, other = _column(row.protocol, row.metric), _column(row.other_protocol, row.other_metric)
            facts = {"tau": row.kendall, "text": f"{row.kendall:.2f}", "models": row.models}
            cells += [{"x": x, "y": y, **facts} for x, y in ((one, other), (other, one))]
    if not cells:
        return None
    order = list(dict.fromkeys(str(cell["x"]) for cell in cells))[:MOST]
    base = alt.Chart(data([cell for cell in cells if cell["x"] in order and cell["y"] in order])).encode(
        x=alt.X("x:N", sort=order, title=None, axis=alt.Axis(labelAngle=-40, labelLimit=200, labelOverlap=False)),
        y=alt.Y("y:N", sort=order, title=None, axis=alt.Axis(labelLimit=240, labelOverlap=False)),
        tooltip=["x:N", "y:N", alt.Tooltip("text:N", title="Kendall τ"), "models:Q"],
    )
    shades = alt.Scale(domain=[-1, 1], scheme="redblue")
    squares = base.mark_rect(stroke="#8884").encode(color=alt.Color("tau:Q", title="Kendall τ", scale=shades))
    ink = alt.condition("abs(datum.tau) > 0.6", alt.value("#ffffff"), alt.value("#1f2429"))
    texts = base.mark_text(fontSize=10).encode(text="text:N", color=ink)
    tall = 190 + 26 * len(order)
    whole = squares + texts if len(order) <= _LEGIBLE else squares
    return spec(whole.properties(height=tall, width=alt.Step(_SQUARE)))


def _column(protocol: str, metric: str) -> str:
    return name(f"{protocol} {metric_text(metric)}")


def scatter(points: Sequence[tuple[str, float, float]], across: str, up: str) -> Spec | None:
    """Draw models by two metrics.

    Args:
        points: Model, value across, value up.
        across: What the first value is.
        up: What the second is.
    """
    if not points:
        return None
    values = [{"model": name(model), "x": drawable(x), "y": drawable(y)} for model, x, y in points[: 5 * MOST]]
    base = alt.Chart(data(values)).encode(
        x=alt.X("x:Q", title=plain(across, 90), scale=scale([drawable(x) for _, x, _ in points])),
        y=alt.Y("y:Q", title=plain(up, 90), scale=alt.Scale(zero=False)),
        tooltip=["model:N", "x:Q", "y:Q"],
    )
    dots = base.mark_point(filled=True, size=90, color=BLUE, opacity=0.9)
    texts = base.mark_text(align="left", dx=9, fontSize=11, limit=180, color=GREY).encode(text="model:N")
    return spec((dots + texts).properties(height=360))
