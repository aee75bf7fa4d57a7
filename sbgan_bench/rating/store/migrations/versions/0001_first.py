"""The first tables, and the triggers that make ratings append-only."""

import sqlalchemy as sa
from alembic.operations import Operations

revision = "0001"
down_revision = None

_SQLITE_TRIGGER = """
CREATE TRIGGER rating_no_{verb} BEFORE {verb} ON rating
BEGIN SELECT RAISE(ABORT, 'ratings are append-only'); END
"""
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'ratings are append-only' USING ERRCODE = 'restrict_violation'; END $$
"""
_POSTGRESQL_TRIGGER = """
CREATE TRIGGER rating_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rating
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""


def upgrade(op: Operations) -> None:
    """Make the tables and triggers."""
    _study_and_images(op)
    _raters_and_slots(op)
    _ratings_and_events(op)
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(_SQLITE_TRIGGER.format(verb=verb))
    else:
        op.execute(_POSTGRESQL_FUNCTION)
        op.execute(_POSTGRESQL_TRIGGER)


def _study_and_images(op: Operations) -> None:
    op.create_table(
        "study",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        sa.Column("open", sa.Boolean, nullable=False),
        sa.Column("simulated", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_study"),
        sa.CheckConstraint("id = 1", name=op.f("ck_study_one_row")),
    )
    op.create_table(
        "image",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("stratum", sa.Integer, nullable=False),
        sa.Column("places", sa.Integer, nullable=False),
        sa.Column("taken", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_image"),
        sa.UniqueConstraint("key", name="uq_image_key"),
        sa.CheckConstraint("taken >= 0 AND taken <= places", name=op.f("ck_image_taken")),
    )
    op.create_index("ix_image_free", "image", ["role", "stratum", "taken"])
    op.create_table(
        "place",
        sa.Column("image", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("image", "number", name="pk_place"),
        sa.ForeignKeyConstraint(["image"], ["image.id"], name="fk_place_image"),
        sa.CheckConstraint("number >= 0", name=op.f("ck_place_number")),
    )


def _raters_and_slots(op: Operations) -> None:
    op.create_table(
        "rater",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("platform", sa.String(16), nullable=False),
        sa.Column("platform_hash", sa.String(128)),
        sa.Column("seed", sa.BigInteger, nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("consent_hash", sa.String(64)),
        sa.Column("consented_at", sa.BigInteger),
        sa.Column("finished_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_rater"),
        sa.UniqueConstraint("token_hash", name="uq_rater_token_hash"),
        sa.UniqueConstraint("platform", "platform_hash", name="uq_rater_platform_platform_hash"),
    )
    op.create_table(
        "slot",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("key", sa.String(32), nullable=False),
        sa.Column("rater", sa.Integer, nullable=False),
        sa.Column("image", sa.Integer, nullable=False),
        sa.Column("purpose", sa.String(16), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("place", sa.Integer),
        sa.Column("pending", sa.Boolean, nullable=False),
        sa.Column("lease_until", sa.BigInteger),
        sa.Column("shown_at", sa.BigInteger),
        sa.Column("released_at", sa.BigInteger),
        sa.PrimaryKeyConstraint("id", name="pk_slot"),
        sa.UniqueConstraint("key", name="uq_slot_key"),
        sa.ForeignKeyConstraint(["rater"], ["rater.id"], name="fk_slot_rater"),
        sa.ForeignKeyConstraint(["image"], ["image.id"], name="fk_slot_image"),
        sa.UniqueConstraint("rater", "position", name="uq_slot_rater_position"),
        sa.UniqueConstraint("image", "rater", "purpose", name="uq_slot_image_rater_purpose"),
        sa.UniqueConstraint("image", "place", name="uq_slot_image_place"),
        sa.ForeignKeyConstraint(["image", "place"], ["place.image", "place.number"], name="fk_slot_image_place"),
        sa.CheckConstraint("place IS NULL OR purpose = 'main'", name=op.f("ck_slot_place_of_main")),
    )
    pending, leased = sa.text("pending"), sa.text("pending AND place IS NOT NULL")
    op.create_index(
        "ix_slot_one_pending", "slot", ["rater"], unique=True, sqlite_where=pending, postgresql_where=pending
    )
    op.create_index("ix_slot_lease", "slot", ["lease_until"], sqlite_where=leased, postgresql_where=leased)


def _ratings_and_events(op: Operations) -> None:
    op.create_table(
        "rating",
        sa.Column("slot", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("score", sa.Integer, nullable=False),
        sa.Column("response_ms", sa.BigInteger, nullable=False),
        sa.Column("received", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("slot", name="pk_rating"),
        sa.ForeignKeyConstraint(["slot"], ["slot.id"], name="fk_rating_slot"),
        sa.CheckConstraint("score >= 1 AND score <= 4", name=op.f("ck_rating_score")),
        sa.CheckConstraint("response_ms >= 0", name=op.f("ck_rating_response_ms")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("rater", sa.Integer),
        sa.Column("kind", sa.String(80), nullable=False),
        sa.Column("detail", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        sa.ForeignKeyConstraint(["rater"], ["rater.id"], name="fk_event_rater"),
    )
