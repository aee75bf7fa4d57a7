"""What people said: Table 3, how far raters agree, who was left out, and how to ask them."""

from typing import Any

import streamlit as st

from sbgan_bench.dashboard.arguments import Arguments
from sbgan_bench.dashboard.charts.intervals import Dot, dots
from sbgan_bench.dashboard.findings import at, findings, texts
from sbgan_bench.dashboard.studies import may_be_shown, progress
from sbgan_bench.dashboard.view import View, empty, heading, notice, paged, subheading
from sbgan_bench.errors import BenchError
from sbgan_bench.report import table_3
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.human_scores import SIMULATED, HumanScores
from sbgan_bench.report.human_words import differences
from sbgan_bench.report.rated_names import Label, labels
from sbgan_bench.report.wording import DASH, number

_COMMANDS = """\
sbgan-bench rate demo                                    # try it: a study on shipped samples, here and now
sbgan-bench rate create study.toml --out studies/first   # freeze a study of your own
sbgan-bench rate serve studies/first                     # the page that raters open; it knows no results
sbgan-bench rate report studies/first --out RUN/ratings  # Table 3, on this page and in the report of RUN
sbgan-bench dashboard RUN --study studies/first          # how far it is, on this page, for you alone"""


def show(view: View | None) -> None:
    """Show the page."""
    heading(
        "Ratings",
        "People score single images, blind, from 1 (terrible) to 4 (high quality): the paper's Table 3, with the "
        "intervals, agreement and exclusions that it left out.",
    )  # fmt: skip
    _progress()
    scores = view.opened.run.human if view is not None else HumanScores()
    found, fault = findings(view.opened) if view is not None else ({}, "")
    notice([fault] if fault else [])
    if scores.simulated or found.get("simulated") is True:
        notice([f"{SIMULATED}. These scores exist to test the programs."], "warning")
    if view is None or not scores.rows:
        empty("Nobody has rated images of this run, or the report of the study is not in its folder “ratings”.")
    else:
        _scores(scores, view.opened.run.rated_title)
        _agreement(found)
        _exclusions(found)
    subheading("How to start a study", "Raters get a page of their own, in a process without any results in it.")
    st.code(_COMMANDS, language=None)


def _progress() -> None:
    """Show how far the owner's studies are; never to other machines."""
    studies = Arguments.given().studies
    if not studies:
        return
    subheading(
        "Your studies", "Counts alone: who looks at scores while a study runs is tempted to stop when they please."
    )
    if not may_be_shown():
        notice(
            ["The progress of studies is shown on this machine alone: start the dashboard without --address."],
            "warning",
        )
        return
    for folder in studies:
        found = progress(folder)
        if found.fault:
            notice([f"{found.title}: {found.fault}"], "warning")
            continue
        st.progress(found.share)
        paged(
            PlainTable("progress", found.title, found.title, ("What", "How many"), found.facts),
            f"progress-{folder.name}",
        )


def _scores(scores: HumanScores, title: Label) -> None:
    """Show Table 3 of every study, its intervals, and which models people tell apart."""
    for study in scores.studies():
        protocol = study.rows[0].protocol
        try:
            (table,) = table_3.tables(study, title)
        except BenchError as error:
            notice([f"Study {protocol}: {error}"], "warning")
            continue
        subheading(f"{table.title}, {protocol}")
        names = labels(study.rows, title)
        spec = dots(
            [Dot(f"{names[row.cell()]}, {row.dataset}", row.value, row.low, row.high)
             for row in study.rows if row.value is not None],
            "mean human score, 1 to 4",
        )  # fmt: skip
        if spec is not None:
            st.vega_lite_chart(spec, alt="Mean human scores as dots with their 95 % intervals.")
        paged(table, f"scores-{protocol}")
        for pairs in differences(study, title):
            subheading(pairs.title)
            paged(pairs, f"pairs-{protocol}")


def _agreement(found: dict[str, Any]) -> None:
    alpha = at(found, "kept", "agreement", "alpha")
    exact = at(found, "kept", "consistency", "exact")
    facts = [
        ("Krippendorff's ordinal alpha, all cells", _number(alpha)),
        ("its 95 % interval", f"{_number(at(found, 'kept', 'agreement', 'low'))} to "
                              f"{_number(at(found, 'kept', 'agreement', 'high'))}"),
        ("repeats with the same score", _number(exact)),
        ("mean difference on repeats", _number(at(found, "kept", "consistency", "mean_difference"))),
    ]  # fmt: skip
    if alpha is not None or exact is not None:
        subheading("Do raters agree", "1: they all give the same scores; 0: as if by chance.")
        paged(PlainTable("agreement", "Agreement", "", ("What", "Value"), tuple(facts)), "agreement")


def _exclusions(found: dict[str, Any]) -> None:
    rules = at(found, "exclusions", "rules")
    if not isinstance(rules, list):
        return
    rows = tuple(
        (str(at(rule, "words") or at(rule, "name") or DASH), "yes" if at(rule, "active") else "no",
         ", ".join(texts(at(rule, "excluded"))) or DASH)
        for rule in rules[:50]
    )  # fmt: skip
    subheading("Who was left out", "The rules were fixed before anybody rated.")
    paged(PlainTable("exclusions", "Exclusions", "", ("Rule", "Active", "Raters left out"), rows), "exclusions")
    raters = at(found, "kept", "n_raters"), at(found, "everyone", "n_raters")
    ratings = at(found, "kept", "n_ratings"), at(found, "everyone", "n_ratings")
    if all(isinstance(value, int) for value in (*raters, *ratings)):
        notice([f"{raters[0]} of {raters[1]} raters stay, with {ratings[0]} of {ratings[1]} ratings."])


def _number(value: object) -> str:
    fine = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12
    return number(float(value), 2) if fine else DASH  # type: ignore[arg-type]
