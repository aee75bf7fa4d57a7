"""One showing of an image to a rater, and the place that its image keeps for it.

A main image has K places. A slot holds one from the moment it is given to a rater; with the rating it holds it for
good. When its lease runs out, the place returns as soon as anybody asks for an image (``sweep``), and the slot goes on
without one: while places are free its rater may still score it, or see it again, and takes one (``hold``).
"""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, insert, select, update

from sbgan_bench.rating.store.schema import image, place, slot
from sbgan_bench.rating.study import Purpose

#: Bytes of a slot's name: nobody guesses one.
_KEY_BYTES = 16
_KEY = re.compile(rf"[0-9a-f]{{{2 * _KEY_BYTES}}}")


@dataclass(frozen=True, slots=True)
class Slot:
    """A row of the table, with its image's id."""

    id: int
    key: str
    rater: int
    image: int
    image_key: str
    purpose: Purpose
    place: int | None
    pending: bool
    shown_at: datetime | None
    released_at: datetime | None


def _found(which: ColumnElement[bool]) -> Select[Any]:
    columns = (
        slot.c.id, slot.c.key, slot.c.rater, slot.c.image, image.c.key.label("image_key"), slot.c.purpose,
        slot.c.place, slot.c.pending, slot.c.shown_at, slot.c.released_at,
    )  # fmt: skip
    return select(*columns).join_from(slot, image).where(which).with_for_update(of=slot)


# Statements are built once: building one takes longer than SQLite takes to answer it.
_NAMED = _found(slot.c.key == bindparam("wanted"))
_PENDING = _found(and_(slot.c.rater == bindparam("wanted"), slot.c.pending))
_LAPSED = (
    select(slot.c.id, slot.c.image)
    .where(slot.c.pending, slot.c.place.is_not(None), slot.c.lease_until <= bindparam("now"))
    .order_by(slot.c.id)
    .with_for_update(skip_locked=True)
)
_THIS_IMAGE = image.c.id == bindparam("this_image")
_MORE = update(image).where(_THIS_IMAGE, image.c.taken < image.c.places).values(taken=image.c.taken + 1)
_LESS = update(image).where(_THIS_IMAGE).values(taken=image.c.taken - 1)
_FREE = (
    select(place.c.number)
    .select_from(place.outerjoin(slot, and_(slot.c.image == place.c.image, slot.c.place == place.c.number)))
    .where(place.c.image == bindparam("this_image"), slot.c.id.is_(None))
    .order_by(place.c.number)
    .limit(1)
)
_NEW = insert(slot)
_CHANGE = update(slot).where(slot.c.id == bindparam("this_slot"))


def named(connection: Connection, key: str) -> Slot | None:
    """Return the slot of a name; nobody else changes it until the transaction ends."""
    return _slot(connection, _NAMED, key) if _KEY.fullmatch(key) else None


def pending(connection: Connection, rater_id: int) -> Slot | None:
    """Return the slot that a rater has to answer; nobody else changes it until the transaction ends."""
    return _slot(connection, _PENDING, rater_id)


def _slot(connection: Connection, statement: Select[Any], wanted: str | int) -> Slot | None:
    row = connection.execute(statement, {"wanted": wanted}).one_or_none()
    return None if row is None else Slot(**{**row._mapping, "purpose": Purpose(row.purpose)})


def make(connection: Connection, **values: Any) -> int:
    """Write a new slot with an unguessable name and return its row.

    Args:
        connection: In a transaction.
        values: Of its columns, but for the name.
    """
    made = connection.execute(_NEW, {"key": secrets.token_hex(_KEY_BYTES), **values}).inserted_primary_key
    assert made is not None  # as after every insertion of one row
    return int(made[0])


def change(connection: Connection, slot_id: int, **values: Any) -> None:
    """Change columns of a slot."""
    connection.execute(_CHANGE, {"this_slot": slot_id, **values})


def sweep(connection: Connection, now: datetime) -> None:
    """Take places back whose leases ran out; slots that are being scored right now are left alone."""
    for slot_id, image_id in connection.execute(_LAPSED, {"now": now}).all():
        change(connection, slot_id, place=None)
        connection.execute(_LESS, {"this_image": image_id})


def take_place(connection: Connection, image_id: int) -> int | None:
    """Take a place of an image and return its number, or None if there is none.

    Two that want the last place wait for each other at the image's row.
    """
    if connection.execute(_MORE, {"this_image": image_id}).rowcount == 0:
        return None
    return int(connection.execute(_FREE, {"this_image": image_id}).scalar_one())


def hold(connection: Connection, found: Slot) -> bool:
    """Make sure that a slot has what it needs to be scored: of a main image, a place. Say whether it has."""
    if found.purpose is not Purpose.MAIN or found.place is not None:
        return True
    number = take_place(connection, found.image)
    if number is not None:
        change(connection, found.id, place=number)
    return number is not None
