"""Charts that only the report of a study has: how scores are distributed, and how long people looked."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import NullLocator

from sbgan_bench.rating.analysis.findings import CellFinding
from sbgan_bench.rating.reporting.material import Material
from sbgan_bench.rating.study import SCORES, Purpose
from sbgan_bench.report.canvas import INK, PLAIN, SETTINGS, svg
from sbgan_bench.report.escaping import one_line
from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.rating_charts import short, stamp
from sbgan_bench.report.scales import COLOURS

#: From the lowest score to the highest, with the ink of the numbers on them.
_SHADES = (("#a63d2f", "#ffffff"), ("#e2a07f", "#20262c"), ("#9dc3de", "#20262c"), ("#2c689f", "#ffffff"))
#: Seconds that the axis of times names.
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 60, 120, 300, 900, 3600)
#: A part of a bar narrower than this, in per cent, has no number on it.
_NARROW = 5.0


def distributions(material: Material) -> Picture | None:
    """Draw the share of every score in every cell, as bars that all have the same length."""
    cells = [one for one in material.analysis.kept.cells if one.n_ratings]
    if not cells:
        return None
    names = [short(name) for name in material.names()]
    several = len(material.datasets) > 1
    rows = [(f"{short(one.dataset)}: {names[one.cell]}" if several else names[one.cell], one) for one in cells]
    with mpl.rc_context(SETTINGS):
        height = 0.85 + 0.34 * len(rows)
        canvas = Canvas(figsize=(10, height))
        canvas.subplots_adjust(0.015 + 0.0068 * max(len(label) for label, _ in rows), 0.32 / height, 0.93,
                               1 - 0.42 / height)  # fmt: skip
        axes = canvas.subplots()
        for place, (_, one) in enumerate(rows):
            _bar(axes, place, one.counts)
            axes.annotate(f"{one.n_ratings} ratings", (101, place), va="center", fontsize=8, annotation_clip=False)
        axes.set_yticks(range(len(rows)), [one_line(label) for label, _ in rows])
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.set_xlim(0, 100)
        axes.set_xticks(range(0, 101, 25), [f"{share} %" for share in range(0, 101, 25)])
        axes.grid(visible=False)
        axes.tick_params(axis="y", length=0)
        handles = [mpl.patches.Patch(color=shade) for shade, _ in _SHADES]
        words = [short(f"{score} {label}") for score, label in zip(SCORES, material.study.scale.labels, strict=True)]
        axes.legend(handles, words, ncols=4, loc="lower left", bbox_to_anchor=(0, 1), fontsize=8, borderaxespad=0.2)
        stamp(canvas, simulated=material.analysis.simulated)
        return svg(canvas, _distribution_words(rows))


def _bar(axes: Axes, place: int, counts: Sequence[int]) -> None:
    start = 0.0
    for number, (shade, ink) in zip(counts, _SHADES, strict=True):
        share = 100 * number / sum(counts)
        axes.barh(place, share, left=start, color=shade, height=0.72)
        if share >= _NARROW:
            axes.annotate(f"{share:.0f}", (start + share / 2, place), ha="center", va="center", color=ink, fontsize=8)
        start += share


def _distribution_words(rows: Sequence[tuple[str, CellFinding]]) -> str:
    told = (f"{label}: {', '.join(map(str, one.counts))}" for label, one in rows)
    return one_line(f"Number of ratings of 1, 2, 3 and 4. {'; '.join(told)}.")


def response_times(material: Material) -> Picture | None:
    """Draw how long people looked at main images, and the median of every rater; None where no times are known."""
    table = material.ratings
    main = table[(table["purpose"] == Purpose.MAIN.value) & (table["response_ms"] > 0)]
    seconds = main["response_ms"].to_numpy(dtype=float) / 1000
    if not len(seconds):
        return None
    medians = main.groupby("rater")["response_ms"].median().to_numpy(dtype=float) / 1000
    limit = material.key.exclusion.median_ms
    edges = np.geomspace(max(seconds.min(), 0.05), max(seconds.max(), 0.1) * 1.001, 41)
    with mpl.rc_context(SETTINGS):
        canvas = Canvas(figsize=(10, 2.9))
        canvas.subplots_adjust(0.055, 0.2, 0.985, 0.9)
        axes = canvas.subplots()
        axes.hist(np.clip(seconds, edges[0], None), bins=edges.tolist(), color=COLOURS[0], alpha=0.75)
        axes.plot(medians, np.zeros_like(medians), "|", color=INK, markersize=14, markeredgewidth=1, clip_on=False)
        if limit is not None:
            axes.axvline(limit / 1000, color=COLOURS[6], linewidth=1.5, linestyle="--")
            axes.annotate("rule", (limit / 1000, 1), xycoords=("data", "axes fraction"), xytext=(3, -3),
                          textcoords="offset points", va="top", fontsize=8, color=COLOURS[6])  # fmt: skip
        axes.set_xscale("log")
        axes.set_xticks([tick for tick in _TICKS if edges[0] <= tick <= edges[-1]])
        axes.xaxis.set_major_formatter(PLAIN)
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlabel("seconds from the image's first delivery to its score")
        axes.set_ylabel("ratings")
        stamp(canvas, simulated=material.analysis.simulated)
        middle, longest = float(np.median(seconds)), float(np.quantile(seconds, 0.95))
        return svg(canvas, f"Response times: median {middle:.1f} s, 95 % below {longest:.1f} s.")
