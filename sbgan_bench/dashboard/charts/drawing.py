"""What all charts share: colours, scales, labels, and how one becomes Vega-Lite."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import altair as alt

Spec: TypeAlias = dict[str, Any]

#: Lines of a chart; more cannot be told apart.
MOST = 40
BLUE, GREY, GREEN, RED = "#3f7fc1", "#8b939c", "#24834d", "#b04a3e"
PALETTE = ("#3f7fc1", "#e0703a", "#3d9a63", "#b0579f", "#b3952b", "#3aa5ae", "#c9505e", "#7a7f88")
#: Values beyond this are drawn at it: axes must still do arithmetic.
_LARGEST = 1e30
#: Stands for the end of a line in labels.
_BREAK = "\\u2028"

#: An axis with names of models; long ones break before their recipe.
NAMES = alt.Axis(
    labelLimit=210, labelPadding=8, labelOverlap=False, ticks=False, domain=False, grid=False,
    labelExpr=f"split(replace(datum.label, ', ', '{_BREAK}'), '{_BREAK}')",
)  # fmt: skip


def drawable(value: float) -> float:
    """Return a value that axes can work with."""
    return min(max(value, -_LARGEST), _LARGEST)


def data(values: Sequence[Mapping[str, object]]) -> alt.InlineData:
    """Return points as the data of a chart."""
    return alt.InlineData(values=[dict(value) for value in values])


def scale(ends: Sequence[float]) -> alt.Scale:
    """Return a log scale where values differ by much, as in a report, and else one that need not begin at 0."""
    low, high = min(ends), max(ends)
    return alt.Scale(type="log", nice=True) if low > 0 and high > 15 * low else alt.Scale(zero=False, nice=True)


def height(lines: int, *, legend: bool = False) -> int:
    """Return the height of a chart with a line for every model, its axis and legend included."""
    return 34 * lines + 90 + 40 * legend


def spec(chart: Any) -> Spec:
    """Return a chart as Vega-Lite; what is made here needs no check against the schema, which takes long."""
    made: Spec = chart.to_dict(validate=False)
    return made
