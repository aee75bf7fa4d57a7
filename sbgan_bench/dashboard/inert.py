"""Text from run folders made harmless: others wrote it, and it may hold markup, megabytes or marks that turn a line.

Whatever a page shows of a file goes through here, and then only to where text stays text: HTML that was escaped,
options of a select box, data of a chart. Nothing of it ever becomes Markdown, which Streamlit would read.
"""

import html as markup
import itertools
from collections.abc import Iterable

from sbgan_bench.report.escaping import one_line

#: Characters of a name, a sentence and a paragraph that are shown; what is longer ends in "…".
NAME, SENTENCE, PARAGRAPH = 60, 400, 4000


def plain(text: str, most: int = SENTENCE) -> str:
    """Return one line without control characters and direction marks, cut to ``most`` characters."""
    shown = one_line(text[: 4 * most]).strip()
    return shown if len(shown) <= most and len(text) <= 4 * most else f"{shown[: most - 1].rstrip()}…"


def html(text: str, most: int = SENTENCE) -> str:
    """Return a text as HTML that shows it and does nothing else, in an attribute too."""
    return markup.escape(plain(text, most), quote=True)


def name(text: str) -> str:
    """Return a text as a short name: for options, labels of charts and addresses."""
    return plain(text, NAME)


def unique(texts: Iterable[str], most: int = NAME) -> list[str]:
    """Return names of up to ``most`` characters that are all different: one that was there before gets a number."""
    made: dict[str, None] = {}
    for text in (plain(text, most) for text in texts):
        numbers = itertools.count(2)
        free = text
        while free in made:
            free = f"{text} ({next(numbers)})"
        made[free] = None
    return list(made)
