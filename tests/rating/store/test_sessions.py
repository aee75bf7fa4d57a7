"""Whole sessions, one after the other or side by side."""

from collections import Counter
from collections.abc import Callable

import pytest
from rating.sessions import answer, ask, come, frozen_study, tampering, walk
from sqlalchemy import update

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.store.plan import REPEAT_GAP
from sbgan_bench.rating.store.records import Trial
from sbgan_bench.rating.store.schema import rater
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import Purpose, Role

Make = Callable[..., RatingStore]


def test_raters_fill_every_image_and_then_there_is_nothing(make_store: Make) -> None:
    store = make_store(cells=3, images_per_cell=4, ratings_per_image=3)
    for who in come(store, 3):
        assert len(list(walk(store, who))) == 12
        assert store.rater(who).finished
    counts = Counter(rating.image for rating in store.ratings())
    assert counts == {image.id: 3 for image in store.study.images}
    (late,) = come(store)
    assert store.next_trial(late) is None
    assert store.rater(late).finished
    overview = store.overview()
    assert (overview.ratings, overview.wanted, overview.complete_images, overview.live) == (36, 36, 12, 0)
    assert (overview.raters, overview.finished, overview.invited) == (3, 4, 4)


def test_who_comes_when_all_is_done_need_not_practise(make_store: Make) -> None:
    store = make_store(cells=1, images_per_cell=2, ratings_per_image=1, practice=2, gold=1)
    early, late = come(store, 2)
    assert sum(1 for _ in walk(store, early)) == 5
    assert store.next_trial(late) is None
    assert store.rater(late).finished


def test_nobody_is_asked_without_consent(make_store: Make) -> None:
    store = make_store()
    (token,) = store.invite(1)
    who = store.rater_by_token(token)
    assert not who.consented
    with pytest.raises(BenchError, match="consent"):
        store.next_trial(who.id)
    store.consent(who.id, "hash of a text")
    assert store.rater(who.id).consented
    assert store.next_trial(who.id) is not None


def test_a_session_has_practice_first_then_all_else_mixed(make_store: Make) -> None:
    store = make_store(images_per_cell=20, practice=3, gold=4, repeats_per_rater=5, per_rater=30)
    (who,) = come(store)
    trials = list(walk(store, who))
    ratings = store.ratings()
    assert [rating.image for rating in ratings] == [trial.image for trial in trials]
    assert [rating.position for rating in ratings] == list(range(42))
    assert Counter(rating.purpose for rating in ratings) == {
        Purpose.PRACTICE: 3, Purpose.MAIN: 30, Purpose.GOLD: 4, Purpose.REPEAT: 5
    }  # fmt: skip
    assert [rating.purpose for rating in ratings[:3]] == [Purpose.PRACTICE] * 3
    assert [trial.practice for trial in trials] == [True] * 3 + [False] * 39
    assert [image.id for image in store.study.of_role(Role.PRACTICE)] == [trial.image for trial in trials[:3]]


def test_repeats_are_of_scored_images_and_far_apart(make_store: Make) -> None:
    store = make_store(images_per_cell=15, gold=2, repeats_per_rater=6, per_rater=28)
    for who in come(store, 2):
        assert sum(1 for _ in walk(store, who)) == 36
        own = [rating for rating in store.ratings() if rating.rater == who]
        first = {rating.image: rating.position for rating in own if rating.purpose is Purpose.MAIN}
        repeats = [rating for rating in own if rating.purpose is Purpose.REPEAT]
        assert len({rating.image for rating in repeats}) == 6
        assert all(rating.position - first[rating.image] >= REPEAT_GAP for rating in repeats)


def test_a_repeat_has_a_slot_of_its_own_and_takes_no_place(make_store: Make) -> None:
    store = make_store(cells=1, images_per_cell=4, ratings_per_image=1, repeats_per_rater=4)
    (who,) = come(store)
    trials = list(walk(store, who))
    assert len({trial.slot for trial in trials}) == 8
    assert Counter(trial.image for trial in trials) == {image.id: 2 for image in store.study.images}
    assert (store.overview().ratings, store.overview().complete_images) == (4, 4)


def test_progress_counts_to_the_end_within_each_phase(make_store: Make) -> None:
    store = make_store(practice=2, gold=1, repeats_per_rater=1)
    (who,) = come(store)
    steps = [(trial.practice, trial.number, trial.of) for trial in walk(store, who)]
    assert steps == [(True, 1, 2), (True, 2, 2)] + [(False, number, 8) for number in range(1, 9)]


