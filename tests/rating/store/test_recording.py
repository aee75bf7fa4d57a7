"""Which scores are kept, and which are not."""

import secrets
from collections.abc import Callable
from datetime import timedelta

import pytest
from rating.sessions import Clock, answer, ask, come, tampering
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from sbgan_bench.errors import DataError
from sbgan_bench.rating.store.records import Outcome, SlotGoneError, StudyClosedError, TooEarlyError
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import Timing

Make = Callable[..., RatingStore]


def test_a_rating_says_who_what_and_how_fast(make_store: Make, clock: Clock) -> None:
    store = make_store(timing=Timing(minimum_ms=500))
    (who,) = come(store)
    trial = ask(store, who)
    store.deliver(trial.slot)
    clock.advance(milliseconds=1234)
    assert store.record(who, trial.slot, 4) is Outcome.RECORDED
    (rating,) = store.ratings()
    assert (rating.rater, rating.image, rating.score, rating.response_ms) == (who, trial.image, 4, 1234)
    assert rating.received == clock()
    assert rating.received.utcoffset() == timedelta(0)


@pytest.mark.parametrize("passed", [0, 1, 499])
def test_a_score_before_anybody_can_have_looked_is_not_kept(make_store: Make, clock: Clock, passed: int) -> None:
    store = make_store(timing=Timing(minimum_ms=500))
    (who,) = come(store)
    trial = ask(store, who)
    store.deliver(trial.slot)
    clock.advance(milliseconds=passed)
    with pytest.raises(TooEarlyError) as refusal:
        store.record(who, trial.slot, 1)
    assert refusal.value.wait_ms == 500 - passed
    assert not store.ratings()
    assert ask(store, who) == trial
    clock.advance(milliseconds=500 - passed)
    assert store.record(who, trial.slot, 2) is Outcome.RECORDED
    assert store.ratings()[0].response_ms == 500


def test_only_the_first_delivery_starts_the_clock(make_store: Make, clock: Clock) -> None:
    store = make_store(timing=Timing(minimum_ms=500))
    (who,) = come(store)
    trial = ask(store, who)
    for _ in range(3):
        assert store.deliver(trial.slot) == trial.image
        clock.advance(milliseconds=200)
    store.record(who, trial.slot, 2)
    assert store.ratings()[0].response_ms == 600


def test_what_was_never_delivered_cannot_be_scored(make_store: Make, clock: Clock) -> None:
    store = make_store(timing=Timing(minimum_ms=500))
    (who,) = come(store)
    trial = ask(store, who)
    clock.advance(minutes=1)
    with pytest.raises(TooEarlyError) as refusal:
        store.record(who, trial.slot, 1)
    assert refusal.value.wait_ms == 500


def test_a_clock_that_was_set_back_makes_no_negative_time(make_store: Make, clock: Clock) -> None:
    store = make_store(timing=Timing(minimum_ms=0))
    (who,) = come(store)
    trial = ask(store, who)
    store.deliver(trial.slot)
    clock.advance(hours=-1)
    assert store.record(who, trial.slot, 2) is Outcome.RECORDED
    assert store.ratings()[0].response_ms == 0


@pytest.mark.parametrize("again", [False, True], ids=["scored at once", "delivered again"])
def test_a_clock_that_was_set_back_begins_anew(make_store: Make, clock: Clock, again: bool) -> None:
    store = make_store(timing=Timing(minimum_ms=500))
    (who,) = come(store)
    trial = ask(store, who)
    store.deliver(trial.slot)
    clock.advance(hours=-1)
    if again:
        store.deliver(trial.slot)
    with pytest.raises(TooEarlyError) as refusal:
        store.record(who, trial.slot, 2)
    assert refusal.value.wait_ms == 500
    clock.advance(milliseconds=500)
    assert store.record(who, trial.slot, 2) is Outcome.RECORDED
    assert store.ratings()[0].response_ms == 500


@pytest.mark.parametrize("microseconds", [1, 499, 500, 501, 999])
def test_who_waits_as_long_as_asked_is_never_too_early(make_store: Make, clock: Clock, microseconds: int) -> None:
    store = make_store(timing=Timing(minimum_ms=500))
    (who,) = come(store)
    trial = ask(store, who)
    clock.advance(microseconds=microseconds)
    store.deliver(trial.slot)
    clock.advance(milliseconds=500)
    assert store.record(who, trial.slot, 2) is Outcome.RECORDED


def test_a_simulated_study_keeps_no_score_of_a_person(make_store: Make) -> None:
    store = make_store()
    (who,) = come(store)
    trial = ask(store, who)
    store.deliver(trial.slot)
    store.invite(1, simulated=True)
    with pytest.raises(StudyClosedError, match="made-up"):
        store.record(who, trial.slot, 2)
    assert not store.ratings()


