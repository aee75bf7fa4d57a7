"""Rows of small pictures as HTML; the browser fetches those that come into sight."""

from collections.abc import Sequence
from dataclasses import dataclass

from sbgan_bench.dashboard.galleries import Gallery
from sbgan_bench.dashboard.inert import html
from sbgan_bench.dashboard.pictures import THUMBNAIL, WHOLE, address
from sbgan_bench.dashboard.view import View

#: Tiles in a row.
ABREAST = 8


@dataclass(frozen=True, slots=True)
class Strip:
    """One row: tiles of a gallery behind a label."""

    gallery: Gallery
    kind: str = "image"  #: or "layout"
    badge: str = ""  #: a word before the label: "best"
    labelled: bool = True  #: False for a row that belongs to the one above


def strips(view: View, rows: Sequence[Strip], first: int = 0, most: int = ABREAST) -> str:
    """Return rows of tiles ``first`` to ``first + most`` under each other: column i is tile i in all of them."""
    widest = max((min(most, row.gallery.count - first) for row in rows), default=0)
    made = "".join(_strip(view, row, first, most) for row in rows)
    return f'<div class="sb-strips" style="--n:{max(1, widest)}">{made}</div>' if widest > 0 else ""


def _strip(view: View, row: Strip, first: int, most: int) -> str:
    badge = f'<em class="sb-{html(row.badge)}">{html(row.badge)}</em><br>' if row.badge else ""
    detail = f"<small>{html(row.gallery.detail)}</small>" if row.gallery.detail else ""
    label = f"{badge}{html(row.gallery.label, 80)}{detail}" if row.labelled else f"<small>its {row.kind}s</small>"
    numbers = range(first, max(first, min(first + most, row.gallery.count)))
    tiles = "".join(tile(view, row.gallery, row.kind, number) for number in numbers)
    return f'<div class="sb-strip"><div class="sb-label">{label}</div><div class="sb-tiles">{tiles}</div></div>'


def tile(view: View, gallery: Gallery, kind: str, number: int, width: int = THUMBNAIL) -> str:
    """Return one tile of a gallery."""
    source = address(view.entry, view.opened.stamp, "tile", gallery.index, kind, number, width=width)
    height, across = gallery.shape
    alt = html(f"{kind} {number + 1} of {gallery.name}", 160)
    return (
        f'<img loading="lazy" decoding="async" src="{source}" alt="{alt}" '
        f'style="aspect-ratio:{across}/{height}">'
    )  # fmt: skip


def sheet(view: View, place: Sequence[object], alt: str, caption: str) -> str:
    """Return one whole picture of the run with its caption."""
    source = address(view.entry, view.opened.stamp, *place, width=WHOLE)
    return (
        f'<figure class="sb-picture"><img loading="lazy" decoding="async" src="{source}" alt="{html(alt)}">'
        f"<figcaption>{html(caption)}</figcaption></figure>"
    )
