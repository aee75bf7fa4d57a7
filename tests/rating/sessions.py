"""Studies without files, raters who rate, and what must be true of a store at any time."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, func, select, text

from sbgan_bench.hashing import hash_json
from sbgan_bench.rating.store.records import Outcome, Trial
from sbgan_bench.rating.store.schema import image, rater, rating, slot
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import FrozenImage, FrozenStudy, Role, Scale, Timing


def frozen_study(
    *,
    cells: int = 2,
    images_per_cell: int = 3,
    ratings_per_image: int = 2,
    practice: int = 0,
    gold: int = 0,
    seed: int = 0,
    **fields: Any,
) -> FrozenStudy:
    """Return a study whose images exist by name alone; ``fields`` replace others of the frozen study."""
    rng = np.random.default_rng(seed)
    roles = [(Role.MAIN, cell) for cell in range(cells) for _ in range(images_per_cell)]
    roles += [(Role.PRACTICE, -1)] * practice + [(Role.GOLD, -1)] * gold
    images = tuple(
        FrozenImage(id=rng.bytes(12).hex(), role=role, stratum=stratum, sha256="") for role, stratum in roles
    )
    values: dict[str, Any] = {
        "title": "A test study", "seed": seed, "instructions": "Look and judge.", "consent": "I agree.",
        "scale": Scale(), "timing": Timing(minimum_ms=0), "ratings_per_image": ratings_per_image, "per_rater": 60,
        "repeats_per_rater": 0, "height": 16, "width": 16, "images": images,
    }  # fmt: skip
    values |= fields
    return FrozenStudy(**{"hash": hash_json(str(values)), **values})


class Clock:
    """A clock that goes as told."""

    def __init__(self) -> None:
        self.time = datetime(2031, 5, 4, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.time

    def advance(self, **by: float) -> None:
        self.time += timedelta(**by)


def come(store: RatingStore, count: int = 1) -> list[int]:
    """Return new raters who agreed."""
    found = [store.rater_by_token(token).id for token in store.invite(count)]
    for one in found:
        store.consent(one, "hash of a text")
    return found


def ask(store: RatingStore, who: int) -> Trial:
    """Return the rater's next trial, which there is."""
    trial = store.next_trial(who)
    assert trial is not None
    return trial


def answer(store: RatingStore, who: int, trial: Trial, score: int = 3) -> None:
    """Look at a trial's image and score it."""
    assert store.deliver(trial.slot) == trial.image
    assert store.record(who, trial.slot, score) is Outcome.RECORDED


def walk(store: RatingStore, who: int) -> Iterator[Trial]:
    """Go through all that a rater is asked; each trial is scored when the following is asked for."""
    while (trial := store.next_trial(who)) is not None:
        yield trial
        answer(store, who, trial)


@contextmanager
def tampering(store: RatingStore) -> Iterator[Connection]:
    """Yield a connection that writes past the store's rules, as a hostile or mistaken program would."""
    with store.database._engine.begin() as connection:
        yield connection


def check(store: RatingStore) -> None:
    """Assert what no call, crash or race may ever break."""
    places = store.study.ratings_per_image
    with store.database.reading() as connection:
        rows = connection.execute(
            select(slot, rating.c.score, image.c.role).join_from(slot, rating, isouter=True).join(image)
        ).all()
        taken = {row.id: row.taken for row in connection.execute(select(image.c.id, image.c.taken))}
        finished = set(connection.scalars(select(rater.c.id).where(rater.c.finished_at.is_not(None))))
        assert connection.scalar(select(func.count()).select_from(rating)) == sum(
            row.score is not None for row in rows
        )
    held = Counter(row.image for row in rows if row.place is not None)
    assert {key: held[key] for key in taken} == taken
    assert all(count <= places for count in held.values())
    rated = Counter(row.image for row in rows if row.purpose == "main" and row.score is not None)
    assert all(count <= places for count in rated.values())
    assert len({(row.image, row.place) for row in rows if row.place is not None}) == held.total()
    assert all(0 <= row.place < places for row in rows if row.place is not None)
    for row in rows:
        answered, given_away = row.score is not None, row.released_at is not None
        assert row.pending == (not answered and not given_away)
        assert not (answered and given_away)
        assert not (answered and row.purpose == "main" and row.place is None)
        assert row.role == ("main" if row.purpose == "repeat" else row.purpose)
    for who in {row.rater for row in rows}:
        own = sorted((row for row in rows if row.rater == who), key=lambda row: row.position)
        assert [row.position for row in own] == list(range(len(own)))
        assert sum(row.pending for row in own) <= 1
        assert not (who in finished and any(row.pending for row in own))
        assert max(Counter(row.image for row in own if row.purpose != "repeat").values(), default=0) <= 1
        for row in own:
            if row.purpose == "repeat":
                first = next(other for other in own if other.image == row.image and other.purpose == "main")
                assert first.score is not None
                assert first.position < row.position
    if store.database.file is not None:
        with store.database.reading() as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
