"""The grid of scenes: every row is a model, every column a scene; choosing one shows it large."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import streamlit as st

from sbgan_bench.dashboard.galleries import Gallery
from sbgan_bench.dashboard.inert import NAME, plain
from sbgan_bench.dashboard.pictures import address
from sbgan_bench.dashboard.view import View

_HERE = Path(__file__).parent


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    """Register the component with Streamlit, once for all readers."""
    code, style = ((_HERE / f"scenes.{suffix}").read_text(encoding="utf-8") for suffix in ("js", "css"))
    return st.components.v2.component("sbgan_scenes", html='<div class="grid"></div>', css=style, js=code)


def scenes(
    view: View,
    rows: Sequence[Gallery],
    kinds: Sequence[str],
    numbers: range,
    selected: int,
    picked: Callable[[int], None],
) -> None:
    """Show the grid.

    Args:
        view: The run.
        rows: One for each row.
        kinds: "image", "layout" or both, where a gallery has them.
        numbers: Which scenes, from 0.
        selected: The one that is marked.
        picked: Called with the scene that a reader chooses.
    """
    data = {
        "numbers": [number + 1 for number in numbers],
        "selected": selected + 1,
        "rows": [_row(view, gallery, kinds, numbers) for gallery in rows],
    }

    def changed() -> None:
        tile = st.session_state[_KEY].get("tile")
        if isinstance(tile, int | float) and tile - 1 in numbers:
            picked(int(tile) - 1)

    _component()(key=_KEY, data=data, on_tile_change=changed)


_KEY = "scenes-grid"


def _row(view: View, gallery: Gallery, kinds: Sequence[str], numbers: range) -> dict[str, Any]:
    def addresses(kind: str) -> list[str]:
        there = [number for number in numbers if number < gallery.count] if kind in kinds and gallery.has(kind) else []
        return [address(view.entry, view.opened.stamp, "tile", gallery.index, kind, number) for number in there]

    return {
        "label": plain(gallery.label, NAME),
        "detail": plain(gallery.detail, 2 * NAME),
        "shape": list(gallery.shape),
        "images": addresses("image"),
        "layouts": addresses("layout"),
    }
