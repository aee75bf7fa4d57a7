"""The store of one study."""

import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import insert, select, update

from sbgan_bench.rating.store import assigning, assignments, raters, reading, recording
from sbgan_bench.rating.store.database import Database
from sbgan_bench.rating.store.plan import Design
from sbgan_bench.rating.store.records import (
    Answer,
    AssignmentOutcome,
    Outcome,
    Overview,
    Platform,
    Rater,
    Rating,
    TooEarlyError,
    Trial,
)
from sbgan_bench.rating.store.schema import DETAIL_LENGTH, KIND_LENGTH, event, study
from sbgan_bench.rating.study import FrozenStudy

#: Random bytes of a token.
_TOKEN_BYTES = 24


class RatingStore:
    """Who rates, who has which image now, and every rating ever given.

    Each method is one transaction: what it did is on the disk when it returns, or nothing of it is. All may be called
    from any thread. All raise ``StoreBusyError`` if the database does not answer, and those that write
    ``StoreFullError`` if it has no room; the same call can then be made again.
    """

    def __init__(self, frozen: FrozenStudy, database: Database, now: Callable[[], datetime]) -> None:
        self.study = frozen
        self._design = Design.of(frozen)
        self._lease = timedelta(minutes=frozen.timing.lease_minutes)
        self.database = database
        self._now = now

    def invite(self, count: int, *, simulated: bool = False) -> tuple[str, ...]:
        """Make raters and return their tokens, which are kept nowhere.

        Args:
            count: How many.
            simulated: Whether they are no people; this marks the whole study.

        Raises:
            BenchError: Made-up raters and real ones would meet in one study.
        """
        platform = Platform.SIMULATED if simulated else Platform.INVITED
        tokens = tuple(secrets.token_urlsafe(_TOKEN_BYTES) for _ in range(count))
        self.database.write(lambda connection: [raters.add(connection, platform, token) for token in tokens])
        return tokens

    def rater_by_token(self, token: str) -> Rater:
        """Return the rater who was given a token; the work is the same whether there is one or not.

        Raises:
            UnknownTokenError: Nobody was given it.
        """
        with self.database.reading() as connection:
            return raters.by_token(connection, self.study, token)

    def platform_rater(self, platform: Platform, identifier_hash: str, token: str) -> Rater:
        """Return the rater whom a platform sent; he is made when he comes for the first time.

        Args:
            platform: Which.
            identifier_hash: Keyed hash of his id there.
            token: Derived from that id with the study's key, so that it finds the same rater every time.

        Raises:
            BenchError: The study is filled with made-up ratings.
        """
        with self.database.reading() as connection:
            known = raters.of_platform(connection, platform, identifier_hash)
        if known is None:
            known = self.database.write(
                lambda connection: raters.of_platform_or_new(connection, platform, identifier_hash, token)
            )
        return self.rater(known)

    def rater(self, rater: int) -> Rater:
        """Return one rater.

        Raises:
            BenchError: There is none.
        """
        with self.database.reading() as connection:
            return raters.by_id(connection, self.study, rater)

    def consent(self, rater: int, consent_hash: str) -> None:
        """Write down that a rater agreed, to which text, and when."""
        now = self._now()
        self.database.write(lambda connection: raters.consent(connection, rater, consent_hash, now))

    def next_trial(self, rater: int) -> Trial | None:
        """Return the image that a rater is to score now, on a lease.

        It is the one he has already, even if its lease ran out, unless others took all its places; else the next of
        his plan (``plan.session_plan``). Main images come from the cell that he had least of, the least filled first,
        never one that he had before. None says that there is nothing for him now: he is finished. If leases of others
        run out later and he comes back, he is not, until he scored those as well.

        Raises:
            StudyClosedError: The study takes no ratings.
            BenchError: The rater did not consent.
        """
        now = self._now()
        return self.database.write(
            lambda connection: assigning.next_trial(connection, self._design, rater, now, self._lease)
        )

    def deliver(self, slot: str) -> str:
        """Return the id of a slot's image; the first time starts the clock of its rater's response.

        Raises:
            SlotGoneError: No slot that waits for a score.
        """
        now = self._now()
        return self.database.write(lambda connection: recording.deliver(connection, slot, now))

    def record(self, rater: int, slot: str, score: int) -> Outcome:
        """Keep a score; it is on the disk when this returns.

        A late one counts as long as the image has a place left for it.

        Raises:
            DataError: No score of the scale.
            StudyClosedError: The study takes no ratings, or none of people.
            TooEarlyError: Nobody can have looked; nothing is kept.
            SlotGoneError: No slot of this rater, or others took all places of its image.
        """
        now = self._now()
        outcome = self.database.write(
            lambda connection: recording.record(connection, rater, slot, score, now, self.study.timing.minimum_ms)
        )
        if isinstance(outcome, TooEarlyError):
            raise outcome
        return outcome

    def note(self, rater: int | None, kind: str, detail: str = "") -> None:
        """Write down that something happened; what is too long, or no text, is cut."""
        values = {"rater": rater, "kind": _plain(kind)[:KIND_LENGTH], "detail": _plain(detail)[:DETAIL_LENGTH]}
        now = self._now()
        self.database.write(lambda connection: connection.execute(insert(event).values(**values, at=now)))

    def ratings(self) -> list[Rating]:
        """Return everything ever committed, by rater and order of showing."""
        with self.database.reading() as connection:
            return reading.ratings(connection)

    def overview(self) -> Overview:
        """Return how far the study is."""
        with self.database.reading() as connection:
            return reading.overview(connection, self.study, self._now())

    def add_assignment(self, platform: Platform, identifier_hash: str, answers: Sequence[Answer]) -> AssignmentOutcome:
        """Keep an imported assignment, all of it or nothing; a second time changes nothing. Also if closed.

        Raises:
            DataError: An image of another study, or no score of the scale.
            BenchError: The study is filled with made-up ratings.
        """
        now = self._now()
        return self.database.write(
            lambda connection: assignments.add(connection, platform, identifier_hash, answers, now)
        )

    def is_open(self) -> bool:
        """Return whether the study takes ratings."""
        with self.database.reading() as connection:
            return bool(connection.scalar(select(study.c.open)))

    def close_study(self) -> None:
        """Take no ratings from now on."""
        self.database.write(lambda connection: connection.execute(update(study).values(open=False)))

    def reopen_study(self) -> None:
        """Take ratings again."""
        self.database.write(lambda connection: connection.execute(update(study).values(open=True)))

    def dispose(self) -> None:
        """Close all connections."""
        self.database.dispose()


def _plain(text: str) -> str:
    """Return what every database can keep of a text."""
    return text.encode("utf-8", "replace").decode().replace("\0", "")
