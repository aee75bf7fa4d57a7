"""Imported answers of crowd platforms."""

from collections.abc import Callable

import pytest
from rating.sessions import Clock, ask, come, walk

from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.rating.store.records import Answer, AssignmentOutcome, Platform
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import Purpose, Role

Make = Callable[..., RatingStore]


def answers(store: RatingStore, score: int = 3) -> list[Answer]:
    return [Answer(image.id, score, 0) for image in store.study.images]


def test_an_assignment_is_kept_once(make_store: Make) -> None:
    store = make_store(gold=1, practice=1)
    assert store.add_assignment(Platform.MTURK, "worker", answers(store)) == AssignmentOutcome(8, 0, 0)
    kept = store.ratings()
    assert {rating.platform for rating in kept} == {Platform.MTURK}
    assert [rating.image for rating in kept] == [image.id for image in store.study.images]
    assert sum(rating.purpose is Purpose.MAIN for rating in kept) == 6
    assert store.add_assignment(Platform.MTURK, "worker", answers(store)) == AssignmentOutcome(0, 8, 0)
    assert store.add_assignment(Platform.MTURK, "worker", answers(store, 2)) == AssignmentOutcome(0, 0, 8)
    assert store.ratings() == kept
    assert (store.overview().raters, store.overview().finished) == (1, 1)


def test_never_more_than_the_places_of_an_image(make_store: Make) -> None:
    store = make_store(ratings_per_image=2, gold=1)
    for worker in range(2):
        assert store.add_assignment(Platform.MTURK, f"worker {worker}", answers(store)).recorded == 7
    late = store.add_assignment(Platform.MTURK, "worker 3", answers(store))
    assert late == AssignmentOutcome(recorded=1, already=0, surplus=6)
    assert store.overview().complete_images == 6


def test_an_image_twice_in_one_assignment_counts_once(make_store: Make) -> None:
    store = make_store()
    twice = answers(store)[:1] * 2
    assert store.add_assignment(Platform.MTURK, "worker", twice) == AssignmentOutcome(1, 0, 1)
    assert store.add_assignment(Platform.MTURK, "worker", twice) == AssignmentOutcome(0, 1, 1)


def test_several_assignments_of_one_worker_go_on_from_each_other(make_store: Make) -> None:
    store = make_store()
    every = answers(store)
    for part in (every[:2], every[2:4], every[4:]):
        assert store.add_assignment(Platform.MTURK, "worker", part).recorded == 2
    assert [rating.position for rating in store.ratings()] == list(range(6))
    assert len({rating.rater for rating in store.ratings()}) == 1


@pytest.mark.parametrize("wrong", [Answer("ab" * 12, 3, 0), Answer("", 3, 0)])
def test_nothing_is_kept_of_an_assignment_with_a_fault(make_store: Make, wrong: Answer) -> None:
    store = make_store()
    with pytest.raises(DataError, match="no image of this study"):
        store.add_assignment(Platform.MTURK, "worker", [*answers(store), wrong])
    assert not store.ratings()
    assert store.overview().finished == 0


@pytest.mark.parametrize(("score", "time"), [(0, 0), (5, 0), (3, -1)])
def test_nor_of_one_with_a_score_outside_the_scale(make_store: Make, score: int, time: int) -> None:
    store = make_store()
    wrong = Answer(store.study.images[2].id, score, time)
    with pytest.raises(DataError, match="no rating"):
        store.add_assignment(Platform.MTURK, "worker", [answers(store)[0], wrong])
    assert not store.ratings()


def test_a_closed_study_still_takes_them_but_a_simulated_one_does_not(make_store: Make) -> None:
    store = make_store()
    store.close_study()
    assert store.add_assignment(Platform.MTURK, "worker", answers(store)).recorded == 6
    made_up = make_store(cells=3)
    made_up.invite(1, simulated=True)
    with pytest.raises(BenchError, match="made-up"):
        made_up.add_assignment(Platform.MTURK, "worker", answers(made_up))


def test_raters_and_imports_share_the_places(make_store: Make) -> None:
    store = make_store(ratings_per_image=1)
    (who,) = come(store)
    out = ask(store, who)
    outcome = store.add_assignment(Platform.MTURK, "worker", answers(store))
    assert outcome == AssignmentOutcome(recorded=5, already=0, surplus=1)
    assert [trial.image for trial in walk(store, who)] == [out.image]
    main = [image for image in store.study.images if image.role is Role.MAIN]
    assert store.overview().complete_images == len(main)


def test_an_import_takes_places_whose_leases_ran_out(make_store: Make, clock: Clock) -> None:
    store = make_store(ratings_per_image=1)
    (who,) = come(store)
    ask(store, who)
    clock.advance(hours=1)
    assert store.add_assignment(Platform.MTURK, "worker", answers(store)).recorded == 6
    assert store.next_trial(who) is None
