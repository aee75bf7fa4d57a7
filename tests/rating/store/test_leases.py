"""What happens to images that somebody was given and did not answer."""

from collections.abc import Callable

import pytest
from rating.sessions import Clock, answer, ask, check, come, walk

from sbgan_bench.rating.store.records import Outcome, SlotGoneError
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import Timing

Make = Callable[..., RatingStore]
ONE = {"cells": 1, "images_per_cell": 1, "ratings_per_image": 1}
TIMING = Timing(minimum_ms=0, lease_minutes=10)


def test_an_image_that_is_out_is_given_to_nobody_else(make_store: Make) -> None:
    store = make_store(**ONE)
    first, second = come(store, 2)
    ask(store, first)
    assert store.next_trial(second) is None
    assert store.overview().live == 1


def test_an_expired_lease_returns_to_whoever_asks_next_even_if_he_had_finished(make_store: Make, clock: Clock) -> None:
    store = make_store(**ONE, timing=TIMING)
    first, second = come(store, 2)
    lost = ask(store, first)
    assert store.next_trial(second) is None
    assert store.rater(second).finished
    clock.advance(minutes=10)
    assert store.overview().live == 0
    regained = ask(store, second)
    assert (regained.image, regained.slot == lost.slot) == (lost.image, False)
    assert not store.rater(second).finished
    answer(store, second, regained)
    assert store.next_trial(second) is None
    assert store.rater(second).finished


def test_what_others_were_given_is_gone_for_good(make_store: Make, clock: Clock) -> None:
    store = make_store(**ONE, timing=TIMING)
    first, second = come(store, 2)
    lost = ask(store, first)
    store.deliver(lost.slot)
    clock.advance(minutes=11)
    taken = ask(store, second)
    with pytest.raises(SlotGoneError):
        store.record(first, lost.slot, 2)
    with pytest.raises(SlotGoneError):
        store.deliver(lost.slot)
    assert store.next_trial(first) is None  # now he knows that it is gone
    clock.advance(minutes=11)
    assert store.next_trial(first) is None  # and it does not come again, though its lease ran out once more
    with pytest.raises(SlotGoneError):
        store.record(first, lost.slot, 2)
    answer(store, second, taken)
    assert [(rating.rater, rating.image) for rating in store.ratings()] == [(second, lost.image)]


def test_a_late_score_counts_if_nobody_was_given_the_image(make_store: Make, clock: Clock) -> None:
    store = make_store(**ONE, timing=TIMING)
    (who,) = come(store)
    trial = ask(store, who)
    store.deliver(trial.slot)
    clock.advance(days=2)
    assert store.record(who, trial.slot, 4) is Outcome.RECORDED
    (rating,) = store.ratings()
    assert rating.response_ms == 2 * 86_400_000


def test_a_late_score_counts_as_long_as_a_place_is_left(make_store: Make, clock: Clock) -> None:
    """Others ask meanwhile, which takes the place back; the image has another."""
    store = make_store(cells=1, images_per_cell=1, ratings_per_image=2, timing=TIMING)
    first, second, third = come(store, 3)
    late = ask(store, first)
    store.deliver(late.slot)
    clock.advance(minutes=11)
    answer(store, second, ask(store, second))
    check(store)
    assert store.record(first, late.slot, 1) is Outcome.RECORDED
    assert store.next_trial(third) is None
    assert store.overview().complete_images == 1


def test_a_late_score_takes_a_place_that_others_lost_as_well(make_store: Make, clock: Clock) -> None:
    store = make_store(**ONE, timing=TIMING)
    first, second = come(store, 2)
    late = ask(store, first)
    store.deliver(late.slot)
    clock.advance(minutes=11)
    lost = ask(store, second)
    store.deliver(lost.slot)
    clock.advance(minutes=11)
    assert store.record(first, late.slot, 1) is Outcome.RECORDED
    with pytest.raises(SlotGoneError):
        store.record(second, lost.slot, 1)


def test_whoever_comes_back_another_day_sees_the_same_image(make_store: Make, clock: Clock) -> None:
    store = make_store(cells=1, images_per_cell=2, ratings_per_image=2, timing=TIMING)
    first, second = come(store, 2)
    trial = ask(store, first)
    clock.advance(days=1)
    while (other := store.next_trial(second)) is not None:
        answer(store, second, other)
    assert ask(store, first) == trial
    answer(store, first, trial)


def test_asking_again_renews_the_lease(make_store: Make, clock: Clock) -> None:
    store = make_store(**ONE, timing=TIMING)
    first, second = come(store, 2)
    trial = ask(store, first)
    for _ in range(3):
        clock.advance(minutes=9)
        assert ask(store, first) == trial
        assert store.next_trial(second) is None


def test_who_lost_an_image_is_asked_for_as_many_others(make_store: Make, clock: Clock) -> None:
    store = make_store(cells=1, images_per_cell=4, ratings_per_image=1, per_rater=2, timing=TIMING)
    (first,) = come(store)
    lost = ask(store, first)
    clock.advance(minutes=11)
    for other in come(store, 4):
        trial = ask(store, other)
        if trial.image == lost.image:
            answer(store, other, trial)
            break
    clock.advance(minutes=11)
    trials = list(walk(store, first))
    assert [(trial.number, trial.of) for trial in trials] == [(1, 2), (2, 2)]
    assert lost.image not in {trial.image for trial in trials}


def test_practice_gold_and_repeats_wait_for_ever(make_store: Make, clock: Clock) -> None:
    store = make_store(**ONE, practice=1, gold=1, repeats_per_rater=1, timing=TIMING)
    (who,) = come(store)
    for _ in range(4):
        trial = ask(store, who)
        clock.advance(days=100)
        assert ask(store, who) == trial
        answer(store, who, trial)
    assert store.next_trial(who) is None


def test_raters_who_leave_in_the_middle_leave_nothing_undone(make_store: Make, clock: Clock) -> None:
    store = make_store(cells=2, images_per_cell=4, ratings_per_image=2, timing=TIMING)
    for number, who in enumerate(come(store, 10)):
        for _ in range(number % 2):
            answer(store, who, ask(store, who))
        ask(store, who)
        check(store)
    clock.advance(minutes=10)
    for who in come(store, 2):
        for _ in walk(store, who):
            pass
    assert store.overview().complete_images == 8
