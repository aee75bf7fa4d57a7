"""Trainings of a run: their names, what they logged, and the sheets they drew as they went."""

import itertools
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sbgan_bench.dashboard.view import View
from sbgan_bench.manifest import FitRecord
from sbgan_bench.report.run_folder import Curve, Stats, is_number
from sbgan_bench.report.wording import count, settings_text, size_text

#: Logs with more bytes are not read; of more lines, evenly chosen ones are.
MOST_BYTES, MOST_LINES = 64 * 2**20, 20_000
#: Points of one curve, and curves of one training.
_POINTS = 400
_TERMS = 64


def fit_name(view: View, fit: FitRecord) -> str:
    """Return what tells a training from the others of its run."""
    fits = view.manifest.fits
    several = {
        "seed": len({other.training_seed for other in fits}) > 1,
        "images": len({other.training_images for other in fits}) > 1,
        "place": len({(other.dataset, other.resolution) for other in fits}) > 1,
    }
    parts = (
        fit.title,
        settings_text(fit.recipe, fit.variant),
        f"seed {fit.training_seed}" if several["seed"] else "",
        f"{count(fit.training_images)} training images" if several["images"] else "",
        f"{fit.dataset} {size_text(fit.resolution)}" if several["place"] else "",
    )
    return ", ".join(filter(None, parts))


def chosen_fits(view: View) -> list[tuple[int, FitRecord]]:
    """Return the trainings of the data chosen with their places in the table of contents."""
    fits = enumerate(view.manifest.fits)
    return [(index, fit) for index, fit in fits if view.choice.covers(fit.dataset, fit.resolution)]


def logged(view: View, fit: FitRecord) -> Stats:
    """Return what a training logged, within limits; damaged lines are left out."""
    path = view.opened.run.file(fit.stats)
    if path is None or path.stat().st_size > MOST_BYTES:
        return Stats({}, ())
    return view.opened.once(("stats", path, path.stat().st_mtime_ns), lambda: _stats(path), most=256)


def _stats(path: Path) -> Stats:
    points: dict[str, list[tuple[float, float]]] = {}
    events: list[str] = []
    for entry in _entries(path):
        if "event" in entry:
            facts = [f"{key} {value}" for key, value in entry.items() if key not in ("event", "losses", "step")]
            events.append(", ".join([str(entry["event"]), *facts]))
        images = _number(entry.get("images")) or 0.0
        for term, value in _terms(entry) if images > 0 else ():
            if term in points or len(points) < _TERMS:
                points.setdefault(term, []).append((images, value))
    return Stats({term: _thinned(pairs) for term, pairs in points.items()}, tuple(events[:20]))


def _terms(entry: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Yield what one line logged: scores, where some were taken, before losses."""
    for part in (entry.get("scores"), entry.get("losses")):
        for term, value in part.items() if isinstance(part, dict) else ():
            known = _number(value)
            if known is not None:
                yield str(term), known


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    """Read the lines of a log, evenly chosen ones where there are very many, and the first events whatever happens."""
    lines = path.read_bytes().splitlines()
    step = math.ceil(len(lines) / MOST_LINES) or 1
    events = itertools.islice((index for index, line in enumerate(lines) if b'"event"' in line), MOST_LINES)
    for index in sorted({*range((len(lines) - 1) % step, len(lines), step), *events}):
        try:
            entry = json.loads(lines[index])
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry


def _number(value: object) -> float | None:
    return float(value) if is_number(value) else None


def _thinned(pairs: list[tuple[float, float]]) -> Curve:
    step = math.ceil(len(pairs) / _POINTS)
    kept = pairs[::-1][::step][::-1]
    return Curve(tuple(images for images, _ in kept), tuple(value for _, value in kept))
