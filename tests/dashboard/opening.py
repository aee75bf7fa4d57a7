"""Opening pages of the dashboard without a browser."""

from collections.abc import Mapping, Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from sbgan_bench.dashboard.charts.drawing import Spec
from sbgan_bench.dashboard.library import Entry, Shelf
from sbgan_bench.dashboard.reading import open_run
from sbgan_bench.dashboard.selection import Choice
from sbgan_bench.dashboard.serving import SCRIPT
from sbgan_bench.dashboard.shell import PAGES
from sbgan_bench.dashboard.view import View

#: Seconds that a page may take on a busy machine.
PATIENCE = 60
EVERY_PAGE = tuple(PAGES)


def open_page(page: str, query: Mapping[str, str | Sequence[str]] | None = None) -> AppTest:
    """Open a page as a browser does that was given its address."""
    app = AppTest.from_file(str(SCRIPT), default_timeout=PATIENCE)
    app._page_hash = calc_hash(page)
    for name, value in (query or {}).items():
        app.query_params[name] = value
    return app.run()


def html(app: AppTest) -> str:
    """Return all HTML of a page, the sidebar's included."""
    blocks = [*app.get("html"), *app.sidebar.get("html")]
    return "\n".join(block.proto.body for block in blocks)


class Inventory(HTMLParser):
    """The elements of a page's HTML, and the names and values of their attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: dict[str, set[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value or "")


def text(app: AppTest) -> str:
    """Return everything on a page that Streamlit reads as Markdown, or shows as it is."""
    kinds = ("markdown", "code", "text", "caption", "title", "header", "subheader", "error", "warning", "info")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def check(app: AppTest) -> None:
    """Fail with what Streamlit shows in place of a page that broke."""
    assert not app.exception, [f"{one.message}\n{''.join(one.stack_trace)}" for one in app.exception]


def view(run: Path, choice: Choice | None = None) -> View:
    """What pages are given of a run."""
    return View(Entry("0" * 12, run.name, run, Shelf.NAMED), open_run(run), choice or Choice())


def points(spec: Spec | None) -> list[dict[str, Any]]:
    """Return the data of a chart, or of its first layer."""
    assert spec is not None
    name = spec.get("data", spec["layer"][0].get("data"))["name"]
    values: list[dict[str, Any]] = spec["datasets"][name]
    return values


def argue(monkeypatch: pytest.MonkeyPatch, *words: Path | str) -> None:
    """Start the dashboard, as far as it knows, with these words."""
    monkeypatch.setattr("sys.argv", ["app.py", *map(str, words)])
