"""What owners read: every rating, and how far the study is."""

from datetime import datetime

from sqlalchemy import Connection, case, func, select

from sbgan_bench.rating.store.records import Overview, Platform, Rating
from sbgan_bench.rating.store.schema import event, image, rater, rating, slot, study
from sbgan_bench.rating.study import FrozenStudy, Purpose, Role

_MAIN = slot.c.purpose == Purpose.MAIN.value


def ratings(connection: Connection) -> list[Rating]:
    """Return every rating, in the order of raters and their showings."""
    columns = (
        slot.c.rater, rater.c.platform, image.c.key, slot.c.purpose, slot.c.position, rating.c.score,
        rating.c.response_ms, rating.c.received,
    )  # fmt: skip
    joined = rating.join(slot).join(rater).join(image, slot.c.image == image.c.id)
    rows = connection.execute(select(*columns).select_from(joined).order_by(slot.c.rater, slot.c.position))
    return [
        Rating(
            rater=row.rater, platform=Platform(row.platform), image=row.key, purpose=Purpose(row.purpose),
            position=row.position, score=row.score, response_ms=row.response_ms, received=row.received,
        )
        for row in rows
    ]  # fmt: skip


def overview(connection: Connection, frozen: FrozenStudy, now: datetime) -> Overview:
    """Count how far the study is."""
    state = connection.execute(select(study.c.open, study.c.simulated)).one()
    rated = rating.join(slot)
    per_image = select(slot.c.image, func.count().label("ratings")).select_from(rated).where(_MAIN)
    counts = per_image.group_by(slot.c.image).subquery()
    full = case((counts.c.ratings >= frozen.ratings_per_image, 1), else_=0)
    filled = connection.execute(select(func.sum(counts.c.ratings).label("all"), func.sum(full).label("full"))).one()
    invited = rater.c.platform.in_([Platform.INVITED.value, Platform.SIMULATED.value])
    live = slot.c.pending & slot.c.place.is_not(None) & (slot.c.lease_until > now)
    kinds = connection.execute(select(event.c.kind, func.count().label("events")).group_by(event.c.kind))

    def count(what: object) -> int:
        return int(connection.scalar(what) or 0)  # type: ignore[call-overload]

    return Overview(
        open=state.open,
        simulated=state.simulated,
        ratings=int(filled.all or 0),
        wanted=len(frozen.of_role(Role.MAIN)) * frozen.ratings_per_image,
        raters=count(select(func.count(slot.c.rater.distinct())).select_from(rated)),
        finished=count(select(func.count(rater.c.finished_at))),
        live=count(select(func.count()).select_from(slot).where(live)),
        invited=count(select(func.count()).select_from(rater).where(invited)),
        complete_images=int(filled.full or 0),
        events={row.kind: row.events for row in kinds},
    )
