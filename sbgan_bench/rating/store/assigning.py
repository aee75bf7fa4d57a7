"""What a rater is shown next."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, bindparam, exists, select

from sbgan_bench.rating.store import choosing, raters, slots
from sbgan_bench.rating.store.failures import CollisionError
from sbgan_bench.rating.store.plan import REPEAT_GAP, Design, Step, session_plan
from sbgan_bench.rating.store.records import Trial
from sbgan_bench.rating.store.schema import image, rating, slot
from sbgan_bench.rating.study import Purpose

_AGAIN = slot.alias("again")
_REPEATED = exists().where(
    _AGAIN.c.image == slot.c.image, _AGAIN.c.rater == slot.c.rater, _AGAIN.c.purpose == Purpose.REPEAT.value
)
_SCORED_ONCE = (
    select(slot.c.image, slot.c.position)
    .join_from(slot, rating)
    .where(slot.c.rater == bindparam("rater"), slot.c.purpose == Purpose.MAIN.value, ~_REPEATED)
    .order_by(slot.c.position)
)
_IMAGE = select(image.c.id).where(image.c.key == bindparam("image"))


def next_trial(connection: Connection, design: Design, rater_id: int, now: datetime, lease: timedelta) -> Trial | None:
    """Return what a rater is to score: what he has already, else the next of his plan, else None.

    Raises:
        StudyClosedError: The study takes no ratings.
        BenchError: No consent.
    """
    who = raters.entitled(connection, rater_id)
    current = _current(connection, rater_id, now, now + lease)
    own = choosing.history(connection, design, rater_id)
    strata = choosing.strata(connection, design, own)
    plan = session_plan(design, who.seed)
    steps = own.steps
    if current is None and steps < len(plan) and (strata or own.position):
        step, rng = plan[steps], design.generator(who.seed, own.position + 1)
        if step.purpose is not Purpose.MAIN:
            image_id = _planned(connection, step, rater_id, own.position, rng)
            current = _make(connection, rater_id, image_id, step.purpose, own.position)
        elif strata:
            image_id = choosing.choose(connection, design, rater_id, strata, rng)
            current = _lend(connection, rater_id, image_id, own.position, now + lease)
        steps += 1
    raters.finish(connection, who, None if current else now)
    reach = own.main + sum(stratum.unseen for stratum in strata)
    return None if current is None else _trial(current, plan, steps, reach)


def _current(connection: Connection, rater_id: int, now: datetime, lease_until: datetime) -> slots.Slot | None:
    """Return the slot that a rater has, with its lease renewed; one that others got meanwhile is given up."""
    found = slots.pending(connection, rater_id)
    if found is None or (found.purpose is Purpose.MAIN and found.place is None):
        slots.sweep(connection, now)
    if found is None:
        return None
    if not slots.hold(connection, found):
        slots.change(connection, found.id, pending=False, released_at=now)
        return None
    if found.purpose is Purpose.MAIN:
        slots.change(connection, found.id, lease_until=lease_until)
    return found


def _planned(connection: Connection, step: Step, rater_id: int, position: int, rng: np.random.Generator) -> int:
    """Return the row of the image of a step that is not about a new main image.

    What is repeated was shown ``REPEAT_GAP`` showings ago or earlier; if nothing was, it is the earliest.
    """
    if step.purpose is not Purpose.REPEAT:
        return int(connection.execute(_IMAGE, {"image": step.image}).scalar_one())
    rows = connection.execute(_SCORED_ONCE, {"rater": rater_id}).all()
    apart = [row.image for row in rows if row.position <= position - REPEAT_GAP] or [rows[0].image]
    return int(apart[int(rng.integers(len(apart)))])


def _lend(connection: Connection, rater_id: int, image_id: int, position: int, until: datetime) -> slots.Slot | None:
    """Make the slot of a main image."""
    place = slots.take_place(connection, image_id)
    if place is None:
        raise CollisionError
    return _make(connection, rater_id, image_id, Purpose.MAIN, position, place=place, lease_until=until)


def _make(
    connection: Connection, rater_id: int, image_id: int, purpose: Purpose, position: int, **lent: Any
) -> slots.Slot | None:
    """Make a slot that waits for its score."""
    values = {"rater": rater_id, "image": image_id, "purpose": purpose.value, "position": position, "pending": True}
    slots.make(connection, **values, **lent)
    return slots.pending(connection, rater_id)


def _trial(current: slots.Slot, plan: tuple[Step, ...], steps: int, reach: int) -> Trial:
    """Say which trial of its phase a slot is.

    Args:
        current: The slot.
        plan: Of its rater.
        steps: Of the plan, this one included.
        reach: Main images that the rater will have been asked for if nobody takes those that are free now; the plan
            ends before the main image after them.
    """
    practice = sum(step.purpose is Purpose.PRACTICE for step in plan)
    if steps <= practice:
        return Trial(current.key, current.image_key, practice=True, number=steps, of=practice)
    mains = [index for index, step in enumerate(plan) if step.purpose is Purpose.MAIN]
    end = mains[reach] if reach < len(mains) else len(plan)
    return Trial(current.key, current.image_key, practice=False, number=steps - practice, of=end - practice)
