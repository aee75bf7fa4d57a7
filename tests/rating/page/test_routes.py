"""Images and scores over HTTP: what was acknowledged is kept, once; nothing tells whose image it is."""

import dataclasses
import secrets
from collections.abc import Callable, Iterator

import pytest
from rating.page_server import Client, routes_of

from sbgan_bench.rating.page.desk import Desk
from sbgan_bench.rating.store.records import StoreBusyError, StoreFullError
from sbgan_bench.rating.study import FrozenAnchor, Role, Timing


@pytest.fixture
def client(desk: Desk) -> Iterator[Client]:
    with routes_of(desk) as client:
        yield client


def agreed(desk: Desk) -> str:
    (token,) = desk.store.invite(1)
    desk.store.consent(desk.store.rater_by_token(token).id, "hash")
    return token


def scores(desk: Desk) -> list[int]:
    return [rating.score for rating in sorted(desk.store.ratings(), key=lambda rating: rating.position)]


def test_a_whole_session_is_kept_as_it_was_acknowledged(desk: Desk, client: Client, token: str) -> None:
    given = []
    trial = client.next(token).json["trial"]
    while trial is not None:
        assert client.image(trial["slot"]).status == 200
        given.append(1 + len(given) % 4)
        answer = client.score(token, trial["slot"], given[-1])
        assert answer.status == 200
        trial = answer.json["trial"]
    assert scores(desk) == given
    assert len(given) == 1 + 6  # practice, then every image once
    assert desk.store.rater_by_token(token).finished
    assert client.next(token).json == {"trial": None}


def test_asking_again_gives_the_same_image_again(client: Client, token: str) -> None:
    assert client.next(token).json == client.next(token).json


def test_an_image_is_the_very_file_and_is_never_kept_on_the_way(desk: Desk, client: Client, token: str) -> None:
    slot = client.next(token).json["trial"]["slot"]
    answer = client.image(slot)
    shown = desk.store.deliver(slot)
    assert answer.body == desk.folder.image(shown).read_bytes()
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "no-store"
    assert "content-encoding" not in answer.headers
    assert not {"etag", "last-modified", "content-disposition"} & answer.headers.keys()


def test_a_score_sent_twice_is_one_rating_and_goes_on(desk: Desk, client: Client, token: str) -> None:
    slot = client.next(token).json["trial"]["slot"]
    client.image(slot)
    first, second = client.score(token, slot, 2), client.score(token, slot, 4)
    assert (first.status, second.status) == (200, 200)
    assert first.json == second.json
    assert scores(desk) == [2]


def test_an_answer_says_nothing_of_the_image(desk: Desk, client: Client, token: str) -> None:
    answer = client.next(token)
    assert set(answer.json["trial"]) == {"slot", "practice", "number", "of"}
    secret = [image.id for image in desk.study.images] + [image.sha256 for image in desk.study.images]
    assert not [word for word in secret if word in answer.body.decode() + str(answer.headers)]


@pytest.mark.parametrize("path", ["next", "score", "note"])
def test_an_unknown_token_is_refused_and_makes_no_rater(desk: Desk, client: Client, path: str) -> None:
    before = desk.store.overview()
    for token in ("", "nobody", "x" * 5000, secrets.token_urlsafe(24)):
        answer = client.ask("POST", f"/rating/{path}", token, {"slot": "s", "score": 1, "kind": "pause"})
        assert answer.status == 401
        assert answer.json["error"] == "token"
    assert desk.store.overview() == before


def test_nobody_sees_an_image_who_did_not_agree(desk: Desk, client: Client) -> None:
    (token,) = desk.store.invite(1)
    assert client.next(token).status == 403
    assert client.score(token, "slot", 1).json["error"] == "consent"


def test_the_score_of_another_ones_image_is_refused(desk: Desk, client: Client, token: str) -> None:
    slot = client.next(token).json["trial"]["slot"]
    client.image(slot)
    assert client.score(agreed(desk), slot, 3).status == 409
    assert client.score(token, "no-such-slot", 3).json["error"] == "gone"
    assert client.image("no-such-slot").status == 409
    assert scores(desk) == []


