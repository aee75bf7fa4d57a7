"""The pages around the images, run without a browser."""

import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.page import script, shell
from sbgan_bench.rating.page.desk import Desk
from sbgan_bench.rating.store.records import Platform, StoreBusyError
from sbgan_bench.rating.study import FrozenAnchor, Prolific

PROLIFIC = {"PROLIFIC_PID": "0123456789abcdef01234567", "STUDY_ID": "study-1", "SESSION_ID": "s1"}


@pytest.fixture
def visit(desk: Desk) -> Callable[..., AppTest]:
    return lambda **parameters: visit_of(desk, **parameters)


def visit_of(desk: Desk, **parameters: str) -> AppTest:
    """Open the page with parameters in the address."""
    page = AppTest.from_file(Path(script.__file__), default_timeout=30)
    page.secrets["rating"] = {"folder": str(desk.folder.path), "store": desk.folder.default_store}
    for name, value in parameters.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    """Return everything that stands on a page."""
    elements = [*page.title, *page.markdown, *page.caption, *page.code, *page.get("html")]
    return "\n".join(str(element.value if element.type != "html" else element.proto.body) for element in elements)


def titles(page: AppTest) -> list[str]:
    return [title.value for title in page.title]


def press(page: AppTest, label: str) -> AppTest:
    """Press the button with a label."""
    (button,) = [button for button in page.button if button.label == label]
    page = button.click().run()
    assert not page.exception
    return page


def blocks(page: AppTest) -> int:
    return len(page.get("bidi_component"))


def test_without_a_token_a_code_is_asked_for_and_leads_on(desk: Desk, visit: Callable[..., AppTest]) -> None:
    page = visit()
    assert titles(page) == ["Image rating"]
    (token,) = desk.store.invite(1)
    page.text_input[0].input(f"  {token} ")
    page = press(page, "Continue")
    assert titles(page) == ["Before you begin"]
    assert page.query_params["token"] == token


def test_an_unknown_token_is_refused_in_words_and_makes_no_rater(desk: Desk, visit: Callable[..., AppTest]) -> None:
    before = desk.store.overview()
    page = visit(token="nobody")
    assert titles(page) == ["This link does not work"]
    assert not page.button
    assert desk.store.overview() == before


