"""Answers that a crowd platform collected."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from sbgan_bench.errors import DataError
from sbgan_bench.rating.store import raters, slots
from sbgan_bench.rating.store.records import Answer, AssignmentOutcome, Platform
from sbgan_bench.rating.store.schema import image, rater, rating, slot, study
from sbgan_bench.rating.study import SCORES, Purpose, Role


@dataclass(frozen=True, slots=True)
class _Image:
    id: int
    role: Role


def add(
    connection: Connection, platform: Platform, platform_hash: str, answers: Sequence[Answer], now: datetime
) -> AssignmentOutcome:
    """Keep the answers of one assignment under the rules that hold for everybody.

    Raises:
        DataError: An image of another study, or no score of the scale; nothing is kept.
        BenchError: The study is filled with made-up ratings.
    """
    connection.execute(select(study.c.open).with_for_update()).one()
    rater_id = raters.of_platform_or_new(connection, platform, platform_hash, secrets.token_urlsafe())
    slots.sweep(connection, now)
    images = _images(connection, answers)
    before = _ratings_before(connection, rater_id)
    last = connection.scalar(select(func.max(slot.c.position)).where(slot.c.rater == rater_id))
    position = 0 if last is None else last + 1
    recorded = already = surplus = 0
    fresh: set[str] = set()
    for answer in answers:
        found = images[answer.image]
        if answer.image not in fresh and before.get(found.id) == (answer.score, answer.response_ms):
            already += 1
        elif (
            answer.image in fresh
            or found.id in before
            or not _keep(connection, rater_id, found, answer, position + recorded, now)
        ):
            surplus += 1
        else:
            recorded += 1
        fresh.add(answer.image)
    first = update(rater).where(rater.c.id == rater_id, rater.c.finished_at.is_(None))
    connection.execute(first.values(finished_at=now))
    return AssignmentOutcome(recorded, already, surplus)


def _images(connection: Connection, answers: Sequence[Answer]) -> dict[str, _Image]:
    """Return the images that are answered, by their ids."""
    wanted = {answer.image for answer in answers}
    rows = connection.execute(select(image.c.id, image.c.key, image.c.role).where(image.c.key.in_(wanted)))
    found = {row.key: _Image(row.id, Role(row.role)) for row in rows}
    for answer in answers:
        if answer.image not in found:
            raise DataError(f"{answer.image!r} is no image of this study; import results into the study they are of.")
        if answer.score not in SCORES or answer.response_ms < 0:
            raise DataError(
                f"Image {answer.image}: {answer} is no rating; scores go from {SCORES[0]} to {SCORES[-1]}."
            )
    return found


def _ratings_before(connection: Connection, rater_id: int) -> dict[int, tuple[int, int] | None]:
    """Return what this rater said of images he had, by their rows; None if he did not answer."""
    had = select(slot.c.image, rating.c.score, rating.c.response_ms).select_from(slot.outerjoin(rating))
    rows = connection.execute(had.where(slot.c.rater == rater_id, slot.c.purpose != Purpose.REPEAT.value))
    return {row.image: None if row.score is None else (row.score, row.response_ms) for row in rows}


def _keep(connection: Connection, rater_id: int, found: _Image, answer: Answer, position: int, now: datetime) -> bool:
    """Write one rating; say whether its image had room."""
    number = slots.take_place(connection, found.id) if found.role is Role.MAIN else None
    if found.role is Role.MAIN and number is None:
        return False
    made = slots.make(
        connection, rater=rater_id, image=found.id, purpose=found.role.value, position=position, place=number,
        pending=False,
    )  # fmt: skip
    kept = {"slot": made, "score": answer.score, "response_ms": answer.response_ms, "received": now}
    connection.execute(insert(rating).values(kept))
    return True
