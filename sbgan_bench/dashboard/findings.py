"""What the analysis of a rating study wrote down, as it stands in its file: nobody vouches for its shape."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sbgan_bench.dashboard.reading import OpenRun, file_state
from sbgan_bench.manifest import FINDINGS, RATINGS
from sbgan_bench.within import file_within

_MOST_BYTES = 16 * 2**20
_NAME = f"{RATINGS}/{FINDINGS}"


def findings(opened: OpenRun) -> tuple[dict[str, Any], str]:
    """Return the findings of the study in a run's ``ratings`` folder, and why there are none; read once."""
    folder = opened.run.path
    return opened.once(("findings", file_state(folder / _NAME)), lambda: _read(folder))


def _read(folder: Path) -> tuple[dict[str, Any], str]:
    path = file_within(folder, _NAME)
    if path is None:
        return {}, ""
    try:
        if path.stat().st_size > _MOST_BYTES:
            return {}, f"{_NAME} is larger than the dashboard reads."
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}, f"{_NAME} is damaged and was not read."
    return (found, "") if isinstance(found, dict) else ({}, f"{_NAME} holds no findings.")


def at(values: object, *keys: str) -> Any:
    """Return what lies in nested tables under some keys, or None: files of others need not have it."""
    for key in keys:
        values = values.get(key) if isinstance(values, dict) else None
    return values


def texts(values: object) -> list[str]:
    """Return those items of a list that are texts."""
    return [value for value in values if isinstance(value, str)] if isinstance(values, Iterable) else []
