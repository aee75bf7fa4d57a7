"""A run folder in the browser: the report's sections as pages. Reads rows and files; computes nothing.

Start it with ``streamlit run app.py -- RUN [RUN ...]``.
"""

import sys
from pathlib import Path

import pandas as pd
import streamlit as st

from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import MANIFEST
from sbgan_bench.report.assemble import assemble, score_tables
from sbgan_bench.report.document import Figure, Item, PlainTable, Report
from sbgan_bench.report.markdown import table_text
from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.run_folder import RunFolder


def main() -> None:
    """Show the run that the reader picks among the folders named on the command line, or those below ``runs/``."""
    st.set_page_config(page_title="sbgan-bench", layout="wide")
    folders = run_folders(sys.argv[1:])
    if not folders:
        st.title("No results yet")
        st.write(
            "Make some with `sbgan-bench run demo`, then reload; or name run folders: `streamlit run app.py -- RUN`."
        )
        return
    chosen = st.sidebar.selectbox("Run", folders, format_func=lambda path: path.name)
    try:
        report = _report(chosen, (chosen / MANIFEST).stat().st_mtime_ns)
    except BenchError as error:
        st.error(str(error))
        return
    titles = [section.title for section in report.sections]
    page = st.sidebar.radio("Page", titles)
    st.title(report.title)
    for warning in report.warnings:
        st.warning(warning)
    section = report.sections[titles.index(page)]
    for paragraph in report.lead if page == titles[0] else ():
        st.text(paragraph)
    for item in section.items:
        show(item)


@st.cache_resource(show_spinner="Reading the run", max_entries=8)
def _report(folder: Path, changed: int) -> Report:
    """Read a run once for all readers; ``changed`` makes a rewritten run a new one."""
    del changed
    run = RunFolder.read(folder)
    return assemble(run, score_tables(run))


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
    elif isinstance(item, PlainTable):
        st.dataframe(pd.DataFrame(item.rows, columns=list(item.header)), hide_index=True)
    else:
        st.markdown(table_text(item), unsafe_allow_html=False)


def _image(picture: Picture) -> bytes | str:
    return picture.data.decode() if picture.suffix == "svg" else picture.data
