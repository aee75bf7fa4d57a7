"""Charts of human scores: intervals on the scale, and people against metrics."""

from collections.abc import Mapping, Sequence

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from sbgan_bench.comparing.correlation import RankCorrelation
from sbgan_bench.comparing.ratings import Panel, Point, correlation_of
from sbgan_bench.report.canvas import INK, PLAIN, SETTINGS, svg
from sbgan_bench.report.escaping import one_line
from sbgan_bench.report.human_scores import SIMULATED, HumanScores
from sbgan_bench.report.paper_values import counterpart
from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.rated_names import Label, labels
from sbgan_bench.report.scales import COLOURS
from sbgan_bench.report.wording import metric_text, protocol_text, score_text, size_text
from sbgan_bench.results import FLOOR, ResultRow

_ARROWS = {"lower": "↓", "higher": "↑"}
#: A scatter has no more panels than these, the most telling metrics first.
MOST_PANELS = 12
_LONGEST = 40


def stamp(canvas: Canvas, *, simulated: bool) -> None:
    """Write across a chart that nobody rated anything, if that is so: pictures are cut out of pages."""
    if simulated:
        canvas.text(0.5, 0.5, SIMULATED, ha="center", va="center", rotation=8, fontsize=26, fontweight="bold",
                    color="#b3261e", alpha=0.4, zorder=10)  # fmt: skip


def short(text: str) -> str:
    """Return a name that fits beside a chart."""
    line = one_line(text)
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def scores(study: HumanScores, title: Label) -> Picture | None:
    """Draw the scores of one study as dots with 95 % intervals, and the paper's as diamonds, on the whole scale."""
    rows = sorted((row for row in study.rows if row.value is not None), key=lambda row: row.model != FLOOR)
    if not rows:
        return None
    names = labels(study.rows, title)
    blocks = [[row for row in rows if row.dataset == name] for name in dict.fromkeys(row.dataset for row in rows)]
    shown = {row.cell(): short(names[row.cell()]) for row in rows}
    with mpl.rc_context(SETTINGS):
        height = sum(0.62 + 0.3 * len(block) for block in blocks) + 0.35
        canvas = Canvas(figsize=(10, height))
        left = 0.015 + 0.0068 * max(map(len, shown.values()))
        panels = canvas.subplots(len(blocks), 1, squeeze=False, sharex=True,
                                 gridspec_kw={"height_ratios": [len(block) + 0.6 for block in blocks]})  # fmt: skip
        canvas.subplots_adjust(left, 0.5 / height, 0.955, 1 - 0.32 / height, hspace=0.55)
        for axes, block in zip(panels.flat, blocks, strict=True):
            _score_panel(axes, block, shown)
        panels.flat[-1].set_xticks([1, 2, 3, 4], ["1 lowest", "2", "3", "4 highest"])
        stamp(canvas, simulated=study.simulated)
        return svg(
            canvas, "Mean scores with 95 % intervals on the scale from 1 to 4. The numbers are those of the table."
        )


