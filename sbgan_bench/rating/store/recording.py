"""Showing an image and keeping its score."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert

from sbgan_bench.errors import DataError
from sbgan_bench.rating.store import raters, slots
from sbgan_bench.rating.store.records import Outcome, SlotGoneError, TooEarlyError
from sbgan_bench.rating.store.schema import rating
from sbgan_bench.rating.study import SCORES, Purpose

_NEW = insert(rating)
_MILLISECOND = timedelta(milliseconds=1)


def deliver(connection: Connection, key: str, now: datetime) -> str:
    """Return the image of a slot that waits for its score; the first time starts the clock.

    So does any time before that by a clock that was set back.

    Raises:
        SlotGoneError: There is no such slot, it was scored, or somebody else was given the image.
    """
    found = slots.named(connection, key)
    if found is None or not found.pending or not slots.hold(connection, found):
        raise _gone()
    if found.shown_at is None or found.shown_at > now:
        slots.change(connection, found.id, shown_at=now)
    return found.image_key


def record(
    connection: Connection, rater_id: int, key: str, score: int, now: datetime, minimum_ms: int
) -> Outcome | TooEarlyError:
    """Keep a score.

    Returns:
        What became of it; or an error to raise once the transaction is committed: the clock was set back since the
        image was delivered, which counts from now on as delivered just now.

    Raises:
        DataError: No score of the scale.
        StudyClosedError: The study takes no ratings, or none of people.
        TooEarlyError: The image was not delivered, or less than the least time ago.
        SlotGoneError: It is no slot of this rater, or somebody else was given the image.
    """
    if score not in SCORES:
        raise DataError(f"{score!r} is no score; the scale goes from {SCORES[0]} to {SCORES[-1]}.")
    state = raters.shared_state(connection)  # before the slot: in the order of those who are asked
    found = slots.named(connection, key)
    if found is None or found.rater != rater_id or found.released_at is not None:
        raise _gone()
    if not found.pending:
        return Outcome.ALREADY_RATED
    raters.check_may_score(connection, state, rater_id)
    if found.shown_at is not None and found.shown_at > now and minimum_ms:
        slots.change(connection, found.id, shown_at=now)
        return TooEarlyError(minimum_ms)
    elapsed = _elapsed(found.shown_at, minimum_ms, now)
    if found.purpose is Purpose.MAIN and found.place is None:
        slots.sweep(connection, now)  # others may have lost it as well
    if not slots.hold(connection, found):
        raise _gone()
    connection.execute(_NEW, {"slot": found.id, "score": score, "response_ms": elapsed, "received": now})
    slots.change(connection, found.id, pending=False)
    return Outcome.RECORDED


def _elapsed(shown: datetime | None, least: int, now: datetime) -> int:
    """Return the milliseconds since an image was delivered, which are at least ``least``.

    Raises:
        TooEarlyError: They are fewer, or it was not delivered.
    """
    if shown is None:
        raise TooEarlyError(least)
    elapsed = max((now - shown) // _MILLISECOND, 0)  # a clock that was set back makes no negative time
    if elapsed < least:
        raise TooEarlyError(least - elapsed)
    return elapsed


def _gone() -> SlotGoneError:
    return SlotGoneError("This image went to somebody else, because it was not answered in time. Here is another one.")
