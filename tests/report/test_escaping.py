"""Whatever a name contains, it stays a name in every format."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report.escaping_cases import HOSTILE

from sbgan_bench.report import escaping
from sbgan_bench.report.wording import decimals, duration, letter, number


@pytest.mark.parametrize("text", HOSTILE)
def test_markdown_has_no_markup_left(text: str) -> None:
    made = escaping.markdown(text)
    plain = re.sub(r"&#\d+;", "", made)
    assert not set(plain) & set("\\`*_{}[]#|~$^<>&@\n")
    assert "http://" not in made
    assert "www." not in made


@given(st.text())
def test_latex_keeps_braces_balanced_and_one_line(text: str) -> None:
    made = escaping.latex(text)
    bare = re.sub(r"\\[{}]", "", made)
    assert bare.count("{") == bare.count("}")
    assert "\n" not in made
    commands = set(re.findall(r"\\([a-zA-Z]+)", made))
    assert commands <= {
        "textbackslash", "textasciicircum", "textasciitilde", "textless", "textgreater", "textbar", "symbol",
        "textasciigrave", "pm", "times", "le", "ge", "infty", "tau", "rho", "lambda", "rightarrow", "downarrow",
        "uparrow", "dots", "cdot",
    }  # fmt: skip
    assert not re.search(r"(?<!\\)[%&#_]", made)
    assert not made.startswith(("[", "*"))  # what would be an argument of the line break before it


@given(st.text())
def test_slug_is_a_file_name(text: str) -> None:
    assert re.fullmatch(r"[a-z0-9][a-z0-9-]{0,70}", escaping.slug(text))


@given(st.text(min_size=1), st.text(min_size=1))
def test_slugs_of_strange_texts_differ(first: str, second: str) -> None:
    if escaping.slug(first) == escaping.slug(second):
        pattern = r"[^a-z0-9]+"
        assert first == second or re.sub(pattern, "", first.replace("×", "x").lower()) == re.sub(
            pattern, "", second.replace("×", "x").lower()
        )


@given(st.floats(min_value=-1e5, max_value=1e5), st.integers(1, 3))
def test_number_reads_back(value: float, places: int) -> None:
    assert float(number(value, places).replace("−", "-")) == pytest.approx(value, abs=0.51 * 10**-places)


def test_small_numbers_keep_their_digits() -> None:
    assert decimals([0.02, 24.5]) == 3
    assert decimals([120.0, 300.0]) == 1
    assert decimals([]) == decimals([0.0]) == 2
    assert len(number(1e300, 2)) < 12


def test_words_of_numbers() -> None:
    assert duration(185) == "3 min 05 s"
    assert duration(7260) == "2 h 01 min"
    assert duration(None) == "–"
    assert [letter(i) for i in (0, 25, 26, 27, 52)] == ["a", "z", "aa", "ab", "ba"]
