"""Images and scores over plain HTTP: one round trip per score, and no run of the script.

The token comes as ``Authorization: Bearer``, never in an address, which servers and proxies may log. Images are
fetched by slot: an id drawn anew for every showing, which nobody can guess and which says nothing of the image.
"""

import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from importlib.resources import files
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.page.answers import FRESH, RequestError, error_answer, trial_answer
from sbgan_bench.rating.page.desk import Desk, MissingImageError
from sbgan_bench.rating.study import SCORES

Endpoint = Callable[[Request], Awaitable[Response]]

#: Bytes that a request may have; a score takes 60.
_LARGEST = 1000
#: What a page may tell about itself: "display 390x844@3".
_NOTES = {
    "display": re.compile(r"\d{1,5}x\d{1,5}@\d{1,2}(\.\d{1,4})?"),
    "pause": re.compile(""),
    "resume": re.compile(""),
}

_LOG = logging.getLogger(__name__)


def rating_routes(desk: Desk) -> list[Route]:
    """Return the routes below ``/rating``; errors become JSON for the page."""

    async def following(request: Request) -> Response:
        return trial_answer(await run_in_threadpool(desk.next_trial, _token(request)))

    async def score(request: Request) -> Response:
        body = await _body(request)
        slot, given = _text(body, "slot"), body.get("score")
        if type(given) is not int or given not in SCORES:
            raise RequestError(f"score ({given!r}) must be one of {SCORES}.")
        return trial_answer(await run_in_threadpool(desk.score, _token(request), slot, given))

    async def note(request: Request) -> Response:
        body = await _body(request)
        kind, detail = _text(body, "kind"), _text(body, "detail")
        if kind not in _NOTES or not _NOTES[kind].fullmatch(detail):
            raise RequestError("Only the size of the display and pauses are noted.")
        await run_in_threadpool(desk.note, _token(request), kind, detail)
        return Response(status_code=204, headers=FRESH)

    async def image(request: Request) -> Response:
        content = await run_in_threadpool(desk.image, request.path_params["slot"])
        return Response(content, media_type="image/png", headers=FRESH)

    async def anchor(request: Request) -> Response:
        content = await run_in_threadpool(desk.anchor, request.path_params["anchor"])
        return Response(content, media_type="image/png", headers=FRESH)

    async def icon(request: Request) -> Response:
        del request
        return FileResponse(str(files(__package__).joinpath("favicon.svg")), media_type="image/svg+xml")

    return [
        Route("/favicon.png", icon),
        Route("/rating/next", _guarded(following), methods=["POST"]),
        Route("/rating/score", _guarded(score), methods=["POST"]),
        Route("/rating/note", _guarded(note), methods=["POST"]),
        Route("/rating/image/{slot}.png", _guarded(image), methods=["GET"]),
        Route("/rating/anchor/{anchor}.png", _guarded(anchor), methods=["GET"]),
    ]


def _guarded(endpoint: Endpoint) -> Endpoint:
    async def answer(request: Request) -> Response:
        try:
            return await endpoint(request)
        except (BenchError, OSError) as error:
            answered = error if isinstance(error, BenchError) else BenchError(str(error))
            response = error_answer(answered)
            if response.status_code >= 500 or isinstance(error, MissingImageError):
                _LOG.error("%s: %s", type(error).__name__, error)
            return response

    return answer


def _token(request: Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _body(request: Request) -> Mapping[str, Any]:
    """Read a small JSON object."""
    size = request.headers.get("Content-Length", "")
    if not size.isascii() or not size.isdigit() or int(size) > _LARGEST:
        raise RequestError(f"The request must say its length, of at most {_LARGEST} bytes.")
    try:
        values = await request.json()
    except ValueError as error:
        raise RequestError("The request must be JSON.") from error
    if not isinstance(values, dict):
        raise RequestError("The request must be a JSON object.")
    return values


def _text(values: Mapping[str, Any], key: str) -> str:
    value = values.get(key, "")
    if not isinstance(value, str):
        raise RequestError(f"{key} must be text.")
    return value
