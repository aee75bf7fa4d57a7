"""What all charts share: SVG that follows the reader's light or dark page."""

import io
import warnings
from functools import partial
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter

from sbgan_bench.report.pictures import Picture

#: Stand-ins that are only marks: the SVG refers to the reader's ink and grid instead.
INK, GRID = "#010203", "#040506"
_PRINTED_GRID = "#d5dae0"
_STYLE = (
    "<style>:root{--ink:#24292f;--grid:#d5dae0}"
    "@media(prefers-color-scheme:dark){:root{--ink:#d7dde4;--grid:#3a424c}}</style>"
)
#: What charts are drawn with.
SETTINGS: dict[Any, Any] = {
    "font.size": 9, "text.parse_math": False, "svg.hashsalt": "report", "svg.fonttype": "path",
    "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": INK, "xtick.color": INK, "ytick.color": INK,
    "axes.titlesize": 9, "axes.spines.top": False, "axes.spines.right": False, "grid.color": GRID,
    "grid.linewidth": 0.7, "axes.grid": True, "axes.axisbelow": True, "legend.frameon": False,
}  # fmt: skip
#: Tick labels as plain numbers: mathematical markup is switched off, for names could contain it.
PLAIN = FuncFormatter(lambda value, _: f"{value:,.15g}".replace(",", "\u202f"))


def svg(canvas: Canvas, alt: str) -> Picture:
    """Encode a drawing.

    Args:
        canvas: Drawn with ``SETTINGS``; what has the colours ``INK`` and ``GRID`` takes those of the reader's page.
        alt: What it shows, for those who cannot see it.
    """
    buffer = io.StringIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")  # a box is drawn instead
        canvas.savefig(buffer, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(INK, "var(--ink,#24292f)").replace(GRID, "var(--grid,#d5dae0)")
    start = text.index(">") + 1
    width, height = (round(inches * 96) for inches in canvas.get_size_inches())
    return Picture((text[:start] + _STYLE + text[start:]).encode(), "svg", width, height, alt, partial(_pdf, canvas))


def _pdf(canvas: Canvas) -> bytes:
    """Return the same drawing for print, where grids have a colour of their own."""
    for axes in canvas.axes:
        for line in (*axes.get_xgridlines(), *axes.get_ygridlines()):
            line.set_color(_PRINTED_GRID)
    buffer = io.BytesIO()
    with warnings.catch_warnings(), mpl.rc_context(SETTINGS):
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        canvas.savefig(buffer, format="pdf", metadata={"CreationDate": None, "Creator": None, "Producer": None})
    return buffer.getvalue()
