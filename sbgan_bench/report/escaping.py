"""Making any text inert in the formats we write: names come from files that others made."""

import re
import unicodedata

from sbgan_bench.hashing import hash_json

_LONGEST_SLUG = 60

#: Everything that begins markup, the parts of bare links, and what a line must not begin with.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]#|~$^<>&@]|:(?=//)|(?<=www)\.|^[-+=!]|(?<=\d)[.)](?=\s|$))", re.IGNORECASE)
_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\symbol{34}", "`": r"\textasciigrave{}", "–": "--", "−": r"$-$", "±": r"$\pm$",
    "×": r"$\times$", "↓": r"$\downarrow$", "↑": r"$\uparrow$", "“": "``", "”": "''", "’": "'", "…": r"\dots{}",
    "[": "{[}", "*": "{*}",  # at the start of a line, arguments of the line break before it
    "\u202f": r"\,", "\u00a0": "~", "·": r"$\cdot$", "²": r"$^2$",
    "→": r"$\rightarrow$", "∞": r"$\infty$", "≤": r"$\le$", "≥": r"$\ge$", "τ": r"$\tau$", "ρ": r"$\rho$",
    "λ": r"$\lambda$",
}  # fmt: skip


def one_line(text: str) -> str:
    """Return the text with control characters and line breaks turned into single spaces."""
    return " ".join("".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs") else c for c in text).split(" "))


def markdown(text: str) -> str:
    """Escape a text for a Markdown paragraph or table cell: no markup, link, HTML or column can arise from it."""
    return _MARKDOWN.sub(_entity, one_line(text))


def _entity(match: re.Match[str]) -> str:
    # Entities, not backslashes: some dialects read a backslash literally, none reads markup in an entity.
    return f"&#{ord(match[1])};"


def latex(text: str) -> str:
    """Escape a text for LaTeX: no command can arise from it; characters that fonts may lack become "?"."""
    return "".join(_latex_character(character) for character in one_line(text))


def _latex_character(character: str) -> str:
    known = _LATEX.get(character)
    if known is not None:
        return known
    letter_of_t1 = ord(character) < 0x180 and character.isalpha()
    return character if character.isascii() or letter_of_t1 else "?"


def slug(text: str) -> str:
    """Return a text as part of a file name: lower-case letters, digits and hyphens.

    Texts that lose more than punctuation get a few digits of their hash, so that two of them do not become one.
    """
    plain = re.sub(r"[^a-z0-9]+", "-", text.replace("×", "x").lower()).strip("-")
    faithful = re.fullmatch(r"[A-Za-z0-9×,:\u202f -]+", text) is not None and 0 < len(plain) <= _LONGEST_SLUG
    return plain if faithful else f"{plain[:_LONGEST_SLUG]}-{hash_json(text)[:6]}".strip("-")
