"""Widgets whose value is part of the address, so that an address carries the whole view.

Streamlit keeps them there: a value that is no option of the widget, stale or made up, is dropped from the address and
the widget keeps its default.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

import streamlit as st

from sbgan_bench.dashboard.inert import unique

#: Options of a box; more nobody reads through.
_MOST = 1000

_Option = TypeVar("_Option")


def choose(label: str, options: Sequence[_Option], key: str, shown: Callable[[_Option], str] = str) -> _Option:
    """Let the reader choose one of several options, the first unless the address says otherwise.

    Args:
        label: What is chosen.
        options: At least one.
        key: The parameter of the address.
        shown: How an option is named, in the box and in the address; texts from files are fine.
    """
    names = unique(map(shown, options[:_MOST]))
    _say_cut(label, len(options))
    chosen = st.selectbox(label, names, key=key, bind="query-params")
    return options[names.index(chosen)] if chosen in names else options[0]


def choose_for_good(label: str, names: Sequence[str], key: str) -> str:
    """Let the reader choose one of several names, which the address holds even if it is the first.

    What comes first may be another one tomorrow; Streamlit's own binding leaves first options out of addresses.

    Args:
        label: What is chosen.
        names: At least one, all different.
        key: The parameter of the address.
    """
    widget, written = f"{key}-widget", f"{key}-written"
    wanted = st.query_params.get(key)
    if wanted in names and wanted != st.session_state.get(written):  # a new address, or one gone back to
        st.session_state[widget] = wanted
    elif st.session_state.get(widget) not in names:
        st.session_state[widget] = names[0]
    chosen: str = st.selectbox(label, names, key=widget)
    st.session_state[written] = chosen
    if wanted != chosen:
        st.query_params[key] = chosen
    return chosen


def choose_or_all(label: str, options: Sequence[str], key: str, shown: Callable[[str], str] = str) -> tuple[str, ...]:
    """Let the reader choose one of several options or all; no box, and an empty tuple, where there is no choice."""
    if len(options) < 2:
        return ()
    chosen = choose(label, ("", *options), key, lambda option: shown(option) if option else "all")
    return (chosen,) if chosen else ()


def choose_some(
    label: str, options: Sequence[_Option], key: str, shown: Callable[[_Option], str] = str, *, none: str = "all"
) -> tuple[_Option, ...]:
    """Let the reader choose any number of options; no box, and an empty tuple, where there is no choice."""
    if len(options) < 2:
        return ()
    names = unique(map(shown, options[:_MOST]))
    _say_cut(label, len(options))
    chosen = st.multiselect(label, names, key=key, bind="query-params", placeholder=none)
    return tuple(option for option, name in zip(options, names, strict=False) if name in chosen)


def _say_cut(label: str, count: int) -> None:
    """Say that not every option can be chosen, where that is so."""
    if count > _MOST:
        more = f"{label}: the first {_MOST:,} of {count:,}. Choose a dataset or size to see others."
        st.html(f'<p class="sb-quiet">{more}</p>')


def step(label: str, count: int, key: str) -> int:
    """Let the reader step through ``count`` things, and return the place of the one chosen, from 0.

    There is nothing to choose, and no widget, where there is one thing or none.
    """
    if count < 2:
        return 0
    st.html(f'<span class="sb-step">{label}</span>', width="content")
    return st.pagination(count, key=key, bind="query-params") - 1


def switch(label: str, key: str, *, default: bool = False) -> bool:
    """Let the reader switch something on or off."""
    return st.toggle(label, value=default, key=key, bind="query-params")


def choose_view(label: str, options: Sequence[str], key: str) -> str:
    """Let the reader choose between a few views with names of ours."""
    chosen = st.segmented_control(
        label, options, default=options[0], key=key, bind="query-params", required=True, label_visibility="collapsed"
    )
    return chosen or options[0]