def test_progress_of_a_late_rater_ends_where_the_images_do(make_store: Make) -> None:
    store = make_store(cells=1, images_per_cell=20, ratings_per_image=1, per_rater=15, gold=3, repeats_per_rater=3)
    early, late = come(store, 2)
    assert sum(1 for _ in walk(store, early)) == 21
    progress = [(trial.number, trial.of) for trial in walk(store, late)]
    assert [number for number, _ in progress] == list(range(1, len(progress) + 1))
    assert {of for _, of in progress} == {len(progress)}
    own = [rating for rating in store.ratings() if rating.rater == late]
    assert sum(rating.purpose is Purpose.MAIN for rating in own) == 5


def test_nothing_but_practice_is_told_apart_from_other_trials(make_store: Make) -> None:
    """Slots of gold and repeats look like those of any image."""
    store = make_store(images_per_cell=10, gold=3, repeats_per_rater=3)
    (who,) = come(store)
    slots = [trial.slot for trial in walk(store, who)]
    assert len(set(slots)) == len(slots)
    assert {len(slot) for slot in slots} == {32}


def test_each_rater_sees_all_cells_evenly_at_any_time(make_store: Make) -> None:
    store = make_store(cells=4, images_per_cell=6, per_rater=18, ratings_per_image=3)
    stratum = {image.id: image.stratum for image in store.study.images}
    for who in come(store, 4):
        seen = Counter(dict.fromkeys(range(4), 0))
        for trial in walk(store, who):
            seen[stratum[trial.image]] += 1
            assert max(seen.values()) - min(seen.values()) <= 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_cells_of_different_sizes_are_seen_in_proportion(make_store: Make) -> None:
    large = frozen_study(cells=1, images_per_cell=30).images
    small = tuple(image.model_copy(update={"id": f"small{number}", "stratum": 1})
                  for number, image in enumerate(large[:10]))  # fmt: skip
    store = make_store(images=large + small, ratings_per_image=2, per_rater=20)
    for who in come(store, 4):
        shown = [trial.image.startswith("small") for trial in walk(store, who)]
        assert sum(shown) == 5


def test_images_fill_evenly(make_store: Make) -> None:
    """Raters who score one image of each cell leave no image more than one rating behind another of its cell."""
    store = make_store(cells=3, images_per_cell=5, ratings_per_image=3, per_rater=3)
    counts = {image.id: 0 for image in store.study.images}
    stratum = {image.id: image.stratum for image in store.study.images}
    for who in come(store, 15):
        for trial in walk(store, who):
            counts[trial.image] += 1
            levels = [count for image, count in counts.items() if stratum[image] == stratum[trial.image]]
            assert max(levels) - min(levels) <= 1
    assert set(counts.values()) == {3}


def test_everybody_gets_a_least_filled_image_of_those_new_to_him(make_store: Make) -> None:
    store = make_store(cells=2, images_per_cell=6, ratings_per_image=3)
    stratum = {image.id: image.stratum for image in store.study.images}
    counts = dict.fromkeys(stratum, 0)
    raters = come(store, 4)
    had: dict[int, set[str]] = {who: set() for who in raters}
    waiting = list(raters)
    while waiting:
        for who in tuple(waiting):
            trial = store.next_trial(who)
            if trial is None:
                waiting.remove(who)
                continue
            new = [image for image in counts if stratum[image] == stratum[trial.image] and image not in had[who]]
            assert counts[trial.image] == min(counts[image] for image in new)
            counts[trial.image] += 1
            had[who].add(trial.image)
            answer(store, who, trial)
    assert set(counts.values()) == {3}


def _orders(store: RatingStore, seeds: list[int]) -> list[list[str]]:
    """Return the images that raters with given seeds are shown, taking turns."""
    raters = come(store, len(seeds))
    with tampering(store) as connection:
        for who, seed in zip(raters, seeds, strict=True):
            connection.execute(update(rater).where(rater.c.id == who).values(seed=seed))
    orders: list[list[str]] = [[] for _ in raters]
    sessions = [walk(store, who) for who in raters]
    while any(trials := [next(session, None) for session in sessions]):
        for order, trial in zip(orders, trials, strict=True):
            order.extend([trial.image] if isinstance(trial, Trial) else [])
    return orders


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_order_follows_from_the_seeds(make_store: Make) -> None:
    fields = {"images_per_cell": 6, "practice": 1, "gold": 2, "repeats_per_rater": 2, "seed": 7}
    first, again, other = (
        _orders(make_store(hash=digit * 64, **fields), seeds)
        for digit, seeds in (("a", [1, 2]), ("b", [1, 2]), ("c", [3, 4]))
    )
    assert first == again
    assert first != other
    assert first[0] != first[1]


def test_two_images_are_never_out_for_one_rater(make_store: Make) -> None:
    store = make_store()
    (who,) = come(store)
    first = ask(store, who)
    assert all(ask(store, who) == first for _ in range(3))
    answer(store, who, first)
    assert ask(store, who).slot != first.slot
