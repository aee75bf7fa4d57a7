"""Do the metrics agree: how every column ranks the models, where two of them disagree, and against people's scores."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import streamlit as st

from sbgan_bench.comparing.correlation import RankCorrelation
from sbgan_bench.comparing.ratings import panels
from sbgan_bench.dashboard import address
from sbgan_bench.dashboard.charts.curves import legend
from sbgan_bench.dashboard.charts.ranks import agreement, ranked_models, scatter, slopes
from sbgan_bench.dashboard.inert import html, plain
from sbgan_bench.dashboard.ranking import Order, disagreements, orders
from sbgan_bench.dashboard.selection import chosen_rows, main_tables, shown
from sbgan_bench.dashboard.view import View, empty, heading, notice, paged, subheading
from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import TableKind
from sbgan_bench.report.definitions import FAITHFULNESS, LAYOUTS, OTHER_GIVEN_LAYOUTS, OTHER_UNCONDITIONAL
from sbgan_bench.report.differences import correlations
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.human_words import against_table
from sbgan_bench.report.rated_names import labels
from sbgan_bench.report.wording import metric_text, number, size_text

#: A question -> its main tables and those of its other metrics.
_QUESTIONS = {
    "Scenes from noise": (TableKind.UNCONDITIONAL, (OTHER_UNCONDITIONAL, LAYOUTS)),
    "From real layouts": (TableKind.GIVEN_LAYOUTS, (OTHER_GIVEN_LAYOUTS, FAITHFULNESS)),
    "Fine-tuning": (TableKind.ABLATION, (LAYOUTS,)),
}
#: Columns whose orders are compared at once, and datasets and sizes whose correlations are drawn.
_COLUMNS, _PLACES = 6, 4


def show(view: View | None) -> None:
    """Show the page."""
    heading("Metrics", "Every metric looks at something else. Trust a difference that several of them see.")
    if view is None:
        empty("No run is open.")
        return
    found = view.opened.once(("orders", view.choice), lambda: _orders(view))
    if found:
        question = address.choose_view("Question", list(found), "question") if len(found) > 1 else next(iter(found))
        _ranks(view, question, found[question])
    else:
        empty("No column of this run ranks two trained models yet.")
    _agreement(view)
    _people(view)


def _orders(view: View) -> dict[str, list[Order]]:
    """Return the orders of the models by question, where a question has some."""
    made = {}
    for question, (kind, others) in _QUESTIONS.items():
        made[question] = orders(shown(view.opened, (*main_tables(view.opened, kind), *others), view.choice))
    return {question: found for question, found in made.items() if found}


def _ranks(view: View, question: str, every: Sequence[Order]) -> None:
    found = every[:_COLUMNS]
    subheading("The order of the models", "The best is above. Lines that cross are columns that disagree.")
    if len(every) > len(found):
        notice([f"The first {len(found)} of {len(every)} columns are compared; the page Tables has them all."])
    spec = view.opened.once(("slopes", question, view.choice), lambda: slopes(found))
    if spec is not None:
        st.html(legend(ranked_models(found)))
        st.vega_lite_chart(spec, alt="The place of every model in every column.")
    said = view.opened.once(("disagreements", question, view.choice), lambda: disagreements(found))
    subheading("Where they disagree")
    if said and not any(one.rejected for one in view.opened.run.comparisons):
        notice(["No test tells any two models of this run apart: these are orders of digits, which chance may turn."])
    if said:
        st.html(f"<ul>{''.join(f'<li>{html(text, 600)}</li>' for text in said)}</ul>")
    else:
        same = f"Nowhere: all {len(found)} columns put the models in the same order."
        empty(same if len(found) > 1 else "There is one column.")
    subheading("Floors and yardsticks")
    paged(_floors(found), "floors")


def _floors(found: Sequence[Order]) -> PlainTable:
    rows = tuple(
        (order.name, order.floor, _model_text(order.ranked[0]), _model_text(order.ranked[-1]), order.constant)
        for order in found
    )
    caption = (
        "The floor is what other real images get against the same reals: a perfect model's value. A metric whose best "
        "model is at the floor, or whose worst is no worse than the constant image, tells little about these models."
    )
    header = ("Metric", "Floor: real against real", "Best model", "Worst model", "Constant image")
    return PlainTable("floors", "Floors and yardsticks", caption, header, rows)


def _model_text(ranked: tuple[str, float]) -> str:
    model, value = ranked
    return f"{number(value, 3)}, {model}"


def _agreement(view: View) -> None:
    choice = view.choice
    found = [row for row in view.opened.run.correlations if choice.covers(row.dataset, row.resolution)]
    if not found:
        return
    subheading("Rank correlation", "+1: the same order of the models from best to worst; −1: the opposite.")
    places: dict[str, list[RankCorrelation]] = {}
    for row in found:
        places.setdefault(f"{row.dataset} {size_text(row.resolution)}", []).append(row)
    for place, rows in list(places.items())[:_PLACES]:
        spec = view.opened.once(("agreement", place), partial(agreement, rows))
        if spec is not None:
            st.html(f"<h3>{html(place, 60)}</h3>")
            st.vega_lite_chart(spec, width="content", alt=f"Kendall's tau of every two columns on {plain(place, 60)}.")
    if len(places) > _PLACES:
        notice([f"The first {_PLACES} of {len(places)} datasets and sizes are drawn: choose one to see its own."])
    with st.expander("As a table"):
        for table in correlations(replace(view.opened.run, correlations=tuple(found))):
            paged(table, "correlations")


def _people(view: View) -> None:
    """Show metrics against the mean scores of human raters, where a run has both."""
    run, choice = view.opened.run, view.choice
    rated = [row for row in run.human.rows if row.value is not None and choice.covers(row.dataset, row.resolution)]
    subheading("Against people")
    if not rated:
        empty("No human scores are among the rows of this run. The Ratings page says how to collect some.")
        return
    notice(["Simulated raters: not a result."] if run.human.simulated else [], "warning")
    try:
        shown_panels = panels(rated, chosen_rows(view.opened, choice))
    except BenchError as error:
        notice([str(error)], "warning")
        return
    if not shown_panels:
        notice(["No model has both a human score and a metric."])
        return
    panel = address.choose("Metric", shown_panels, "against", lambda one: " ".join((
        one.facts.dataset, size_text(one.facts.resolution), one.facts.protocol, metric_text(one.facts.metric),
        f"({one.points[0].rated.protocol})",
    )))  # fmt: skip
    names = labels(run.human.rows, run.rated_title)
    spec = scatter(
        [(names[one.rated.cell()], one.measured.value or 0.0, one.rated.value or 0.0) for one in panel.points],
        f"{metric_text(panel.facts.metric)}, {panel.facts.protocol}",
        "mean human score, 1 to 4",
    )
    if spec is not None:
        st.vega_lite_chart(spec, alt="Mean human score of every model against a metric.")
    for table in against_table(run.human, chosen_rows(view.opened, choice), run.rated_title):
        with st.expander("As a table"):
            paged(table, "people")
