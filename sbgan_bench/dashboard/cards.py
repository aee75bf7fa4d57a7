"""An answer as a card: who is best, by how much, how sure."""

from collections.abc import Sequence

from sbgan_bench.dashboard.answers import Answer
from sbgan_bench.dashboard.inert import html


def card(answer: Answer, question: str) -> str:
    """Return an answer as HTML, under the question that it answers."""
    lower = answer.column.better != "higher"
    word = "Best" if answer.tested else "Lowest" if lower else "Highest"
    number, _, spread = answer.value.partition(" ")
    return (
        f'<div class="sb-answer"><p class="sb-by"><b>{html(question)}</b><br>{word} by {html(answer.score, 120)}, '
        f"{'lower' if lower else 'higher'} is better</p>"
        f'<p class="sb-who">{html(answer.best.name, 120)}</p>'
        f'<p class="sb-number">{html(number)} <small>{html(spread)}</small></p>'
        f"<p>{html(sure(answer), 900)}</p></div>"
    )


def sure(answer: Answer) -> str:
    """Say by how much the best is ahead, and how sure that is."""
    if not answer.tested:
        alone = not answer.tied and answer.best is answer.worst
        return "There is nothing to compare it with." if alone else (
            "Nothing was tested here: the order of the digits may be chance."
        )  # fmt: skip
    parts = [f"{answer.ahead[:1].upper()}{answer.ahead[1:]}"] if answer.ahead else []
    if answer.beaten:
        every = not answer.tied and len(answer.beaten) > 1
        p = f" (p ≤ {answer.largest_p:.2g}, Holm)" if answer.largest_p is not None else ""
        parts.append(f"Told apart from {f'all {len(answer.beaten)} others' if every else listed(answer.beaten)}{p}.")
    if answer.tied:
        parts.append(f"Not told apart from {listed(answer.tied)}.")
    return " ".join(parts)


def listed(names: Sequence[str], most: int = 3) -> str:
    """Return names behind each other; of very many the first few and how many more there are."""
    if len(names) == 2:
        return f"{names[0]} and {names[1]}"
    shown = names if len(names) <= most else names[: most - 1]
    return "; ".join(shown) + (f"; and {len(names) - len(shown)} more" if len(shown) < len(names) else "")