def test_the_first_score_stands(make_store: Make) -> None:
    store = make_store()
    (who,) = come(store)
    trial = ask(store, who)
    answer(store, who, trial, 4)
    ask(store, who)
    assert store.record(who, trial.slot, 1) is Outcome.ALREADY_RATED
    assert [rating.score for rating in store.ratings()] == [4]
    with pytest.raises(SlotGoneError):
        store.deliver(trial.slot)


def test_nobody_scores_for_another(make_store: Make) -> None:
    store = make_store()
    first, second = come(store, 2)
    trial = ask(store, first)
    store.deliver(trial.slot)
    for slot in (trial.slot, secrets.token_hex(16), "", "x" * 5000, "1 OR 1=1", "\ud800"):
        with pytest.raises(SlotGoneError):
            store.record(second, slot, 1)
    for slot in ("", "x" * 5000, "\0", "\ud800"):
        with pytest.raises(SlotGoneError):
            store.deliver(slot)
    assert not store.ratings()


@pytest.mark.parametrize("score", [0, 5, -1, 10**12])
def test_only_scores_of_the_scale_are_kept(make_store: Make, score: int) -> None:
    store = make_store()
    (who,) = come(store)
    trial = ask(store, who)
    store.deliver(trial.slot)
    with pytest.raises(DataError, match="from 1 to 4"):
        store.record(who, trial.slot, score)
    assert not store.ratings()


def test_a_closed_study_asks_nothing_and_keeps_nothing_until_it_is_open_again(make_store: Make) -> None:
    store = make_store()
    (who,) = come(store)
    scored, waiting = ask(store, who), None
    answer(store, who, scored)
    waiting = ask(store, who)
    store.deliver(waiting.slot)
    store.close_study()
    assert not store.is_open()
    assert not store.overview().open
    with pytest.raises(StudyClosedError):
        store.next_trial(who)
    with pytest.raises(StudyClosedError):
        store.record(who, waiting.slot, 1)
    assert store.record(who, scored.slot, 1) is Outcome.ALREADY_RATED
    store.reopen_study()
    assert store.is_open()
    assert ask(store, who) == waiting
    assert store.record(who, waiting.slot, 1) is Outcome.RECORDED


CHANGES = {
    "update": "UPDATE rating SET score = 1",
    "delete": "DELETE FROM rating",
    "update of one": "UPDATE rating SET received = 0 WHERE score = 3",
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_database_itself_refuses_to_change_ratings(make_store: Make, change: str) -> None:
    store = make_store()
    (who,) = come(store)
    answer(store, who, ask(store, who))
    before = store.ratings()
    with pytest.raises(DBAPIError, match="append-only"), tampering(store) as connection:
        connection.execute(text(change))
    assert store.ratings() == before


def test_nor_are_ratings_replaced_or_emptied(make_store: Make) -> None:
    store = make_store()
    (who,) = come(store)
    answer(store, who, ask(store, who))
    before = store.ratings()
    other = (
        "TRUNCATE rating"
        if store.database.schema
        else "INSERT OR REPLACE INTO rating SELECT slot, 1, 1, 1 FROM rating"
    )
    with pytest.raises(DBAPIError, match="append-only"), tampering(store) as connection:
        connection.execute(text(other))
    assert store.ratings() == before


GUARDED = {
    "score of no scale": "INSERT INTO rating VALUES ({slot}, 5, 1, 1)",
    "negative time": "INSERT INTO rating VALUES ({slot}, 3, -1, 1)",
    "rating of no slot": "INSERT INTO rating VALUES (9999, 3, 1, 1)",
    "second rating of a slot": "INSERT INTO rating SELECT slot, 3, 1, 1 FROM rating",
    "place beyond K": "UPDATE slot SET place = 2 WHERE id = {slot}",
    "place twice": "UPDATE slot SET place = 0, image = (SELECT image FROM slot WHERE id <> {slot}) WHERE id = {slot}",
    "image twice": "UPDATE slot SET image = (SELECT min(image) FROM slot), rater = (SELECT min(rater) FROM slot), "
    "place = NULL, position = 9",
    "more taken than there is": "UPDATE image SET taken = 3",
    "second study": "INSERT INTO study SELECT 2, hash, open, simulated FROM study",
    "slot of a rating removed": "DELETE FROM slot WHERE id <> {slot}",
}


@pytest.mark.parametrize("statement", GUARDED.values(), ids=GUARDED)
def test_constraints_guard_what_the_program_promises(make_store: Make, statement: str) -> None:
    store = make_store()
    first, second = come(store, 2)
    answer(store, first, ask(store, first))
    ask(store, second)
    with tampering(store) as connection:
        slot = connection.scalar(text("SELECT id FROM slot WHERE pending"))
    with pytest.raises(DBAPIError), tampering(store) as connection:
        connection.execute(text(statement.format(slot=slot)))
