"""Pictures of a run by a route of their own: the browser asks for those on the screen, and gets small inert ones.

An address names no file: it says which gallery, tile or sheet of the table of contents is meant. Whatever the file
turns out to be, what is sent is a picture drawn anew from its pixels, or one that says that there is none.
"""

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw, UnidentifiedImageError

from sbgan_bench.dashboard.arguments import Arguments
from sbgan_bench.dashboard.library import Entry, entries, manifest_of
from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import Manifest
from sbgan_bench.report.run_folder import RunFolder

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

#: Files larger than this, in bytes or pixels, are not decoded.
MOST_BYTES, MOST_PIXELS = 32 * 2**20, 40_000_000
#: Widths that pictures are reduced to; smaller ones stay as they are.
THUMBNAIL, WHOLE = 320, 2080
#: Smaller pictures are sent without loss: single pixels matter on them.
_LOSSLESS_BELOW = 320 * 320
_FORMATS = ("PNG", "JPEG", "WEBP")

#: Size of what stands for a missing picture.
_NOTHING = (96, 48)
_HEADERS = {
    "Cache-Control": "private, max-age=86400",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def address(entry: Entry, stamp: str, *place: object, width: int = THUMBNAIL) -> str:
    """Return the address of a picture, relative to the dashboard's own.

    Args:
        entry: The run.
        stamp: Of the opened run: a rewritten one has other addresses, so that no old picture stays.
        place: "tile", gallery, kind, number; "sheet", dataset; "nearest", number; or "preview", fit, number.
        width: The picture is reduced to.
    """
    return f"pictures/{entry.key}/{'/'.join(map(str, place))}?w={width}&v={stamp}"


def locate(manifest: Manifest, folder: Path, place: Sequence[str]) -> Path | None:
    """Return the file that an address means, or None if the run has no such file inside its folder."""
    run = RunFolder(folder, manifest, ())
    try:
        match place:
            case ["tile", gallery, ("image" | "layout") as kind, number]:
                return run.file(f"{manifest.galleries[_index(gallery)].folder}/{_index(number):04d}.{kind}.png")
            case ["sheet", dataset]:
                return run.file(manifest.datasets[_index(dataset)].sheet)
            case ["nearest", number]:
                return run.file(manifest.nearest[_index(number)].picture)
            case ["preview", fit, number]:
                return previews(manifest, folder, _index(fit))[_index(number)]
    except (IndexError, ValueError):
        pass
    return None


def _index(text: str) -> int:
    """Read a place in a list; counting from the end is no address."""
    if not (text.isascii() and text.isdigit() and len(text) < 7):
        message = f"not a number: {text[:20]!r}"
        raise ValueError(message)
    return int(text)


def previews(manifest: Manifest, folder: Path, fit: int, most: int = 64) -> list[Path]:
    """Return the sheets of samples that a training drew as it went, the earliest first."""
    run = RunFolder(folder, manifest, ())
    stats = run.file(manifest.fits[fit].stats)
    there = stats.parent / "previews" if stats is not None else None
    if there is None or not there.is_dir():
        return []
    names = sorted(path.name for path in there.glob("*.png"))[-most:]
    found = (run.file(str(there.relative_to(folder.resolve()) / name)) for name in names)
    return [path for path in found if path is not None]


def drawn(path: Path, width: int) -> tuple[bytes, str] | None:
    """Return a picture no wider than ``width`` and its media type; None if the file is no picture, or a huge one."""
    try:
        state = path.stat()
    except OSError:
        return None
    if state.st_size > MOST_BYTES:
        return None
    return _drawn(path, state.st_mtime_ns, state.st_size, width)


@lru_cache(maxsize=2048)
def _drawn(path: Path, changed: int, size: int, width: int) -> tuple[bytes, str] | None:
    del changed, size  # a rewritten file is another one
    try:
        with Image.open(path, formats=_FORMATS) as file:
            if file.width * file.height > MOST_PIXELS:
                return None
            picture = file.convert("RGB")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    lossless = picture.width * picture.height <= _LOSSLESS_BELOW or path.name.endswith(".layout.png")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG" if lossless else "JPEG", **({} if lossless else {"quality": 88}))
    return buffer.getvalue(), "image/png" if lossless else "image/jpeg"


@lru_cache
def nothing() -> tuple[bytes, str]:
    """Return the picture that says that there is none, and its media type."""
    picture = Image.new("RGBA", _NOTHING, (128, 128, 128, 40))
    ink = ImageDraw.Draw(picture)
    ink.line([(0, _NOTHING[1]), (_NOTHING[0], 0)], fill=(128, 128, 128, 90))
    ink.text((_NOTHING[0] / 2, _NOTHING[1] / 2), "no picture", fill=(128, 128, 128, 255), anchor="mm")
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue(), "image/png"


def serve(request: "Request") -> "Response":
    """Answer a request for ``pictures/RUN/PLACE``; other sites' pages get nothing."""
    from starlette.responses import Response

    if not _is_ours(request):
        return Response(status_code=403, headers=_HEADERS)
    run, _, place = request.path_params["place"].partition("/")
    width = WHOLE if request.query_params.get("w") == str(WHOLE) else THUMBNAIL
    data, media_type = _answer(run, place.split("/"), width) or nothing()
    return Response(data, media_type=media_type, headers=_HEADERS)


def _is_ours(request: "Request") -> bool:
    """Whether a request comes from a page of this dashboard, by a name that it goes by."""
    from streamlit import get_option

    hosts = get_option("server.allowedHosts")
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site in ("same-origin", "none") and (not hosts or request.url.hostname in hosts)


def _answer(key: str, place: list[str], width: int) -> tuple[bytes, str] | None:
    try:
        folder = _folder(key)
        path = locate(manifest_of(folder), folder, place)
    except (BenchError, LookupError):
        return None
    return drawn(path, width) if path is not None else None


@lru_cache(maxsize=1024)
def _folder(key: str) -> Path:
    """Return the run folder behind a key; looked up once, for a page asks for hundreds of pictures.

    Raises:
        LookupError: No run that was named, or is where runs are, has this key.
    """
    for entry in entries(Arguments.given()):
        if entry.key == key and not entry.fault:
            return entry.folder
    raise LookupError(key)
