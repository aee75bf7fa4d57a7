"""The editor as a Streamlit component: a canvas in the classes' colours."""

import base64
import binascii
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

_HERE = Path(__file__).parent
_KEY = "layout-editor"


@st.cache_resource(show_spinner=False)
def _component() -> Any:
    """Register the component with Streamlit, once for all readers."""
    body, style, code = ((_HERE / f"editor.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js"))
    return st.components.v2.component("sbgan_layout_editor", html=body, css=style, js=code)


def editor(
    start: str, layout: NDArray[np.uint8], classes: Sequence[tuple[str, tuple[int, int, int]]],
    answer: dict[str, Any], painted: Callable[[NDArray[np.uint8]], None],
) -> None:  # fmt: skip
    """Show the editor.

    Args:
        start: Names the layout that it begins with; another name replaces what the reader has drawn.
        layout: ``(H, W)`` class ids to begin with.
        classes: Name and colour of each class.
        answer: What is shown beside the canvas: "answer" (a number that grows), "able", "image", "by", "message" and
            "failed".
        painted: Called with the ``(H, W)`` layout when the reader asks for its image.
    """
    data = {
        "start": start,
        "shape": list(layout.shape),
        "layout": base64.b64encode(layout.tobytes()).decode("ascii"),
        "classes": [{"name": name, "colour": list(colour)} for name, colour in classes],
        **answer,
    }

    def asked() -> None:
        drawn = read_layout(st.session_state[_KEY].get("render"), layout.shape, len(classes))
        if drawn is not None:
            painted(drawn)

    _component()(key=_KEY, data=data, on_render_change=asked)


def read_layout(sent: object, shape: tuple[int, ...], classes: int) -> NDArray[np.uint8] | None:
    """Return what the browser sent as a layout, or None if it is none."""
    try:
        ids = np.frombuffer(base64.b64decode(str(sent), validate=True), np.uint8)
    except (binascii.Error, ValueError):
        return None
    return ids.reshape(shape) if ids.size == np.prod(shape) and ids.max(initial=0) < classes else None