def test_nothing_is_shown_before_consent_and_the_text_is_written_down(
    desk: Desk, visit: Callable[..., AppTest], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[str] = []
    consent = type(desk.store).consent
    monkeypatch.setattr(
        type(desk.store), "consent", lambda self, rater, text: (kept.append(text), consent(self, rater, text))
    )
    (token,) = desk.store.invite(1)
    page = visit(token=token)
    assert desk.study.consent in words(page)
    assert page.button[0].disabled
    assert not blocks(page)
    page.checkbox[0].check().run()
    page = press(page, "Continue")
    assert kept == [sha256(desk.study.consent.encode()).hexdigest()]
    assert titles(page) == ["What to do"]


def test_the_instructions_show_the_scale_and_its_examples(make_desk: Callable[..., Desk], token: str) -> None:
    image = make_desk().study.images[0]
    anchor = FrozenAnchor(id=image.id, score=2, note="<b>blurred</b>", sha256=image.sha256)
    desk = make_desk(replace={"anchors": (anchor,)})
    page = visit_of(desk, token=_agreed(desk))
    shown = words(page)
    for score, label in enumerate(desk.study.scale.labels, start=1):
        assert f"{score} – {label}" in shown
    assert f'src="/rating/anchor/{image.id}.png"' in shown
    assert f'width="{desk.study.width}" height="{desk.study.height}"' in shown
    assert "<b>blurred" not in shown
    assert blocks(press(page, "Begin")) == 1


def test_who_has_scored_an_image_goes_straight_to_the_next(desk: Desk, visit: Callable[..., AppTest]) -> None:
    token = _agreed(desk)
    assert titles(visit(token=token)) == ["What to do"]
    _score(desk, token)
    page = visit(token=token)
    assert blocks(page) == 1
    assert not page.title


def test_the_code_is_shown_when_all_is_done_and_not_before(desk: Desk, visit: Callable[..., AppTest]) -> None:
    token = _agreed(desk)
    for _ in range(len(desk.study.images) - 1):
        _score(desk, token)
    assert not visit(token=token).code
    _score(desk, token)
    page = visit(token=token)
    assert titles(page) == ["Thank you!"]
    assert page.code[0].value == desk.store.rater_by_token(token).completion_code != ""


def test_a_closed_study_says_so_to_new_raters_and_to_old_ones(desk: Desk, visit: Callable[..., AppTest]) -> None:
    (new,) = desk.store.invite(1)
    old = _agreed(desk)
    _score(desk, old)
    desk.store.close_study()
    assert titles(visit(token=new)) == titles(visit(token=old)) == ["This study is closed"]


def test_who_rated_until_the_study_closed_gets_the_code_and_nobody_else(
    desk: Desk, visit: Callable[..., AppTest]
) -> None:
    some, none = _agreed(desk), _agreed(desk)
    _score(desk, some)
    assert not visit(token=some).code
    desk.store.close_study()
    page = visit(token=some)
    assert titles(page) == ["This study is closed"]
    assert page.code[0].value == desk.store.rater_by_token(some).completion_code != ""
    assert not visit(token=none).code
    desk.store.reopen_study()
    assert not visit(token=some).code


def test_who_finds_everything_rated_is_thanked_without_a_code(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(cells=1, images_per_cell=1, ratings_per_image=1, replace={"completion_code": "C0DE"})
    early, late = _agreed(desk), _agreed(desk)
    while _score(desk, early):
        pass
    page = visit_of(desk, token=late)
    assert titles(page) == ["This study is full, thank you for coming"]
    assert "C0DE" not in words(page)
    assert visit_of(desk, token=early).code[0].value == "C0DE"


def test_who_had_nothing_left_is_shown_what_others_gave_up(
    make_desk: Callable[..., Desk], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = make_desk(cells=1, images_per_cell=2, ratings_per_image=1, practice=0)
    leaving, staying = _agreed(desk), _agreed(desk)
    desk.store.next_trial(desk.store.rater_by_token(leaving).id)
    _score(desk, staying)
    assert titles(visit_of(desk, token=staying)) == ["Thank you!"]
    later = datetime.now(UTC) + timedelta(days=1)
    monkeypatch.setattr(desk.store, "_now", lambda: later)
    assert blocks(visit_of(desk, token=staying)) == 1


def test_a_rater_from_prolific_is_known_by_a_hash_and_leaves_the_address(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(replace={"prolific": Prolific(study_id="study-1"), "completion_code": "C0DE"})
    page = visit_of(desk, **PROLIFIC)
    assert titles(page) == ["Before you begin"]
    assert set(page.query_params) == {"token"}
    token = page.query_params["token"]
    assert PROLIFIC["PROLIFIC_PID"] not in token
    assert desk.store.rater_by_token(token).platform is Platform.PROLIFIC

    again = visit_of(desk, **{**PROLIFIC, "SESSION_ID": "s2"})
    assert again.query_params["token"] == token
    desk.store.consent(desk.store.rater_by_token(token).id, "hash")
    while _score(desk, token):
        pass
    done = visit_of(desk, token=token)
    links = [element.proto.url for element in done.get("link_button")]
    assert links == ["https://app.prolific.com/submissions/complete?cc=C0DE"]
    assert all(b"0123456789abcdef01234567" not in path.read_bytes() for path in desk.folder.path.glob("ratings.db*"))


def test_another_study_or_no_id_is_refused_and_makes_no_rater(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(replace={"prolific": Prolific(study_id="study-1")})
    wrong = ({"STUDY_ID": "another"}, {"PROLIFIC_PID": ""}, {"PROLIFIC_PID": "{{%PROLIFIC_PID%}}"})
    for change in wrong:
        assert titles(visit_of(desk, **{**PROLIFIC, **change})) == ["This link does not work"]
    with pytest.raises(BenchError, match="no rater 1"):
        desk.store.rater(1)


def test_a_study_that_is_not_on_prolific_takes_nobody_from_there(visit: Callable[..., AppTest]) -> None:
    assert titles(visit(**PROLIFIC)) == ["This link does not work"]


def test_when_the_store_does_not_answer_the_page_says_wait(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        def rater_by_token(self, token: str) -> None:
            raise StoreBusyError("/secret/place is locked")

    silent = dataclasses.replace(desk, store=Silent())
    monkeypatch.setattr(shell, "open_desk", lambda folder, url: silent)
    page = visit_of(desk, token="anybody")
    assert titles(page) == ["Please wait a moment"]
    assert "secret" not in words(page)


def test_the_title_of_the_study_stays_with_its_owner(make_desk: Callable[..., Desk]) -> None:
    desk = make_desk(replace={"title": "SB-GAN against SPADE"})
    (token,) = desk.store.invite(1)
    for page in (visit_of(desk), visit_of(desk, token=token), visit_of(desk, token=_agreed(desk))):
        assert "SPADE" not in words(page)


def _agreed(desk: Desk) -> str:
    (token,) = desk.store.invite(1)
    desk.store.consent(desk.store.rater_by_token(token).id, "hash")
    return token


def _score(desk: Desk, token: str) -> bool:
    """Score one image; return whether there was one."""
    rater = desk.store.rater_by_token(token).id
    trial = desk.store.next_trial(rater)
    if trial is not None:
        desk.store.deliver(trial.slot)
        desk.store.record(rater, trial.slot, 3)
    return trial is not None
