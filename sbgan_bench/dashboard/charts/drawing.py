"""What all charts share: colours, scales, labels, and how one becomes Vega-Lite."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import altair as alt

from sbgan_bench.report.scales import COLOURS, is_wide

Spec: TypeAlias = dict[str, Any]

#: Lines of a chart; more cannot be told apart.
MOST = 40
BLUE, GREY, GREEN = COLOURS[0], "#8b939c", "#24834d"
#: Stands for the end of a line in labels.
_BREAK = "\\u2028"

#: An axis with names of models; long ones break before their recipe.
NAMES = alt.Axis(
    labelLimit=210, labelPadding=8, labelOverlap=False, ticks=False, domain=False, grid=False,
    labelExpr=f"split(replace(datum.label, ', ', '{_BREAK}'), '{_BREAK}')",
)  # fmt: skip


def data(values: Sequence[Mapping[str, object]]) -> alt.InlineData:
    """Return points as the data of a chart."""
    return alt.InlineData(values=[dict(value) for value in values])


def scale(ends: Sequence[float]) -> alt.Scale:
    """Return a log scale where values differ by much, as in a report, and else one that need not begin at 0."""
    return alt.Scale(type="log", nice=True) if is_wide(ends) else alt.Scale(zero=False, nice=True)


def height(lines: int, *, legend: bool = False) -> int:
    """Return the height of a chart with a line for every model, its axis and legend included."""
    return 34 * lines + 90 + 40 * legend


def spec(chart: Any) -> Spec:
    """Return a chart as Vega-Lite; what is made here needs no check against the schema, which takes long."""
    made: Spec = chart.to_dict(validate=False)
    return made
