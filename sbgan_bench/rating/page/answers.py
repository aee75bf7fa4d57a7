"""What goes back to the block of buttons: trials and errors as JSON."""

from typing import Any

from starlette.responses import JSONResponse

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.page.desk import MissingImageError, NoConsentError, UnknownAnchorError
from sbgan_bench.rating.store.records import (
    SlotGoneError,
    StoreBusyError,
    StoreFullError,
    StudyClosedError,
    TooEarlyError,
    Trial,
    UnknownTokenError,
)

#: Nothing of this may be kept by browsers or by proxies on the way.
FRESH = {"Cache-Control": "no-store"}


class RequestError(BenchError):
    """A request that no page of ours sends."""


#: What an error is called on the wire, and its status code (RFC 9110, 8470 and 4918).
_KINDS: dict[type[BenchError], tuple[str, int]] = {
    RequestError: ("request", 400),
    UnknownTokenError: ("token", 401),
    NoConsentError: ("consent", 403),
    UnknownAnchorError: ("anchor", 404),
    MissingImageError: ("missing", 404),
    SlotGoneError: ("gone", 409),
    StudyClosedError: ("closed", 410),
    TooEarlyError: ("early", 425),
    StoreBusyError: ("busy", 503),
    StoreFullError: ("full", 507),
}

#: Sentences that name files or settings are for owners; raters read these instead.
_FOR_RATERS = {
    "busy": "The server is busy. Your answer is kept here and sent again.",
    "full": "The server cannot save just now. Please choose again in a while; earlier answers are safe.",
    "missing": "This image cannot be shown now. Earlier answers are safe: please load this page again later and, if "
    "that does not help, tell whoever sent you here.",
    "server": "Something went wrong on the server. Earlier answers are safe; please try again.",
}


def trial_answer(trial: Trial | None) -> JSONResponse:
    """Return a trial as the page may know it, which leaves out the id of the image; ``null`` after the last."""
    values: dict[str, Any] | None = None
    if trial is not None:
        values = {
            "slot": trial.slot,
            "practice": trial.practice,
            "number": trial.number,
            "of": trial.of,
        }
    return JSONResponse({"trial": values}, headers=FRESH)


def error_answer(error: BenchError) -> JSONResponse:
    """Return an error as ``{error, message, wait_ms?}`` with the status code that fits."""
    kind, status = _KINDS.get(type(error), ("server", 500))
    body: dict[str, Any] = {"error": kind, "message": _FOR_RATERS.get(kind, str(error))}
    if isinstance(error, TooEarlyError):
        body["wait_ms"] = error.wait_ms
    return JSONResponse(body, status_code=status, headers=FRESH)
