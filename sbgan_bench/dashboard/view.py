"""What every page is given, and the small pieces of a page that several of them show."""

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from sbgan_bench.dashboard import address
from sbgan_bench.dashboard.inert import PARAGRAPH, html
from sbgan_bench.dashboard.library import Entry
from sbgan_bench.dashboard.reading import OpenRun
from sbgan_bench.dashboard.selection import Choice
from sbgan_bench.dashboard.table_view import words
from sbgan_bench.manifest import Manifest
from sbgan_bench.report.document import PlainTable


@dataclass(frozen=True, slots=True)
class View:
    """The run that a reader looks at, and the part of its data."""

    entry: Entry
    opened: OpenRun
    choice: Choice  #: dataset and size; a page adds its own

    @property
    def manifest(self) -> Manifest:
        """The run's table of contents."""
        return self.opened.run.manifest


def heading(text: str, below: str = "") -> None:
    """Write the title of a page, which may come from a file, and a quiet line below it."""
    quiet = f'<p class="sb-quiet">{html(below, PARAGRAPH)}</p>' if below else ""
    st.html(f"<h1>{html(text)}</h1>{quiet}")


def subheading(text: str, below: str = "") -> None:
    """Write the title of a part of a page."""
    quiet = f'<p class="sb-quiet">{html(below, PARAGRAPH)}</p>' if below else ""
    st.html(f"<h2>{html(text)}</h2>{quiet}")


def paragraph(text: str) -> None:
    """Write a paragraph of text from anywhere."""
    st.html(f"<p>{html(text, PARAGRAPH)}</p>")


def notice(texts: Sequence[str], kind: str = "note") -> None:
    """Write notes that a reader must not miss; nothing if there are none.

    Args:
        texts: One a line.
        kind: "note", or "warning".
    """
    if texts:
        lines = "".join(f"<p>{html(text)}</p>" for text in texts)
        st.html(f'<div class="sb-notice sb-{kind}" role="note">{lines}</div>')


def paged(table: PlainTable, key: str, lines: int = 50) -> None:
    """Show a table of words, in pages if it is long; the page is part of the address."""
    first = lines * address.step("Page", -(-len(table.rows) // lines), key)
    st.html(words(table, slice(first, first + lines)))


def empty(text: str) -> None:
    """Say why a place is empty and what would fill it."""
    st.html(f'<p class="sb-empty">{html(text)}</p>')