def _score_panel(axes: Axes, rows: Sequence[ResultRow], names: Mapping[tuple[str, ...], str]) -> None:
    told = False  # what a diamond is, once
    for place, row in enumerate(rows):
        colour = INK if row.model == FLOOR else COLOURS[0]
        if row.low is not None and row.high is not None:
            axes.plot(
                [row.low, row.high], [place, place], color=colour, linewidth=3, alpha=0.45, solid_capstyle="round"
            )
        axes.plot([row.value or 0.0], [place], "o", color=colour, markersize=6)
        paper = counterpart(row)
        if paper is not None and paper.value is not None:
            axes.plot([paper.value], [place], "D", markerfacecolor="none", markeredgecolor=COLOURS[1], markersize=7)
            if not told:
                axes.annotate("paper", (paper.value, place), (8, 0), textcoords="offset points", va="center",
                              fontsize=8, color=COLOURS[1])  # fmt: skip
            told = True
    axes.set_xlim(0.97, 4.03)
    axes.set_yticks(range(len(rows)), [names[row.cell()] for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.set_title(one_line(rows[0].dataset), loc="left", fontweight="bold")


def against_metrics(
    panels: Sequence[Panel], correlations: Sequence[RankCorrelation], names: Mapping[tuple[str, ...], str], *,
    simulated: bool,
) -> Picture | None:  # fmt: skip
    """Draw human score against metric, a panel per dataset and metric, every point with its name.

    Args:
        panels: At most a dozen are drawn, the first ones.
        correlations: As they were computed; what is missing is not shown.
        names: Printed names of the human scores, by cell.
        simulated: Whether any score was made up.
    """
    drawn = panels[:MOST_PANELS]
    if not drawn:
        return None
    across = min(len(drawn), 2)
    down = -(-len(drawn) // across)
    with mpl.rc_context(SETTINGS):
        height = 3.3 * down
        canvas = Canvas(figsize=(10, height))
        canvas.subplots_adjust(0.055, 0.5 / height, 0.985, 1 - 0.5 / height, wspace=0.14, hspace=0.55)
        grid = canvas.subplots(down, across, squeeze=False)
        for axes, panel in zip(grid.flat, drawn, strict=False):
            _against(axes, panel, correlation_of(panel, correlations), names)
        for axes in grid.flat[len(drawn) :]:
            axes.set_visible(False)
        stamp(canvas, simulated=simulated)
        what = "; ".join(dict.fromkeys(metric_text(panel.facts.metric) for panel in drawn))
        return svg(canvas, f"Human score with 95 % interval against {what}: one point per model, named.")


def _against(
    axes: Axes, panel: Panel, correlation: RankCorrelation | None, names: Mapping[tuple[str, ...], str]
) -> None:
    facts = panel.facts
    for point in panel.points:
        rated, measured = point.rated, point.measured.value or 0.0
        colour = INK if rated.model == FLOOR else COLOURS[0]
        if rated.low is not None and rated.high is not None:
            axes.vlines(measured, rated.low, rated.high, color=colour, alpha=0.4, linewidth=2)
        axes.plot([measured], [rated.value or 0.0], "o", color=colour, markersize=6,
                  markerfacecolor="none" if rated.model == FLOOR else colour)  # fmt: skip
    axes.margins(0.12, 0.15)
    axes.xaxis.set_major_locator(MaxNLocator(6))
    axes.xaxis.set_major_formatter(PLAIN)
    for point, (side, lift) in zip(panel.points, _label_places(panel.points), strict=True):
        axes.annotate(
            short(names[point.rated.cell()]), (point.measured.value or 0.0, point.rated.value or 0.0),
            (7 * side, lift), textcoords="offset points", ha="left" if side > 0 else "right", va="center", fontsize=8,
        )  # fmt: skip
    axes.set_xlabel(one_line(f"{score_text(facts)} {_ARROWS.get(facts.better, '')}, {protocol_text(facts)}"))
    axes.set_ylabel("human score ↑")
    agreement = "" if correlation is None or correlation.spearman is None else (
        f"\nrank agreement ρ = {correlation.spearman:+.2f} over {correlation.models} models".replace("-", "−")
    )  # fmt: skip
    axes.set_title(one_line(f"{facts.dataset} {size_text(facts.resolution)}") + agreement, loc="left")


def _label_places(points: Sequence[Point]) -> list[tuple[int, float]]:
    """Return for every point the side its name stands on, inwards, and how far it is lifted off near neighbours."""
    xs = [point.measured.value or 0.0 for point in points]
    ys = [point.rated.value or 0.0 for point in points]
    middle, spread = (min(xs) + max(xs)) / 2, (max(ys) - min(ys)) or 1.0
    places: dict[int, tuple[int, float]] = {}
    last: dict[int, float] = {}
    for index in sorted(range(len(points)), key=lambda index: ys[index]):
        side = 1 if xs[index] <= middle else -1
        wanted = 150 * (ys[index] - min(ys)) / spread  # points of the panel's height, about
        given = max(wanted, last.get(side, -100.0) + 10)
        last[side] = given
        places[index] = (side, given - wanted)
    return [places[index] for index in range(len(points))]
