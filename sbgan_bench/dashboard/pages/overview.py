"""What was run, on what; which is better, by how much, how sure; what it looks like."""

import streamlit as st

from sbgan_bench.dashboard.cards import card
from sbgan_bench.dashboard.charts.showing import show_intervals
from sbgan_bench.dashboard.facts import facts, terms, warnings
from sbgan_bench.dashboard.galleries import galleries, of_row, truth
from sbgan_bench.dashboard.inert import PARAGRAPH, html
from sbgan_bench.dashboard.selection import Arranged, main_tables, shown
from sbgan_bench.dashboard.strips import Strip, strips
from sbgan_bench.dashboard.table_view import narrowed, scores, without_paper
from sbgan_bench.dashboard.view import View, empty, heading, notice, paragraph, subheading
from sbgan_bench.manifest import TableKind
from sbgan_bench.report.answers import ASKED, Answer, answers, first_answers


def show(view: View | None) -> None:
    """Show the page."""
    if view is None:
        _nothing()
        return
    heading(view.manifest.title or view.manifest.suite)
    st.html(f'<ul class="sb-facts">{"".join(f"<li>{fact}</li>" for fact in facts(view))}</ul>')
    notice(warnings(view), "warning")
    tables = [one for kind in ASKED for one in shown(view.opened, main_tables(view.opened, kind), view.choice)]
    if tables:
        _answer(view, tables)
    else:
        empty(_no_table(view))
    paragraph(view.manifest.summary)
    st.html(f'<p class="sb-quiet">{html(" ".join(terms(view)), PARAGRAPH)}</p>')


def _no_table(view: View) -> str:
    if any(row.value is not None for row in view.opened.run.rows):
        return "Yardsticks alone were measured, and no trained model: Provenance has their rows."
    return "Nothing has been measured yet: no table has a row. Training and Provenance say how far the run got."


def _nothing() -> None:
    heading("No results yet")
    paragraph(
        "Make some, then reload this page; or name run folders that lie elsewhere. The Tables page has the paper's."
    )
    st.code("sbgan-bench run demo\nsbgan-bench dashboard path/to/run", language=None)


def _answer(view: View, tables: list[Arranged]) -> None:
    main = tables[0]
    if main.table is None:
        notice([main.fault], "warning")
        return
    said = _said(view, main)
    question = ASKED.get(main.definition.kind or TableKind.UNCONDITIONAL, "")
    cards = [card(answer, question) for answer in first_answers(said)]
    other = next((one for one in tables if one.definition.kind is TableKind.ABLATION and one is not main), None)
    cards += [card(answer, ASKED[TableKind.ABLATION]) for answer in _said(view, other)[:1]] if other else []
    if said:
        speaks_of = next((answer.speaks_of for answer in said if answer.speaks_of), "")
        st.html(f'<div class="sb-answers">{"".join(cards)}</div><p class="sb-quiet">{html(speaks_of)}</p>')
        _pictures(view, said[0])
    subheading(main.table.title)
    show_intervals(view, main.table, view.choice)
    made = without_paper(narrowed(main.table))
    st.html(view.opened.once(("main table", made.name, view.choice), lambda: scores(made)))


def _said(view: View, one: Arranged) -> tuple[Answer, ...]:
    if one.table is None:
        return ()
    table, kind = one.table, one.definition.kind
    return view.opened.once(
        ("answers", table.name, view.choice), lambda: answers(table, kind, view.opened.run.comparisons)
    )


def _pictures(view: View, answer: Answer) -> None:
    """Show samples of the best and of the worst trained model under the real images."""
    found = galleries(view)
    best, worst, real = of_row(found, answer.best.row), of_row(found, answer.worst.row), truth(found, answer.best.row)
    if best is None and worst is None:
        return
    rows = [Strip(real, badge="real")] if real is not None else []
    last = {"best": "worst", "lowest": "highest", "highest": "lowest"}[answer.standing]
    rows += [Strip(best, badge=answer.standing)] if best is not None else []
    rows += [Strip(worst, badge=last)] if worst is not None and worst is not best else []
    named = (
        f"the trained model with the {answer.standing} {answer.score}: {answer.best.name} ({answer.best.cell.text})"
    )
    if worst is not best:
        named += f", and with the {last}: {answer.worst.name} ({answer.worst.cell.text})"
    subheading("What it looks like", f"The first samples, none chosen, of {named}.")
    st.html(strips(view, rows))
