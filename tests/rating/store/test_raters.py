"""How raters come, and who is turned away."""

import re
import secrets
from collections.abc import Callable

import pytest
from rating.sessions import answer, ask, come, walk
from sqlalchemy import text

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.store.records import Platform, StudyClosedError, UnknownTokenError
from sbgan_bench.rating.store.store import RatingStore

Make = Callable[..., RatingStore]


def test_every_token_is_new_and_finds_its_rater(make_store: Make) -> None:
    store = make_store()
    tokens = store.invite(20)
    found = [store.rater_by_token(token) for token in tokens]
    assert len({rater.id for rater in found}) == len(set(tokens)) == 20
    assert {rater.platform for rater in found} == {Platform.INVITED}
    assert store.overview().invited == 20
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{32}", token) for token in tokens)


@pytest.mark.parametrize("token", ["", "x", "é\0\n", "\ud800", "a" * 100_000, "' OR 1=1 --"])
def test_nobody_is_made_of_an_unknown_token(make_store: Make, token: str) -> None:
    store = make_store()
    store.invite(1)
    with pytest.raises(UnknownTokenError, match="link"):
        store.rater_by_token(token)
    assert store.overview().invited == 1


def test_a_token_is_nowhere_in_the_database(make_store: Make) -> None:
    store = make_store()
    (token,) = store.invite(1)
    with store.database.reading() as connection:
        row = connection.execute(text("SELECT * FROM rater")).one()
    assert token not in map(str, row)


def test_a_platforms_rater_is_made_once(make_store: Make) -> None:
    store = make_store()
    token = secrets.token_urlsafe()
    first = store.platform_rater(Platform.PROLIFIC, "hash", token)
    assert store.platform_rater(Platform.PROLIFIC, "hash", token) == first == store.rater_by_token(token)
    assert store.platform_rater(Platform.PROLIFIC, "other hash", "other token").id != first.id
    assert store.platform_rater(Platform.MTURK, "hash", "third token").id != first.id
    assert store.overview().invited == 0


def test_a_code_is_shown_at_the_end_only_and_is_the_raters_own(make_store: Make) -> None:
    store = make_store(ratings_per_image=3)
    codes = set()
    for who in come(store, 2):
        for _ in walk(store, who):
            assert store.rater(who).completion_code == ""
        assert re.fullmatch(r"[A-Z0-9]{10}", store.rater(who).completion_code)
        codes.add(store.rater(who).completion_code)
    assert len(codes) == 2


def test_who_scored_nothing_gets_no_code_and_others_do_when_the_study_closes(make_store: Make) -> None:
    store = make_store(cells=1, images_per_cell=2, ratings_per_image=1)
    busy, holding, late = come(store, 3)
    answer(store, busy, ask(store, busy))
    ask(store, holding)
    assert store.next_trial(late) is None
    assert store.rater(late).finished
    store.close_study()
    found = [store.rater(who) for who in (busy, holding, late)]
    assert [rater.rated for rater in found] == [bool(rater.completion_code) for rater in found] == [True, False, False]
    store.reopen_study()
    assert [store.rater(who).completion_code == "" for who in (holding, late)] == [True, True]


def test_the_studys_code_is_for_all(make_store: Make) -> None:
    store = make_store(completion_code="C0FFEE")
    for who in come(store, 2):
        assert store.rater(who).completion_code == ""
        list(walk(store, who))
        assert store.rater(who).completion_code == "C0FFEE"


def test_there_is_nobody_of_an_unknown_number(make_store: Make) -> None:
    store = make_store()
    with pytest.raises(BenchError, match="no rater 77"):
        store.rater(77)
    with pytest.raises(BenchError, match="no rater 77"):
        store.next_trial(77)


def test_made_up_raters_mark_the_study_and_keep_people_out(make_store: Make) -> None:
    store = make_store()
    (token,) = store.invite(1)
    person = store.rater_by_token(token).id
    store.consent(person, "hash")
    (token,) = store.invite(1, simulated=True)
    assert store.rater_by_token(token).platform is Platform.SIMULATED
    assert store.overview().simulated
    made_up = store.rater_by_token(token).id
    store.consent(made_up, "hash")
    answer(store, made_up, ask(store, made_up))
    assert {rating.platform for rating in store.ratings()} == {Platform.SIMULATED}
    with pytest.raises(StudyClosedError, match="make a new study"):
        store.invite(1)
    with pytest.raises(StudyClosedError, match="make a new study"):
        store.platform_rater(Platform.PROLIFIC, "hash", "token")
    with pytest.raises(StudyClosedError, match="made-up"):
        store.next_trial(person)


def test_a_study_with_ratings_of_people_takes_no_made_up_ones(make_store: Make) -> None:
    store = make_store()
    (who,) = come(store)
    answer(store, who, ask(store, who))
    with pytest.raises(BenchError, match="a study of its own"):
        store.invite(1, simulated=True)
    assert not store.overview().simulated


def test_events_are_counted_and_odd_ones_kept_as_far_as_they_go(make_store: Make) -> None:
    store = make_store()
    (who,) = come(store)
    store.note(who, "pause")
    store.note(who, "pause", "at image 3")
    store.note(None, "k" * 5000, "\0\ud800" + "d" * 5000)
    assert store.overview().events == {"pause": 2, "k" * 80: 1}
