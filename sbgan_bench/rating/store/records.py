"""What goes in and out of the store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.study import Purpose


class Platform(StrEnum):
    """How a rater came."""

    INVITED = "invited"  #: by a token that the owner handed out
    PROLIFIC = "prolific"
    MTURK = "mturk"  #: from an imported result file
    SIMULATED = "simulated"  #: no person at all; the whole study is marked


class UnknownTokenError(BenchError):
    """Nobody was given this token; no rater is made of it."""


class StudyClosedError(BenchError):
    """The owner closed the study, or it is for made-up raters alone."""


class TooEarlyError(BenchError):
    """The score came before anybody can have looked; nothing is kept, the image stays."""

    def __init__(self, wait_ms: int) -> None:
        super().__init__(f"Please look a moment longer ({wait_ms} ms).")
        self.wait_ms = wait_ms


class SlotGoneError(BenchError):
    """The image is no longer this rater's: its lease ran out and somebody else has it."""


class StoreFullError(BenchError):
    """No room on the disk; what was there before is intact and the rating can be given again."""


class StoreBusyError(BenchError):
    """The database did not answer in time, or the connection dropped; the same call can be made again."""


@dataclass(frozen=True, slots=True)
class Rater:
    """One rater."""

    id: int
    platform: Platform
    consented: bool
    finished: bool
    completion_code: str  #: "" until ``finished`` or the study is closed, and for whoever gave no score
    rated: bool = False  #: gave at least one score, of any image


@dataclass(frozen=True, slots=True)
class Trial:
    """One image that a rater is asked to score now."""

    slot: str  #: opaque, new for every showing, so that a repeat looks like any other image
    image: str  #: id of the file
    practice: bool
    number: int  #: of this trial within its phase (practice, or the rest), from 1
    of: int  #: trials of the phase


class Outcome(StrEnum):
    """What became of a score that was sent."""

    RECORDED = "recorded"
    ALREADY_RATED = "already rated"  #: sent twice (double click, lost answer): the first stands


@dataclass(frozen=True, slots=True)
class Answer:
    """One score of an imported assignment."""

    image: str  #: id
    score: int  #: 1 to 4
    response_ms: int  #: 0 where the platform says nothing of single images


@dataclass(frozen=True, slots=True)
class AssignmentOutcome:
    """What became of an imported assignment."""

    recorded: int  #: new ratings
    already: int  #: that were here before: the same file imported twice
    surplus: int  #: of images that had all their K ratings, or that this rater scored before; not kept


@dataclass(frozen=True, slots=True)
class Rating:
    """One rating as analysis reads it."""

    rater: int
    platform: Platform
    image: str
    purpose: Purpose
    position: int  #: order of the showing for this rater, from 0
    score: int  #: 1 to 4
    response_ms: int  #: from the image's first delivery to the score, by the server's clock
    received: datetime  #: UTC


@dataclass(frozen=True, slots=True)
class Overview:
    """How far a study is."""

    open: bool
    simulated: bool
    ratings: int  #: of main images
    wanted: int  #: images times K
    raters: int  #: who gave at least one
    finished: int  #: raters who were asked everything
    live: int  #: images out on a lease now
    invited: int  #: tokens handed out
    complete_images: int  #: that have all K
    events: dict[str, int]  #: by kind
