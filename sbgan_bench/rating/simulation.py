"""Made-up raters who go through a whole study, so that load and statistics can be tried before anybody is asked.

A simulated rater scores an image by its quality, plus a leaning, plus a residual, all normal, rounded to 1 to 4.
Standard deviations are those that the study assumes; each cell has a quality of its own, drawn by lot, whose mean
score is known in closed form and can be held against a report. Careless ones score at random, as fast as they are let.

The study is marked for good: nothing of it can be published, and no person can rate in it.
"""

import hashlib
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np

from sbgan_bench.errors import DataError
from sbgan_bench.rating.expected_score import expected_score
from sbgan_bench.rating.store.opening import create_store
from sbgan_bench.rating.store.records import Trial
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import SCORES, Assumptions, FrozenStudy, OwnerKey, Role
from sbgan_bench.reporting import no_report

#: Range that the quality of a cell is drawn from.
QUALITIES = (1.4, 3.6)
#: Seconds that a rater looks at an image: median, and standard deviation of the logarithm.
LOOKING = (3.0, 0.4)
#: Most milliseconds that a careless rater takes beyond the least that the study allows.
HASTE = 100


@dataclass(frozen=True, slots=True)
class SimulatedCell:
    """What a cell would score if all images were rated by everybody who takes care."""

    dataset: str
    model: str
    true_mean: float


@dataclass(frozen=True, slots=True)
class Simulation:
    """What was simulated."""

    raters: int
    careless: int
    scores: int  #: given in all: practice, gold and repeats included
    cells: tuple[SimulatedCell, ...]  #: in the order of ``OwnerKey.cells``


class SteppingClock:
    """A clock that stands still until it is moved on, so that waiting takes no time.

    It shows whole milliseconds, which stores keep as they are.
    """

    def __init__(self, start: datetime) -> None:
        self._now = start.replace(microsecond=start.microsecond // 1000 * 1000)

    def now(self) -> datetime:
        """Return the time it shows."""
        return self._now

    def move(self, milliseconds: int) -> None:
        """Move it on."""
        self._now += timedelta(milliseconds=milliseconds)


@dataclass(frozen=True, slots=True)
class _Person:
    """A simulated rater."""

    id: int  #: in the store
    leaning: float
    careless: bool


@dataclass(frozen=True, slots=True)
class _World:
    """How good images are, and how people see."""

    quality: dict[str, float]  #: by image
    residual: float  #: standard deviation
    least_ms: int
    rng: np.random.Generator

    def score(self, person: _Person, image: str) -> int:
        """Return what a person gives an image."""
        if person.careless:
            return int(self.rng.choice(SCORES))
        seen = self.quality[image] + person.leaning + self.residual * self.rng.standard_normal()
        return int(np.clip(np.rint(seen), SCORES[0], SCORES[-1]))

    def looking_ms(self, person: _Person) -> int:
        """Return how long a person looks at an image."""
        if person.careless:
            return self.least_ms + int(self.rng.integers(HASTE))
        median, spread = LOOKING
        return self.least_ms + int(1000 * self.rng.lognormal(math.log(median), spread))


def simulate(
    url: str,
    study: FrozenStudy,
    key: OwnerKey,
    *,
    raters: int,
    careless: int = 0,
    seed: int = 0,
    report: Callable[[int, int], None] = no_report,
) -> Simulation:
    """Have simulated raters rate a study, all at the same time, until there is nothing left for any of them.

    Which images each is shown is up to the store, as for people. Simulated time passes at once.

    Args:
        url: Of the store; made if there is none.
        study: The study.
        key: Whose images they are; its assumptions are the standard deviations.
        raters: How many.
        careless: How many of them do not look.
        seed: Of qualities, leanings and scores.
        report: Told the scores given, and how many there are at most.

    Raises:
        DataError: More careless raters than raters.
        BenchError: The study holds ratings of people, is closed, or its store cannot be used.
    """
    if not 0 <= careless <= raters:
        raise DataError(f"{careless} careless raters of {raters}: there cannot be more of them than raters.")
    rng = np.random.default_rng(seed)
    means = rng.uniform(*QUALITIES, size=len(key.cells))
    world = _World(_qualities(key, means, rng), key.assumptions.residual, study.timing.minimum_ms, rng)
    clock = SteppingClock(datetime.now(UTC))
    store = create_store(url, study, clock.now)
    try:
        people = _people(store, study, key.assumptions, raters, careless, rng)
        scores = _rate(store, people, world, clock, report)
    finally:
        store.dispose()
    spread = math.hypot(key.assumptions.image, key.assumptions.rater, key.assumptions.residual)
    cells = tuple(
        SimulatedCell(cell.dataset, cell.title, expected_score(float(mean), spread))
        for cell, mean in zip(key.cells, means, strict=True)
    )
    return Simulation(raters, careless, scores, cells)


def _qualities(key: OwnerKey, means: np.ndarray, rng: np.random.Generator) -> dict[str, float]:
    """Return how good each image is: of a cell, by its mean; gold, as its range says; practice, whatever."""
    quality = {}
    for image, secret in sorted(key.images.items()):
        if secret.cell is not None:
            quality[image] = float(means[secret.cell] + key.assumptions.image * rng.standard_normal())
        elif secret.low is not None and secret.high is not None:
            quality[image] = (secret.low + secret.high) / 2
        else:
            quality[image] = float(rng.uniform(*QUALITIES))
    return quality


def _people(
    store: RatingStore, study: FrozenStudy, spread: Assumptions, raters: int, careless: int, rng: np.random.Generator
) -> list[_Person]:
    consent = hashlib.sha256(study.consent.encode()).hexdigest()
    people = []
    for number, token in enumerate(store.invite(raters, simulated=True)):
        rater = store.rater_by_token(token).id
        store.consent(rater, consent)
        people.append(_Person(rater, spread.rater * rng.standard_normal(), number < careless))
    return people


def _rate(
    store: RatingStore,
    people: list[_Person],
    world: _World,
    clock: SteppingClock,
    report: Callable[[int, int], None],
) -> int:
    """Let one after the other, by lot, score one image, until nobody has any left; return the number of scores."""
    waiting, scores, most = list(people), 0, _most_scores(store.study, len(people))
    while waiting:
        report(scores, most)
        place = int(world.rng.integers(len(waiting)))
        trial = store.next_trial(waiting[place].id)
        if trial is None:
            waiting.pop(place)
        else:
            _answer(store, waiting[place], trial, world, clock)
            scores += 1
    report(scores, scores)
    return scores


def _most_scores(study: FrozenStudy, raters: int) -> int:
    """Return how many scores so many raters can give at most."""
    practice, main, gold = (len(study.of_role(role)) for role in (Role.PRACTICE, Role.MAIN, Role.GOLD))
    each = practice + gold + study.repeats_per_rater
    return min(raters * study.per_rater, main * study.ratings_per_image) + raters * each


def _answer(store: RatingStore, person: _Person, trial: Trial, world: _World, clock: SteppingClock) -> None:
    image = store.deliver(trial.slot)
    clock.move(world.looking_ms(person))
    store.record(person.id, trial.slot, world.score(person, image))
