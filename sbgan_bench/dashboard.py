"""A run folder in the browser: the report's sections as pages. Reads rows and files; computes nothing.

Start it with ``streamlit run app.py -- RUN [RUN ...]``. It is no part of the process that raters talk to, and never
serves them: it shows whose images are whose.
"""

import sys
from pathlib import Path

import pandas as pd
import streamlit as st

from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import MANIFEST, RATINGS, RESULTS
from sbgan_bench.report.assemble import HUMAN_RATINGS, assemble, score_tables
from sbgan_bench.report.document import Figure, Item, PlainTable, Report
from sbgan_bench.report.markdown import table_text, words_text
from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.run_folder import RunFolder

#: How people come to rate images.
_HOW_TO_RATE = """
People score single images from 1 (terrible) to 4 (high quality), blind. Raters get a page of their own, in a process
that knows neither models nor results; this dashboard is for you alone.

```
sbgan-bench rate demo                                  # try it: a study on shipped samples, here and now
sbgan-bench rate create study.toml --out studies/first # freeze a study of your own
sbgan-bench rate invite studies/first --count 20       # links for raters
sbgan-bench rate serve studies/first                   # the page that they open
sbgan-bench rate report studies/first --metrics RUN --out RUN/ratings   # Table 3, here and in the report of RUN
```
"""


def main() -> None:
    """Show the run that the reader picks among the folders named on the command line, or those below ``runs/``."""
    st.set_page_config(page_title="sbgan-bench", layout="wide")
    folders = run_folders(sys.argv[1:])
    if not folders:
        st.title("No results yet")
        st.write(
            "Make some with `sbgan-bench run demo`, then reload; or name run folders: `streamlit run app.py -- RUN`."
        )
        _how_to_rate()
        return
    chosen = st.sidebar.selectbox("Run", folders, format_func=lambda path: path.name)
    try:
        report = _report(chosen, _changed(chosen))
    except BenchError as error:
        st.error(str(error))
        return
    sections = {section.title: section.items for section in report.sections}
    pages = list(dict.fromkeys([*sections, HUMAN_RATINGS]))
    page = st.sidebar.radio("Page", pages)
    st.title(report.title)
    if report.mark:
        st.error(report.mark)
    for warning in report.warnings:
        st.warning(warning)
    for paragraph in report.lead if page == pages[0] else ():
        st.text(paragraph)
    for item in sections.get(page, ()):
        show(item)
    if page == HUMAN_RATINGS:
        _how_to_rate()


def _how_to_rate() -> None:
    st.subheader("Ratings by people")
    st.markdown(_HOW_TO_RATE)


@st.cache_resource(show_spinner="Reading the run", max_entries=8)
def _report(folder: Path, changed: tuple[int, ...]) -> Report:
    """Read a run once for all readers; ``changed`` makes a rewritten run a new one."""
    del changed
    run = RunFolder.read(folder)
    return assemble(run, score_tables(run))


def _changed(folder: Path) -> tuple[int, ...]:
    files = (folder / MANIFEST, folder / RATINGS / RESULTS)
    return tuple(path.stat().st_mtime_ns for path in files if path.is_file())


def run_folders(named: list[str]) -> list[Path]:
    """Return the run folders named, or else those below ``runs/``, the latest first."""
    candidates = [Path(name) for name in named] or list(Path("runs").glob("*"))
    present = [folder for folder in candidates if (folder / MANIFEST).is_file()]
    return sorted(present, key=lambda folder: -(folder / MANIFEST).stat().st_mtime)


def show(item: Item) -> None:
    """Show one table or figure of a report."""
    st.subheader(item.title)
    if isinstance(item, Figure):
        for strip in item.strips:
            st.text(", ".join(filter(None, (strip.label, strip.detail))))
            st.image(_image(strip.picture))
        st.caption(item.caption)
    elif isinstance(item, PlainTable) and item.strong:
        st.markdown(_without_html(words_text(item)), unsafe_allow_html=False)
    elif isinstance(item, PlainTable):
        st.dataframe(pd.DataFrame(item.rows, columns=list(item.header)), hide_index=True)
    else:
        st.markdown(_without_html(table_text(item)), unsafe_allow_html=False)


def _without_html(text: str) -> str:
    """Write the marks of footnotes in brackets: Markdown has no others, and HTML stays switched off."""
    return text.replace("<sup>", " [").replace("</sup>", "]")


def _image(picture: Picture) -> bytes | str:
    return picture.data.decode() if picture.suffix == "svg" else picture.data
