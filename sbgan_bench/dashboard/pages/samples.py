"""What the models draw: grids, single scenes large, nearest training images, and a layout to paint oneself."""

import streamlit as st

from sbgan_bench.dashboard import address
from sbgan_bench.dashboard.editor.page import show_editor
from sbgan_bench.dashboard.galleries import Gallery, drawn_from_noise, galleries, painted_from_real, truth
from sbgan_bench.dashboard.inert import html
from sbgan_bench.dashboard.pictures import WHOLE
from sbgan_bench.dashboard.scenes import scenes
from sbgan_bench.dashboard.strips import ABREAST, sheet, tile
from sbgan_bench.dashboard.view import View, empty, heading, subheading
from sbgan_bench.report.wording import settings_text, size_text, source_text

#: What is behind the words for a choice of pictures.
_KINDS = {"images": ["image"], "layouts": ["layout"], "both": ["layout", "image"]}
_NOISE, _LAYOUTS = "from noise", "from real layouts"
#: Rows of the grid: more are not compared by eye.
_MOST_ROWS = 24


def show(view: View | None) -> None:
    """Show the page."""
    heading("Samples", "The first samples of every model, none chosen; the same scene stands in the same column.")
    if view is None:
        empty("No run is open.")
        return
    if view.opened.run.publication is not None:
        words = " ".join(licence.words for licence in view.opened.run.publication.licences)
        st.html(f'<p class="sb-quiet">{html(words)}</p>')
    parts = {"Grid": _grid, "Nearest training images": _nearest, "Layout editor": show_editor}
    parts[address.choose_view("View", list(parts), "view")](view)


def _grid(view: View) -> None:
    found = galleries(view)
    groups = {_NOISE: drawn_from_noise(found), _LAYOUTS: painted_from_real(found)}
    groups = {name: members for name, members in groups.items() if members}
    if not groups:
        empty("This run holds no sample pictures.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        group = address.choose_view("Scenes", list(groups), "from") if len(groups) > 1 else next(iter(groups))
        kinds = _KINDS[address.choose_view("Pictures", list(_KINDS), "pictures")]
    members = groups[group]
    chosen = address.choose_some("Model", members, "model", lambda one: one.name) or members
    real = truth(found, chosen[0].record)
    rows = [*([real] if real is not None else []), *chosen][:_MOST_ROWS]
    count = max(one.count for one in chosen)
    with st.container(horizontal=True, vertical_alignment="center"):
        selected = address.step("Scene", count, "tile")
    first = selected // ABREAST * ABREAST
    scenes(view, rows, kinds, range(first, min(first + ABREAST, count)), selected, _pick)
    _large(view, rows, selected, linked=group == _LAYOUTS)


def _pick(number: int) -> None:
    st.session_state["tile"] = number + 1


def _large(view: View, rows: list[Gallery], number: int, *, linked: bool) -> None:
    """Show one scene of every model large, its layout beside its image."""
    same, own = "Every model painted the same real layout.", "A model's layout and the image it painted from it."
    subheading(f"Scene {number + 1}, large", same if linked else own)
    cards = "".join(_card(view, gallery, number) for gallery in rows if number < gallery.count)
    st.html(f'<div class="sb-cards">{cards}</div>')


def _card(view: View, gallery: Gallery, number: int) -> str:
    pictures = "".join(tile(view, gallery, kind, number, WHOLE) for kind in ("layout", "image") if gallery.has(kind))
    detail = f"<small>{html(gallery.detail)}</small>" if gallery.detail else ""
    label = f"<figcaption>{html(gallery.label, 80)}{detail}</figcaption>"
    return f'<figure class="sb-card"><div>{pictures}</div>{label}</figure>'


def _none_near(view: View) -> str:
    publication = view.opened.run.publication
    if publication is not None and not all(one.redistributable for one in publication.licences):
        return "A licence forbids to publish training images, so their pictures stayed where the run was made."
    return "This run looked for no nearest training images: its suite has neither memorisation nor ct-score."


def _nearest(view: View) -> None:
    found = enumerate(view.manifest.nearest)
    records = [(index, one) for index, one in found if view.choice.covers(one.dataset, one.resolution)]
    if not records:
        empty(_none_near(view))
        return
    st.html(
        '<p class="sb-quiet">Left of every pair the generated image, right the training image nearest to it: pairs '
        "that look alike in every detail would be copies.</p>"
    )
    for index, record in records[:_MOST_ROWS]:
        named = (record.title, settings_text(record.recipe, record.variant), source_text(record.layout_source))
        who = ", ".join(filter(None, named))
        place = f"{record.dataset} {size_text(record.resolution)}, by {record.protocol}"
        subheading(who, place)
        st.html(sheet(view, ("nearest", index), f"{who}: generated images beside training images", ""))
