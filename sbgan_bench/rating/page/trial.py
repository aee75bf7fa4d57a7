"""The block of one image and four buttons: markup, style and behaviour lie beside this file."""

from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

import streamlit as st

from sbgan_bench.rating.study import FrozenStudy


def trial_block(study: FrozenStudy, token: str) -> bool:
    """Mount the block; it talks to our own routes, so that the script does not run again for every image.

    Returns:
        Whether it just ended: the last image is done, or the rater's state is no longer what it was.
    """
    ended = _block()(
        key="trial",
        data={
            "token": token,
            "question": study.scale.question,
            "labels": study.scale.labels,
            "width": study.width,
            "height": study.height,
        },
        on_left_change=_nothing,
    )
    return ended.left is not None


@cache
def _block() -> Callable[..., Any]:
    """Return what mounts the block; its files are read once."""
    mount: Callable[..., Any] = st.components.v2.component(
        "trial", html=_asset("trial.html"), css=_asset("trial.css"), js=_asset("requests.js") + _asset("trial.js")
    )
    return mount


def _asset(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")


def _nothing() -> None:
    """Streamlit makes a trigger of what has a callback; the run of the script that follows does the rest."""