def test_a_score_that_comes_too_early_is_not_kept_but_can_be_given_later(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(timing=Timing(minimum_ms=60_000))
    token = agreed(desk)
    with routes_of(desk) as client:
        slot = client.next(token).json["trial"]["slot"]
        client.image(slot)
        for score in (1, 1, 2, 3):  # a held key
            answer = client.score(token, slot, score)
            assert answer.status == 425
            assert answer.json["error"] == "early"
            assert 0 < answer.json["wait_ms"] <= 60_000
        assert client.next(token).json["trial"]["slot"] == slot
    assert scores(desk) == []
    assert desk.store.overview().events == {"early": 4}


def test_what_is_no_score_is_refused(desk: Desk, client: Client, token: str) -> None:
    slot = client.next(token).json["trial"]["slot"]
    client.image(slot)
    for score in (0, 5, -1, "3", True, 2.0, None, [1], {"score": 1}):
        assert client.score(token, slot, score).status == 400
    assert scores(desk) == []


def test_what_is_no_request_is_refused(client: Client, token: str) -> None:
    for body in (b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"slot": 3, "score": 1}', b"x" * 2000):
        answer = client.ask("POST", "/rating/score", token, body)
        assert answer.status == 400
        assert answer.json["error"] == "request"


def test_a_closed_study_says_so_and_opens_again(desk: Desk, client: Client, token: str) -> None:
    slot = client.next(token).json["trial"]["slot"]
    client.image(slot)
    desk.store.close_study()
    assert client.next(token).json["error"] == "closed"
    assert client.score(token, slot, 1).status == 410
    desk.store.reopen_study()
    assert client.score(token, slot, 1).status == 200


def test_examples_can_be_seen_and_nothing_else_by_id(make_desk: Callable[..., Desk]) -> None:
    source = make_desk()
    shown, hidden = source.study.images[:2]
    desk = make_desk(replace={"anchors": (FrozenAnchor(id=shown.id, score=4, sha256=shown.sha256),)})
    with routes_of(desk) as client:
        answer = client.ask("GET", f"/rating/anchor/{shown.id}.png")
        assert answer.body == desk.folder.image(shown.id).read_bytes()
        for name in (hidden.id, "..%2fstudy", f"..%2fimages%2f{hidden.id}"):
            assert client.ask("GET", f"/rating/anchor/{name}.png").status == 404
        assert client.image(hidden.id).status == 409


def test_only_pauses_and_the_size_of_the_display_are_noted(desk: Desk, client: Client, token: str) -> None:
    def note(kind: str, detail: str) -> int:
        return client.ask("POST", "/rating/note", token, {"kind": kind, "detail": detail}).status

    assert note("display", "390x844@3") == note("display", "1280x720@1.25") == note("pause", "") == 204
    assert note("display", "my name is") == note("exclude", "") == note("pause", "x") == 400
    assert desk.store.overview().events == {"display": 2, "pause": 1}


class Failing:
    """A store that can do nothing now."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def rater_by_token(self, token: str) -> None:
        raise self.error

    def deliver(self, slot: str) -> None:
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (StoreFullError("no room on /secret/place"), 507, "full"),
        (StoreBusyError("/secret/place is locked"), 503, "busy"),
        (PermissionError(13, "denied", "/secret/place"), 500, "server"),
    ],
)
def test_troubles_of_the_server_are_told_without_its_secrets(
    desk: Desk, error: Exception, status: int, kind: str
) -> None:
    with routes_of(dataclasses.replace(desk, store=Failing(error))) as client:
        for answer in (client.score("token", "slot", 1), client.image("slot")):
            assert answer.status == status
            assert answer.json["error"] == kind
            assert "secret" not in answer.body.decode()


def test_an_image_whose_file_went_away_is_told_apart_and_logged(
    desk: Desk, client: Client, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    slot = client.next(token).json["trial"]["slot"]
    name = desk.store.deliver(slot)
    desk.folder.image(name).unlink()
    answer = client.image(slot)
    assert (answer.status, answer.json["error"]) == (404, "missing")
    assert name not in answer.body.decode()
    assert f"images/{name}.png is missing; sbgan-bench rate create" in caplog.text


def test_repeats_look_like_any_other_image(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(images_per_cell=10, repeats=3)
    token = agreed(desk)
    slots = []
    with routes_of(desk) as client:
        trial = client.next(token).json["trial"]
        while trial is not None:
            slots.append(trial["slot"])
            client.image(trial["slot"])
            trial = client.score(token, trial["slot"], 2).json["trial"]
    main = len(desk.study.of_role(Role.MAIN))
    assert len(slots) == len(set(slots)) == 1 + main + 3
