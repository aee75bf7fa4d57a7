"""An answer as a card: who is best, by how much, how sure."""

from sbgan_bench.dashboard.inert import html
from sbgan_bench.report.answers import Answer


def card(answer: Answer, question: str) -> str:
    """Return an answer as HTML, under the question that it answers."""
    better = "higher" if answer.column.better == "higher" else "lower"
    number, _, spread = answer.value.partition(" ")
    return (
        f'<div class="sb-answer"><p class="sb-by"><b>{html(question)}</b><br>{answer.standing.capitalize()} by '
        f"{html(answer.score, 120)}, {better} is better</p>"
        f'<p class="sb-who">{html(answer.best.name, 120)}</p>'
        f'<p class="sb-number">{html(number)} <small>{html(spread)}</small></p>'
        f"<p>{html(answer.sure, 900)}</p></div>"
    )
