"""The part of the Samples page on which a reader repaints a layout and has a model of the run paint it."""

import base64
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from sbgan_bench.dashboard import address
from sbgan_bench.dashboard.editor.component import editor
from sbgan_bench.dashboard.editor.layouts import MOST_CLASSES, blank, from_picture, is_drawable, shape_of
from sbgan_bench.dashboard.editor.painting import PAINTING
from sbgan_bench.dashboard.galleries import Gallery, galleries
from sbgan_bench.dashboard.inert import name, plain
from sbgan_bench.dashboard.pictures import locate
from sbgan_bench.dashboard.trainings import fit_name
from sbgan_bench.dashboard.view import View, empty, subheading
from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import DatasetRecord, FitRecord
from sbgan_bench.report.wording import size_text
from sbgan_bench.results import UNTRAINED
from sbgan_bench.samples import LayoutSource

#: Model that is an image stage by itself and stands in no gallery.
_IMAGE_STAGE = "image-stage"
_BLANK = "a blank one"


def show_editor(view: View) -> None:
    """Show the editor for a dataset of the run."""
    records = [
        one for one in view.manifest.datasets if view.choice.covers(one.dataset, one.resolution) and is_drawable(one)
    ]
    if not records:
        empty(
            f"This run describes no dataset with up to {MOST_CLASSES} classes in colours, so there is nothing to draw "
            "with."
        )
        return
    record = address.choose("Dataset to draw for", records, "canvas", _place) if len(records) > 1 else records[0]
    painters = _painters(view, record)
    with st.container(horizontal=True):
        layouts = [one for one in galleries(view) if one.record.has_layouts and _of(one, record)]
        begin = address.choose("Begin with", [*layouts, None], "layout", lambda one: one.name if one else _BLANK)
        fit = address.choose("Painted by", painters, "painter", lambda one: fit_name(view, one)) if painters else None
    subheading("Draw a layout")
    with st.container(horizontal=True, vertical_alignment="center"):
        number = address.step("Scene", begin.count if begin is not None else 0, "tile")
    shape = shape_of(record) or (1, 1)
    layout = _layout(view, record, begin, number, shape)
    start = f"{view.entry.key} {_place(record)} {begin.name if begin else ''} {number}"
    classes = [(name(text), colour) for text, colour in zip(record.class_names, record.palette, strict=False)]
    editor(start, layout, classes, _answer(view, fit, start), lambda drawn: _paint(view, fit, start, drawn))


def _place(record: DatasetRecord) -> str:
    return f"{record.dataset} {size_text(record.resolution)}"


def _of(gallery: Gallery, record: DatasetRecord) -> bool:
    return (gallery.record.dataset, gallery.record.resolution) == (record.dataset, record.resolution)


def _painters(view: View, record: DatasetRecord) -> list[FitRecord]:
    """Return the trained models whose weights are in the run folder and that painted real layouts in this run."""
    painting = {(one.record.model, one.record.recipe, one.record.variant)
                for one in galleries(view) if one.record.layout_source is LayoutSource.REAL}  # fmt: skip
    fits = [fit for fit in view.manifest.fits if (fit.dataset, fit.resolution) == (record.dataset, record.resolution)]
    able = [fit for fit in fits if (fit.model, fit.recipe, fit.variant) in painting] or [
        fit for fit in fits if fit.model == _IMAGE_STAGE
    ]
    held = [fit for fit in able if _weights(view, fit) is not None]
    return sorted(held, key=lambda fit: fit.recipe == UNTRAINED)


def _weights(view: View, fit: FitRecord) -> Path | None:
    """Return the folder of a saved model, or None where the run holds none."""
    header = view.opened.run.file(f"{fit.folder}/model.json") if fit.folder else None
    return None if header is None else header.parent


def _layout(
    view: View, record: DatasetRecord, begin: Gallery | None, number: int, shape: tuple[int, int]
) -> NDArray[np.uint8]:
    def make() -> NDArray[np.uint8]:
        path = None
        if begin is not None:
            path = locate(view.manifest, view.entry.folder, ("tile", str(begin.index), "layout", str(number)))
        colours = record.palette[: len(record.class_names)]
        made = from_picture(path, colours, shape) if path is not None else None
        return blank(shape, record.class_names) if made is None else made

    key = ("layout", _place(record), begin.index if begin else None, number)
    return view.opened.once(key, make)


def _answer(view: View, fit: FitRecord | None, start: str) -> dict[str, object]:
    """Say what stands beside the canvas: the last image painted of this layout, or why there is none."""
    if fit is None:
        message = (
            "No image can be painted here: this run folder holds no trained model that paints layouts. Weights are "
            "not published; run the suite yourself, and open its folder."
        )
        return {"answer": -1, "able": False, "image": "", "by": "", "message": message, "failed": False}
    last = st.session_state.get("painted", {})
    if last.get("start") != start:
        last = {}
    return {
        "answer": st.session_state.get("answers", 0),
        "able": True,
        "image": last.get("image", ""),
        "by": f"Painted by {last['by']}" if last.get("by") else f"To be painted by {plain(fit_name(view, fit))}",
        "message": last.get("message", ""),
        "failed": bool(last.get("message")),
    }


def _paint(view: View, fit: FitRecord | None, start: str, drawn: NDArray[np.uint8]) -> None:
    """Have a layout painted, and keep the image or the reason why there is none for the next showing."""
    folder = _weights(view, fit) if fit is not None else None
    if fit is None or folder is None:
        return
    st.session_state["answers"] = st.session_state.get("answers", 0) + 1
    try:
        image = PAINTING.paint(folder, drawn)
    except BenchError as error:
        st.session_state["painted"] = {"start": start, "message": plain(str(error))}
    else:
        source = f"data:image/png;base64,{base64.b64encode(image).decode('ascii')}"
        st.session_state["painted"] = {"start": start, "image": source, "by": plain(fit_name(view, fit))}
