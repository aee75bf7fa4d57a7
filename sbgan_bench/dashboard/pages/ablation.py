"""What fine-tuning changes: the four settings and the two controls, as intervals and as pictures."""

import streamlit as st

from sbgan_bench.dashboard import address
from sbgan_bench.dashboard.charts.showing import show_intervals
from sbgan_bench.dashboard.galleries import Gallery, drawn_from_noise, galleries, painted_from_real, truth
from sbgan_bench.dashboard.selection import main_tables, shown
from sbgan_bench.dashboard.strips import ABREAST, Strip, strips
from sbgan_bench.dashboard.table_view import narrowed, scores
from sbgan_bench.dashboard.view import View, empty, heading, notice, subheading
from sbgan_bench.manifest import TableKind
from sbgan_bench.questions import FINE_TUNING
from sbgan_bench.results import FLOOR


def show(view: View | None) -> None:
    """Show the page."""
    heading(
        "Ablation",
        "What fine-tuning end to end changes, beside controls that were trained on for as long without it.",
    )  # fmt: skip
    if view is None:
        empty("No run is open.")
        return
    tables = shown(view.opened, main_tables(view.opened, TableKind.ABLATION), view.choice)
    if not tables:
        empty("This run holds no fine-tuned bottleneck GAN, or has not scored one yet.")
    for one in tables:
        if one.table is None:
            notice([one.fault], "warning")
            continue
        made = narrowed(one.table, 4)
        subheading(made.title)
        show_intervals(view, made, view.choice)
        st.html(scores(made))
    _pictures(view)


def _pictures(view: View) -> None:
    found = [one for one in galleries(view) if one.record.recipe in FINE_TUNING or one.record.model == FLOOR]
    drawn, painted = _first_place(drawn_from_noise(found)), _first_place(painted_from_real(found))
    if not drawn and not painted:
        return
    subheading(
        "Before and after", "Every column is one seed, or one real layout: what differs down a column is the training."
    )
    count = max(one.count for one in (*drawn, *painted))
    with st.container(horizontal=True, vertical_alignment="center"):
        what = address.choose_view("Pictures", ["layouts and images", "images", "layouts"], "pictures")
        first = ABREAST * address.step("Scenes", -(-count // ABREAST), "scenes")
    kinds = [kind for kind in ("layout", "image") if kind in what]
    if drawn:
        st.html("<h3>From the same seeds</h3>" + strips(view, _rows(drawn, kinds), first))
    real = truth(found, painted[0].record) if painted else None
    if painted:
        rows = [*(_rows((real,), ["image", "layout"]) if real is not None else []), *_rows(painted, ["image"])]
        st.html("<h3>From the same real layouts</h3>" + strips(view, rows, first))


def _first_place(found: tuple[Gallery, ...]) -> tuple[Gallery, ...]:
    """Keep the galleries of one dataset, size, amount of data and training seed: the first there is."""
    if not found:
        return ()
    facts = ("dataset", "resolution", "training_images", "training_seed", "variant", "model")
    first = [getattr(found[0].record, fact) for fact in facts]
    return tuple(one for one in found if [getattr(one.record, fact) for fact in facts] == first)


def _rows(found: tuple[Gallery, ...], kinds: list[str]) -> list[Strip]:
    return [Strip(one, kind, labelled=kind == kinds[0]) for one in found for kind in kinds if one.has(kind)]
