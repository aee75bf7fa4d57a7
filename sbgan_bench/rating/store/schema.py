"""Tables of a store. Their constraints do the guarding; the migrations make exactly these."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

#: Characters of what raters' browsers say about themselves that are kept.
DETAIL_LENGTH = 200
KIND_LENGTH = 80

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


class Moment(TypeDecorator[datetime]):
    """A moment in UTC, kept as whole milliseconds since 1970, never a later one: alike on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Return the milliseconds that have passed."""
        del dialect
        return None if value is None else (value - _EPOCH) // _MILLISECOND

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        """Return the moment."""
        del dialect
        return None if value is None else _EPOCH + value * _MILLISECOND


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

#: The study that the database belongs to: one row.
study = Table(
    "study",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("hash", String(64), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("simulated", Boolean, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)

#: What may be shown. Nothing here says where an image came from.
image = Table(
    "image",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),  # the id of its file
    Column("role", String(16), nullable=False),
    Column("stratum", Integer, nullable=False),
    Column("places", Integer, nullable=False),  # K for main images, 0 for others
    Column("taken", Integer, nullable=False),  # places held by ratings and leases
    CheckConstraint("taken >= 0 AND taken <= places", name="taken"),
)
Index("ix_image_free", image.c.role, image.c.stratum, image.c.taken)

#: Where a main image has room for a rating: numbers 0 to K - 1. A slot can hold no place that is not listed here.
place = Table(
    "place",
    metadata,
    Column("image", Integer, ForeignKey("image.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    CheckConstraint("number >= 0", name="number"),
)

#: Who rates. Tokens and platform ids are here as hashes alone.
rater = Table(
    "rater",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("platform", String(16), nullable=False),
    Column("platform_hash", String(128)),
    Column("seed", BigInteger, nullable=False),  # of the order of images
    Column("code", String(40), nullable=False),  # shown once finished
    Column("consent_hash", String(64)),
    Column("consented_at", Moment),
    Column("finished_at", Moment),
    UniqueConstraint("platform", "platform_hash"),
)

#: One showing of an image to a rater.
slot = Table(
    "slot",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(32), nullable=False, unique=True),  # opaque: what the rater's browser learns
    Column("rater", Integer, ForeignKey("rater.id"), nullable=False),
    Column("image", Integer, ForeignKey("image.id"), nullable=False),
    Column("purpose", String(16), nullable=False),
    Column("position", Integer, nullable=False),  # order of showing, from 0
    Column("place", Integer),  # of main images, unless their lease ran out
    Column("pending", Boolean, nullable=False),  # it may still be answered; false once rated or given away
    Column("lease_until", Moment),
    Column("shown_at", Moment),  # first delivery of the image
    Column("released_at", Moment),  # given away for good
    UniqueConstraint("rater", "position"),
    UniqueConstraint("image", "rater", "purpose"),
    UniqueConstraint("image", "place"),
    ForeignKeyConstraint(["image", "place"], ["place.image", "place.number"]),
    CheckConstraint("place IS NULL OR purpose = 'main'", name="place_of_main"),
)
Index("ix_slot_one_pending", slot.c.rater, unique=True, sqlite_where=text("pending"), postgresql_where=text("pending"))
_LEASED = text("pending AND place IS NOT NULL")
Index("ix_slot_lease", slot.c.lease_until, sqlite_where=_LEASED, postgresql_where=_LEASED)

#: What raters said. Triggers refuse every change and removal.
rating = Table(
    "rating",
    metadata,
    Column("slot", Integer, ForeignKey("slot.id"), primary_key=True, autoincrement=False),
    Column("score", Integer, nullable=False),
    Column("response_ms", BigInteger, nullable=False),
    Column("received", Moment, nullable=False),
    CheckConstraint("score >= 1 AND score <= 4", name="score"),
    CheckConstraint("response_ms >= 0", name="response_ms"),
)

#: What else happened: pauses, displays, scores that came too early.
event = Table(
    "event",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("rater", Integer, ForeignKey("rater.id")),
    Column("kind", String(KIND_LENGTH), nullable=False),
    Column("detail", String(DETAIL_LENGTH), nullable=False),
    Column("at", Moment, nullable=False),
)
