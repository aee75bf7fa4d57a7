"""The frame of every page: which run, which data, where to go."""

from collections.abc import Callable
from functools import cache, partial
from importlib import import_module
from pathlib import Path

import streamlit as st
from PIL import Image

from sbgan_bench.dashboard import address
from sbgan_bench.dashboard.arguments import Arguments
from sbgan_bench.dashboard.inert import html
from sbgan_bench.dashboard.library import Entry, Shelf, entries
from sbgan_bench.dashboard.reading import open_run
from sbgan_bench.dashboard.selection import Choice, distinct
from sbgan_bench.dashboard.view import View, notice
from sbgan_bench.errors import BenchError
from sbgan_bench.report.wording import size_text

#: Module of the page -> title and icon.
PAGES = {
    "overview": ("Overview", ":material/insights:"),
    "tables": ("Tables", ":material/table_chart:"),
    "ablation": ("Ablation", ":material/compare_arrows:"),
    "samples": ("Samples", ":material/photo_library:"),
    "training": ("Training", ":material/show_chart:"),
    "metrics": ("Metrics", ":material/straighten:"),
    "ratings": ("Ratings", ":material/how_to_reg:"),
    "provenance": ("Provenance", ":material/fingerprint:"),
}
_FIRST = "overview"


def show() -> None:
    """Show the page that the address names, of the run that it names."""
    # Before the navigation, which would have browsers fetch the icon of the page from elsewhere.
    st.set_page_config(page_icon=_icon(), layout="wide")
    view: list[View | None] = []  # filled before the page runs, which Streamlit calls without arguments
    pages = [
        st.Page(partial(_run_page, module, view), title=title, icon=icon, url_path=module, default=module == _FIRST)
        for module, (title, icon) in PAGES.items()
    ]
    page = st.navigation(pages)
    st.set_page_config(page_title=f"{page.title} · sbgan-bench")
    st.html(_style())
    with st.sidebar:
        view.append(_choose())
    page.run()


@cache
def _style() -> str:
    text = Path(__file__).with_name("style.css").read_text(encoding="utf-8")
    return f"<style>{text}</style>"


@cache
def _icon() -> Image.Image:
    """Return a street as a label map sees it."""
    return Image.open(Path(__file__).with_name("icon.png")).convert("RGBA")


def _run_page(module: str, chosen: list[View | None]) -> None:
    """Show one page; its module is imported when it is first looked at."""
    page = import_module(f"sbgan_bench.dashboard.pages.{module}")
    show_page: Callable[[View | None], None] = page.show
    try:
        show_page(chosen[0])
    except BenchError as error:
        notice([str(error)], "warning")


def _choose() -> View | None:
    """Let the reader choose a run and its data; None where there is no run that can be read."""
    found = entries(Arguments.given())
    readable = {entry.name: entry for entry in found if not entry.fault}
    if readable:
        chosen = address.choose_for_good("Run", list(readable), "run")
        entry = readable[chosen]
        st.html(f'<p class="sb-quiet">{html(entry.title)}<br>{html(_whence(entry))}</p>')
    _skipped([entry for entry in found if entry.fault])
    if not readable:
        return None
    try:
        opened = open_run(entry.folder)
    except BenchError as error:
        notice([str(error)], "warning")
        return None
    facts = [(row.dataset, row.resolution) for row in opened.run.rows]
    facts += [(record.dataset, record.resolution) for record in opened.run.manifest.datasets]
    dataset = address.choose_or_all("Dataset", distinct(dataset for dataset, _ in facts), "dataset")
    sizes = distinct(size for name, size in facts if not dataset or name in dataset)
    size = address.choose_or_all("Size", sizes, "size", size_text)
    return View(entry, opened, Choice(datasets=dataset, sizes=size))


def _whence(entry: Entry) -> str:
    return {Shelf.PUBLISHED: "Published with this project."}.get(entry.shelf, "")


def _skipped(broken: list[Entry]) -> None:
    if broken:
        with st.expander(f"{len(broken)} folder{'s' if len(broken) > 1 else ''} skipped"):
            for entry in broken:
                st.html(f'<p class="sb-quiet"><b>{html(entry.name)}</b>: {html(entry.fault)}</p>')
