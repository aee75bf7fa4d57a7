"""What every part of the rating process works on: the frozen study, its images, and the store."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.page.checking import REMEDY
from sbgan_bench.rating.store.opening import open_store
from sbgan_bench.rating.store.records import TooEarlyError, Trial
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import FrozenStudy


class NoConsentError(BenchError):
    """Somebody asks for an image who has not agreed to take part."""


class UnknownAnchorError(BenchError):
    """The study has no such example."""


class MissingImageError(BenchError):
    """The file of an image went away while the study is served."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One study, open for raters. Safe to use from many threads."""

    folder: StudyFolder
    study: FrozenStudy
    store: RatingStore
    anchors: frozenset[str] = field(repr=False)  #: ids of the examples, which anybody may see

    def next_trial(self, token: str) -> Trial | None:
        """Return what a rater is to score now; None after the last image.

        Raises:
            UnknownTokenError: Nobody was given this token.
            NoConsentError: They have not agreed to take part.
            BenchError: As ``RatingStore.next_trial``.
        """
        return self.store.next_trial(self._taking_part(token))

    def score(self, token: str, slot: str, score: int) -> Trial | None:
        """Commit a score, and only then return the next trial; None after the last image.

        Raises:
            UnknownTokenError: Nobody was given this token.
            NoConsentError: They have not agreed to take part.
            BenchError: As ``RatingStore.record`` and ``RatingStore.next_trial``.
        """
        rater = self._taking_part(token)
        try:
            self.store.record(rater, slot, score)
        except TooEarlyError:
            self.store.note(rater, "early")
            raise
        return self.store.next_trial(rater)

    def note(self, token: str, kind: str, detail: str) -> None:
        """Keep an event of a rater.

        Raises:
            UnknownTokenError: Nobody was given this token.
        """
        self.store.note(self.store.rater_by_token(token).id, kind, detail)

    def image(self, slot: str) -> bytes:
        """Return the bytes of a slot's image as they lie on disk; the first call starts the rater's clock.

        Raises:
            SlotGoneError: The slot is nobody's, or no longer this rater's.
            MissingImageError: Its file is not there.
        """
        return self._bytes(self.store.deliver(slot))

    def anchor(self, identifier: str) -> bytes:
        """Return the bytes of an example.

        Raises:
            UnknownAnchorError: There is no such example; main images cannot be had this way.
            MissingImageError: Its file is not there.
        """
        if identifier not in self.anchors:
            raise UnknownAnchorError("There is no such example.")
        return self._bytes(identifier)

    def _bytes(self, identifier: str) -> bytes:
        try:
            return self.folder.image(identifier).read_bytes()
        except FileNotFoundError as error:
            raise MissingImageError(f"images/{identifier}.png is missing; {REMEDY} puts it back.") from error

    def _taking_part(self, token: str) -> int:
        rater = self.store.rater_by_token(token)
        if not rater.consented:
            raise NoConsentError("Please agree to take part first: reload this page.")
        return rater.id


@cache
def open_desk(folder: Path, url: str) -> Desk:
    """Open a study for raters, once per process: the routes and the script share what they work on.

    Raises:
        ConfigError: The folder holds no study, or the store is not there or belongs to another one.
    """
    place = StudyFolder(folder)
    study = place.read()
    return Desk(place, study, open_store(url, study), frozenset(anchor.id for anchor in study.anchors))
