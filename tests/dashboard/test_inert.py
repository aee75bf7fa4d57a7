"""Whatever a text holds, it stays a text."""

import html
import unicodedata

from dashboard.hostile_runs import ATTACKS, LONG
from hypothesis import given
from hypothesis import strategies as st

from sbgan_bench.dashboard import inert


@given(st.text(max_size=300))
def test_html_shows_the_text_and_nothing_else(text: str) -> None:
    made = inert.html(text)
    assert not set("<>\"'") & set(made)
    assert html.unescape(made) == inert.plain(text)


@given(st.text(max_size=300), st.integers(1, 100))
def test_a_line_is_no_longer_than_asked_and_holds_no_marks(text: str, most: int) -> None:
    made = inert.plain(text, most)
    assert len(made) <= most
    assert not [character for character in made if unicodedata.category(character) in ("Cc", "Cf", "Cs")]


def test_long_texts_are_cut_before_they_are_looked_at() -> None:
    assert inert.plain(LONG) == "m" * 399 + "…"
    assert inert.name(LONG).endswith("…")


@given(st.lists(st.sampled_from(["a", "a (2)", "a (3)", ATTACKS[0], LONG]), max_size=12))
def test_unique_names_are_unique(texts: list[str]) -> None:
    made = inert.unique(texts)
    assert len(set(made)) == len(texts)
    assert made[:1] == [inert.name(text) for text in texts[:1]]
