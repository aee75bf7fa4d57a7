"""How the models were trained: distances of snapshots, losses, samples on the way, and what it cost."""

import itertools
from collections.abc import Mapping
from functools import partial

import streamlit as st

from sbgan_bench.dashboard import address
from sbgan_bench.dashboard.charts.curves import curves, legend
from sbgan_bench.dashboard.inert import html, plain, unique
from sbgan_bench.dashboard.pictures import previews
from sbgan_bench.dashboard.strips import sheet
from sbgan_bench.dashboard.trainings import chosen_fits, fit_name, log_state, logged
from sbgan_bench.dashboard.view import View, empty, heading, notice, paged, subheading
from sbgan_bench.manifest import FitRecord
from sbgan_bench.report import details
from sbgan_bench.report.training_log import distance_words
from sbgan_bench.report.wording import count

#: Curves shown at first, trainings compared at once, and those whose samples are shown.
_TERMS, _ABREAST, _PREVIEWED = 9, 8, 4
#: Most digits of a preview's name.
_DIGITS = 15


def show(view: View | None) -> None:
    """Show the page."""
    heading(
        "Training",
        "The distance of snapshots to held-out real images that no table uses, where it was measured, and losses, "
        "against the number of real images shown (log scale). Every line is one training.",
    )
    if view is None:
        empty("No run is open.")
        return
    fits = chosen_fits(view)
    if not fits:
        empty("Nothing was trained in this run, or nothing of the data chosen.")
        return
    names = dict(zip([index for index, _ in fits], unique([fit_name(view, fit) for _, fit in fits]), strict=True))
    first = next((one for one in fits if logged(view, one[1]).curves), fits[0])
    chosen = address.choose_some("Trainings", fits, "training", lambda one: names[one[0]], none=names[first[0]])
    chosen = chosen or (first,)
    if len(chosen) > _ABREAST:
        notice([f"The first {_ABREAST} of {len(chosen)} trainings chosen are drawn."])
    notice([f"{names[index]} collapsed: {fit.collapsed}" for index, fit in chosen if fit.collapsed], "warning")
    _curves(view, {names[index]: fit for index, fit in chosen[:_ABREAST]})
    _previews(view, {index: names[index] for index, _ in chosen[:_PREVIEWED]})
    for table in details.compute(view.opened.run):
        subheading(table.title)
        paged(table, "compute")


def _curves(view: View, chosen: Mapping[str, FitRecord]) -> None:
    stats = {name: logged(view, fit) for name, fit in chosen.items()}
    states = tuple((name, log_state(view, fit)) for name, fit in chosen.items())
    lines = {name: one.curves for name, one in stats.items()}
    terms = list(dict.fromkeys(term for one in lines.values() for term in one))
    if not terms:
        empty("Nothing was logged: the log is missing, empty, damaged or larger than the dashboard reads.")
        return
    if len(stats) > 1:
        st.html(legend(list(stats)))
    shown = terms if len(terms) <= _TERMS or address.switch(f"all {len(terms)} terms", "terms") else terms[:_TERMS]
    for term, place in zip(shown, itertools.cycle(st.columns(3)), strict=False):
        spec = view.opened.once(("curves", term, states), partial(curves, lines, term))
        if spec is not None:
            with place:
                st.html(f"<h3>{html(term, 60)}</h3>")
                st.vega_lite_chart(spec, alt="A logged term over the images shown.")
    notice(list(dict.fromkeys(text for fit in chosen.values() if (text := distance_words(fit)))))
    notice([f"{name}: {event}" for name, one in stats.items() for event in one.events])


def _previews(view: View, chosen: Mapping[int, str]) -> None:
    for index, name in chosen.items():
        sheets = previews(view.manifest, view.entry.folder, index)
        if not sheets:
            continue
        subheading(f"Samples on the way: {name}", "The same seeds each time, drawn as training went.")
        images = [_shown(path.stem) for path in sheets]
        at = len(sheets) - 1
        if len(sheets) > 1:
            labels = unique(images)
            label = st.select_slider("Real images shown", labels, labels[-1], key=f"shown{index}", bind="query-params")
            at = labels.index(label) if label in labels else at
        alt = f"Samples of {name} after {images[at]} images"
        st.html(sheet(view, ("preview", index, at), alt, f"After {images[at]} real images."))


def _shown(name: str) -> str:
    """Return the number of images that a preview is named by, as it is printed; other names as they are."""
    return count(int(name)) if name.isdecimal() and len(name) <= _DIGITS else plain(name, 20)
