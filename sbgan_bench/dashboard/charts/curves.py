"""What trainings logged, over the number of images shown."""

import itertools
from collections.abc import Mapping, Sequence

import altair as alt

from sbgan_bench.dashboard.charts.drawing import Spec, data, spec
from sbgan_bench.dashboard.inert import NAME, html, unique
from sbgan_bench.report.scales import COLOURS
from sbgan_bench.report.training_log import Curve


def curves(logged: Mapping[str, Mapping[str, Curve]], term: str) -> Spec | None:
    """Draw one logged term, a line per training.

    Args:
        logged: Curves by term, by training.
        term: Which of them.
    """
    names = unique(list(logged))
    points = [
        {"training": name, "images": images, "value": value}
        for name, terms in zip(names, logged.values(), strict=True)
        if term in terms
        for images, value in zip(terms[term].images, terms[term].values, strict=True)
    ]
    if not points:
        return None
    marks = any(terms[term].measured for terms in logged.values() if term in terms)
    across = alt.Axis(format="~s", tickCount=4, grid=False)
    chart = alt.Chart(data(points)).mark_line(strokeWidth=1.4, point=marks).encode(
        x=alt.X("images:Q", title="real images shown", axis=across, scale=alt.Scale(type="log", nice=False)),
        y=alt.Y("value:Q", title=None, axis=alt.Axis(tickCount=4), scale=alt.Scale(zero=False)),
        color=alt.Color("training:N", scale=alt.Scale(domain=names, range=list(COLOURS)), legend=None),
        tooltip=["training:N", "images:Q", alt.Tooltip("value:Q", format=".4g")],
    )  # fmt: skip
    return spec(chart.properties(height=190))


def legend(names: Sequence[str]) -> str:
    """Return the names of lines in their colours, as HTML: one legend for many charts."""
    marks = (
        f'<li><i style="background:{colour}"></i>{html(text, NAME)}</li>'
        for text, colour in zip(unique(list(names)), itertools.cycle(COLOURS), strict=False)
    )
    return f'<ul class="sb-legend">{"".join(marks)}</ul>'
