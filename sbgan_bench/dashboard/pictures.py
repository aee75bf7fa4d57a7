"""Pictures of a run by a route of their own: the browser asks for those on the screen, and gets small inert ones.

An address names no file: it says which gallery, tile or sheet of the table of contents is meant. Whatever the file
turns out to be, what is sent is a picture drawn anew from its pixels, or one that says that there is none.
"""

import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from sbgan_bench.dashboard.arguments import Arguments
from sbgan_bench.dashboard.library import Entry, entries, manifest_of
from sbgan_bench.dashboard.memory import Drawn, Memory
from sbgan_bench.dashboard.reading import file_state
from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import Manifest
from sbgan_bench.report.run_folder import RunFolder, open_picture

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

#: Widths that pictures are reduced to; smaller ones stay as they are.
THUMBNAIL, WHOLE = 320, 2080
#: Smaller pictures are sent without loss: single pixels matter on them.
_LOSSLESS_BELOW = 320 * 320
#: JPEG knows no more lines.
_HIGHEST_JPEG = 65_535
#: Pictures that were drawn; the first page of a run with many galleries shows some megabytes.
_MEMORY = Memory(256 * 2**20)

#: Size of what stands for a missing picture.
_NOTHING = (96, 48)
_HEADERS = {
    "Cache-Control": "private, max-age=86400",  # addresses change with the run
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
#: Of answers that may be others in a moment: a run is looked at while it is made or copied.
_PASSING = {**_HEADERS, "Cache-Control": "no-store"}


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
    if stats is None:
        return []
    there = stats.parent / "previews"
    names = sorted(path.name for path in there.glob("*.png"))[-most:]  # none where it cannot be listed
    found = (run.file(str(there.relative_to(folder.resolve()) / name)) for name in names)
    return [path for path in found if path is not None]


def drawn(path: Path, width: int) -> Drawn:
    """Return a picture no wider than ``width`` and its media type; None if the file is no picture, or a huge one."""
    return _MEMORY.once((path, file_state(path), width), lambda: _draw(path, width))


def _draw(path: Path, width: int) -> Drawn:
    picture = open_picture(path)
    if picture is None:
        return None
    if picture.width > width:
        height = max(1, round(picture.height * width / picture.width))
        picture = picture.resize((width, height), Image.Resampling.LANCZOS)
    small = picture.width * picture.height <= _LOSSLESS_BELOW
    lossless = small or path.name.endswith(".layout.png") or picture.height > _HIGHEST_JPEG
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
        return Response(status_code=403, headers=_PASSING)
    run, _, place = request.path_params["place"].partition("/")
    width = WHOLE if request.query_params.get("w") == str(WHOLE) else THUMBNAIL
    found = _answer(run, place.split("/"), width)
    data, media_type = found or nothing()
    return Response(data, media_type=media_type, headers=_HEADERS if found else _PASSING)


def _is_ours(request: "Request") -> bool:
    """Whether a request comes from a page of this dashboard, by a name that it goes by."""
    from streamlit import get_option

    hosts = get_option("server.allowedHosts")
    site = request.headers.get("sec-fetch-site", "same-origin")
    return site in ("same-origin", "none") and (not hosts or request.url.hostname in hosts)


def _answer(key: str, place: list[str], width: int) -> Drawn:
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
