"""Raters: how they come, and what they agreed to."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, bindparam, func, insert, select, update

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.store.records import Platform, Rater, StudyClosedError, UnknownTokenError
from sbgan_bench.rating.store.schema import rater, rating, slot, study
from sbgan_bench.rating.study import FrozenStudy

#: Of completion codes: no letters that look like digits.
_ALPHABET = "ABCDEFGHJKLMNPQRTUVWXY346789"
_CODE_LENGTH = 10

_STATE = select(study.c.open, study.c.simulated).with_for_update()
_SHARED = select(study.c.open, study.c.simulated).with_for_update(read=True)
_FOUND = select(
    rater,
    select(rating.c.slot).join_from(rating, slot).where(slot.c.rater == rater.c.id).exists().label("rated"),
    select(study.c.open).scalar_subquery().label("open"),
)
_PLATFORM = select(rater.c.platform).where(rater.c.id == bindparam("rater"))
_ASKED = select(rater.c.id, rater.c.platform, rater.c.seed, rater.c.consented_at, rater.c.finished_at).where(
    rater.c.id == bindparam("rater")
)


@dataclass(frozen=True, slots=True)
class State:
    """Which ratings the study takes."""

    open: bool
    simulated: bool  #: none of people


@dataclass(frozen=True, slots=True)
class Asked:
    """A rater who is asked."""

    id: int
    seed: int  #: of the order of images
    finished_at: datetime | None


def token_hash(token: str) -> str:
    """Return the sha256 that stands for a token; tokens are long and random, so that it needs no salt."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def add(connection: Connection, platform: Platform, token: str, platform_hash: str | None = None) -> int:
    """Make a rater and return the row.

    Raises:
        StudyClosedError: The study is filled with made-up ratings.
        BenchError: A made-up rater would meet real ones.
    """
    _admit(connection, platform)
    values = {
        "token_hash": token_hash(token),
        "platform": platform.value,
        "platform_hash": platform_hash,
        "seed": secrets.randbits(62),
        "code": "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)),
    }
    made = connection.execute(insert(rater).values(values)).inserted_primary_key
    assert made is not None  # as after every insertion of one row
    return int(made[0])


def _admit(connection: Connection, platform: Platform) -> None:
    """Keep made-up raters and people apart: a study is for the one or for the other."""
    simulated = connection.scalar(select(study.c.simulated).with_for_update())
    if platform is not Platform.SIMULATED:
        if simulated:
            raise StudyClosedError("This study was filled with made-up ratings; make a new study for real raters.")
        return
    if not simulated:
        real = select(func.count()).select_from(rating.join(slot).join(rater))
        if connection.scalar(real.where(rater.c.platform != Platform.SIMULATED.value)):
            raise BenchError(
                "This study holds ratings of real raters; simulate with a study of its own, or with --store sqlite:///trial.db."
            )
        connection.execute(update(study).values(simulated=True))


def of_platform(connection: Connection, platform: Platform, platform_hash: str) -> int | None:
    """Return the row of the rater whom a platform sent, if he came before."""
    known = (rater.c.platform == platform.value) & (rater.c.platform_hash == platform_hash)
    return connection.scalar(select(rater.c.id).where(known))


def of_platform_or_new(connection: Connection, platform: Platform, platform_hash: str, token: str) -> int:
    """Return the row of the rater whom a platform sent; made at the first coming."""
    found = of_platform(connection, platform, platform_hash)
    return add(connection, platform, token, platform_hash) if found is None else found


def by_token(connection: Connection, study_: FrozenStudy, token: str) -> Rater:
    """Return the rater who was given a token.

    Raises:
        UnknownTokenError: Nobody was.
    """
    found = _find(connection, study_, rater.c.token_hash == token_hash(token))
    if found is None:
        raise UnknownTokenError("This link is not known here. Please use the link exactly as it was given to you.")
    return found


def by_id(connection: Connection, study_: FrozenStudy, rater_id: int) -> Rater:
    """Return one rater.

    Raises:
        BenchError: There is none.
    """
    found = _find(connection, study_, rater.c.id == rater_id)
    if found is None:
        raise _nobody(rater_id)
    return found


def _find(connection: Connection, study_: FrozenStudy, which: ColumnElement[bool]) -> Rater | None:
    row = connection.execute(_FOUND.where(which)).one_or_none()
    if row is None:
        return None
    finished = row.finished_at is not None
    return Rater(
        id=row.id,
        platform=Platform(row.platform),
        consented=row.consented_at is not None,
        finished=finished,
        completion_code=(study_.completion_code or row.code) if row.rated and (finished or not row.open) else "",
        rated=bool(row.rated),
    )


def consent(connection: Connection, rater_id: int, consent_hash: str, now: datetime) -> None:
    """Write down what a rater agreed to, and when; agreeing to the same again changes nothing."""
    other = (rater.c.id == rater_id) & (rater.c.consent_hash.is_distinct_from(consent_hash))
    connection.execute(update(rater).where(other).values(consent_hash=consent_hash, consented_at=now))


def entitled(connection: Connection, rater_id: int) -> Asked:
    """Return a rater who may be asked now; others who come to be asked wait until the transaction ends.

    Raises:
        StudyClosedError: The study takes no ratings now, or none of people.
        BenchError: There is no such rater, or no consent.
    """
    state = State(*connection.execute(_STATE).one())
    row = connection.execute(_ASKED, {"rater": rater_id}).one_or_none()
    if row is None:
        raise _nobody(rater_id)
    _check_open(state, row.platform)
    if row.consented_at is None:
        raise BenchError("Images are shown only to raters who agreed; record their consent first.")
    return Asked(row.id, row.seed, row.finished_at)


def shared_state(connection: Connection) -> State:
    """Return whether the study takes ratings, and of whom; that stays so until the transaction ends."""
    return State(*connection.execute(_SHARED).one())


def check_may_score(connection: Connection, state: State, rater_id: int) -> None:
    """Check that a study in this state keeps the scores of a rater.

    Raises:
        StudyClosedError: It takes no ratings now, or none of people.
    """
    _check_open(state, connection.execute(_PLATFORM, {"rater": rater_id}).scalar_one())


def _check_open(state: State, platform: str) -> None:
    if not state.open:
        raise StudyClosedError("This study is closed. Thank you for coming.")
    if state.simulated and platform != Platform.SIMULATED.value:
        raise StudyClosedError("This study was filled with made-up ratings and takes none of people.")


def finish(connection: Connection, who: Asked, now: datetime | None) -> None:
    """Write down that there is nothing left for a rater; None: there is again."""
    if (who.finished_at is None) != (now is None):
        connection.execute(update(rater).where(rater.c.id == who.id).values(finished_at=now))


def _nobody(rater_id: int) -> BenchError:
    return BenchError(f"There is no rater {rater_id} in this study; ask for raters by their tokens.")
