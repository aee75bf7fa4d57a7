"""What trainings logged, as curves: losses, and distances of snapshots where they were measured."""

import itertools
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeGuard

from sbgan_bench.manifest import FitRecord
from sbgan_bench.report.scales import LARGEST
from sbgan_bench.report.wording import count

#: Logs with more bytes are not read; of more lines, evenly chosen ones are.
MOST_BYTES, MOST_LINES = 64 * 2**20, 20_000
#: Points of one curve, curves of one training, and events told.
_POINTS, _TERMS, _EVENTS = 400, 64, 20


@dataclass(frozen=True, slots=True)
class Curve:
    """One logged term."""

    images: tuple[float, ...]  #: real images shown, positive
    values: tuple[float, ...]
    measured: bool = False  #: a few measurements, each worth a mark, rather than a log


@dataclass(frozen=True, slots=True)
class Stats:
    """What a training run logged."""

    curves: Mapping[str, Curve] = field(default_factory=dict)  #: by term
    events: tuple[str, ...] = ()  #: "collapsed, images 1200" and the like


def with_distances(fit: FitRecord, stats: Stats) -> Stats:
    """Return what was logged with the distances of the snapshots before it, where there are any."""
    found = fit.distances
    points = [] if found is None else [pair for pair in found.values if pair[0] > 0 and all(map(is_number, pair))]
    if found is None or not points:
        return stats
    term = f"{found.protocol} distance, N = {found.num_generated}"
    images, values = zip(*points, strict=True)
    return Stats({term: Curve(images, values, measured=True), **stats.curves}, stats.events)


def distance_words(fit: FitRecord) -> str:
    """Return in a sentence what the distances of a training are; "" if there are none."""
    found = fit.distances
    if found is None:
        return ""
    return (
        f"Distances are Fréchet distances of protocol {found.protocol}, {count(found.num_generated)} generated images "
        f"of every snapshot against {count(found.num_real)} reals of the selection split, which no table uses."
    )


def read_stats(path: Path) -> Stats:
    """Read ``stats.jsonl`` within limits; damaged lines are left out, and so is a file that cannot be read."""
    try:
        lines = path.read_bytes().splitlines() if path.stat().st_size <= MOST_BYTES else []
    except OSError:
        return Stats()
    points: dict[str, list[tuple[float, float]]] = {}
    events: list[str] = []
    for entry in _entries(lines):
        if "event" in entry:
            facts = [f"{key} {value}" for key, value in entry.items() if key not in ("event", "losses", "step")]
            events.append(", ".join([str(entry["event"]), *facts]))
        images, losses = entry.get("images"), entry.get("losses")
        if not (is_number(images) and images > 0 and isinstance(losses, dict)):
            continue
        for term, value in losses.items():
            if is_number(value) and (term in points or len(points) < _TERMS):
                points.setdefault(term, []).append((float(images), float(value)))
    return Stats({term: _thinned(pairs) for term, pairs in points.items()}, tuple(events[:_EVENTS]))


def is_number(value: Any) -> TypeGuard[float]:
    """Whether a value that was logged is a number that can be drawn: none that is huge, infinite or NaN."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < LARGEST


def _entries(lines: Sequence[bytes]) -> Iterator[dict[str, Any]]:
    """Read lines of a log, evenly chosen ones where there are very many, and the first events whatever happens."""
    step = math.ceil(len(lines) / MOST_LINES) or 1
    events = itertools.islice((index for index, line in enumerate(lines) if b'"event"' in line), MOST_LINES)
    for index in sorted({*range((len(lines) - 1) % step, len(lines), step), *events}):
        try:
            entry = json.loads(lines[index])
        except (ValueError, RecursionError):
            continue
        if isinstance(entry, dict):
            yield entry


def _thinned(pairs: list[tuple[float, float]]) -> Curve:
    """Keep at most about as many points as can be seen, evenly chosen, the last one included."""
    step = math.ceil(len(pairs) / _POINTS)
    kept = pairs[::-1][::step][::-1]
    return Curve(tuple(images for images, _ in kept), tuple(value for _, value in kept))
