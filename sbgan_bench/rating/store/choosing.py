"""Which main image a rater gets next."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection, and_, bindparam, case, func, select

from sbgan_bench.rating.store.failures import CollisionError
from sbgan_bench.rating.store.plan import Design
from sbgan_bench.rating.store.schema import image, slot
from sbgan_bench.rating.study import Purpose, Role


@dataclass(frozen=True, slots=True)
class History:
    """What a rater was asked so far."""

    steps: int  #: of his plan that are done, or out now
    main: int  #: main images among them
    position: int  #: of the next showing
    held: Mapping[int, int]  #: main images that he scored or has now, by stratum
    seen: Mapping[int, int]  #: main images with a free place that he had at any time, by stratum


@dataclass(frozen=True, slots=True)
class Stratum:
    """One cell of the study, as a rater stands to it."""

    number: int
    unseen: int  #: images with a free place that this rater never had
    urgency: tuple[float, float]  #: least for the cell he had least of, for its size; then the one with most room


_FREE = and_(image.c.role == Role.MAIN.value, image.c.taken < bindparam("places"))
_ROOMS = (
    select(image.c.stratum, func.count().label("images"), func.sum(image.c.taken).label("taken"))
    .where(_FREE)
    .group_by(image.c.stratum)
    .order_by(image.c.stratum)
)
_OWN = (
    select(
        slot.c.purpose,
        image.c.stratum,
        func.sum(case((slot.c.released_at.is_(None), 1), else_=0)).label("held"),
        func.sum(case((_FREE, 1), else_=0)).label("free"),
        func.max(slot.c.position).label("last"),
    )
    .join_from(slot, image)
    .where(slot.c.rater == bindparam("rater"))
    .group_by(slot.c.purpose, image.c.stratum)
)
_HAD = select(slot.c.image).where(slot.c.rater == bindparam("rater"), slot.c.purpose == Purpose.MAIN.value)
_CANDIDATE = and_(_FREE, image.c.stratum == bindparam("stratum"), image.c.id.not_in(_HAD))
_LEVEL = (
    select(image.c.taken, func.count().label("images"))
    .where(_CANDIDATE)
    .group_by(image.c.taken)
    .order_by(image.c.taken)
    .limit(1)
)
_DRAWN = (
    select(image.c.id)
    .where(_CANDIDATE, image.c.taken == bindparam("level"))
    .order_by(image.c.id)
    .offset(bindparam("drawn"))
    .limit(1)
)


def history(connection: Connection, design: Design, rater_id: int) -> History:
    """Return what a rater was asked so far."""
    rows = connection.execute(_OWN, {"rater": rater_id, "places": design.places}).all()
    main = [row for row in rows if row.purpose == Purpose.MAIN.value]
    return History(
        steps=sum(int(row.held) for row in rows),
        main=sum(int(row.held) for row in main),
        position=max((row.last + 1 for row in rows), default=0),
        held={row.stratum: int(row.held) for row in main},
        seen={row.stratum: int(row.free) for row in main},
    )


def strata(connection: Connection, design: Design, own: History) -> list[Stratum]:
    """Return the strata that have an image for the rater of a history."""
    found = []
    for row in connection.execute(_ROOMS, {"places": design.places}):
        unseen = row.images - own.seen.get(row.stratum, 0)
        if unseen:
            size = design.sizes[row.stratum]
            room = row.images * design.places - int(row.taken)
            urgency = ((own.held.get(row.stratum, 0) + 0.5) / size, -room / size)
            found.append(Stratum(row.stratum, unseen, urgency))
    return found


def choose(
    connection: Connection, design: Design, rater_id: int, found: list[Stratum], rng: np.random.Generator
) -> int:
    """Return the row of the main image that a rater gets.

    Of the most urgent stratum it is the least filled image that he never had; lots are drawn among equals.

    Raises:
        CollisionError: The image got its last rating meanwhile.
    """
    most = min(stratum.urgency for stratum in found)
    equals = [stratum.number for stratum in found if stratum.urgency == most]
    values = {"rater": rater_id, "places": design.places, "stratum": equals[int(rng.integers(len(equals)))]}
    level = connection.execute(_LEVEL, values).first()
    if level is None:
        raise CollisionError
    drawn = {"level": level.taken, "drawn": int(rng.integers(level.images))}
    chosen = connection.execute(_DRAWN, values | drawn).scalar()
    if chosen is None:
        raise CollisionError
    return int(chosen)
