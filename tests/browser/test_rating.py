"""Rating sessions in a real browser."""

from collections.abc import Callable

import pytest
from browser_rater import PATIENCE, Visitor
from playwright.sync_api import Locator, Route, expect
from rating.page_server import served

from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.store import RatingStore

pytestmark = pytest.mark.browser

Come = Callable[..., Visitor]

#: Two images to practise on, four of two cells, one whose score is known, one that comes again.
SHOWINGS = [*(f"Practice {number} of 2" for number in (1, 2)), *(f"Image {number} of 6" for number in range(1, 7))]


def kept(store: RatingStore, rater: Visitor) -> list[int]:
    """Return a rater's scores in the store, in order."""
    row = store.rater_by_token(rater.token).id
    mine = [rating for rating in store.ratings() if rating.rater == row]
    return [rating.score for rating in sorted(mine, key=lambda rating: rating.position)]


def rate_all(rater: Visitor, choose: Callable[[int], None]) -> tuple[list[str], list[int]]:
    """Score every image; return what the page called them, and the scores."""
    places, given, more = [], [], True
    while more:
        places.append(rater.place)
        given.append(1 + len(given) % 4)
        rater.look()
        choose(given[-1])
        more = rater.wait_for_change(places[-1])
    return places, given


def test_a_whole_session_by_mouse(visit: Come, store: RatingStore) -> None:
    rater = visit(agreed=False)
    rater.open()
    expect(rater.page.get_by_role("heading", name="Before you begin")).to_be_visible(timeout=PATIENCE)
    expect(rater.page.get_by_role("button", name="Continue")).to_be_disabled()
    rater.page.get_by_text("I have read this and agree").click()
    rater.page.get_by_role("button", name="Continue").click()
    expect(rater.page.locator(".scale img")).to_have_count(2, timeout=PATIENCE)
    rater.page.get_by_role("button", name="Begin").click()
    rater.wait_for_image(SHOWINGS[0])
    places, given = rate_all(rater, lambda score: rater.score_button(score).click())
    assert places == SHOWINGS
    assert kept(store, rater) == given
    assert rater.code() == store.rater_by_token(rater.token).completion_code != ""
    assert not rater.elsewhere


def test_a_whole_session_by_keyboard(visit: Come, store: RatingStore) -> None:
    rater = visit(agreed=False)
    keyboard = rater.page.keyboard
    rater.open()
    _tab_to(rater, rater.page.get_by_role("checkbox"))
    keyboard.press("Space")
    expect(rater.page.get_by_role("button", name="Continue")).to_be_enabled(timeout=PATIENCE)
    _tab_to(rater, rater.page.get_by_role("button", name="Continue"))
    keyboard.press("Enter")
    _tab_to(rater, rater.page.get_by_role("button", name="Begin"))
    keyboard.press("Enter")
    rater.wait_for_image(SHOWINGS[0])
    _tab_to(rater, rater.score_button(1))  # who cannot press digits chooses with Tab and Enter
    rater.look()
    keyboard.press("Enter")
    rater.wait_for_image(SHOWINGS[1])
    expect(rater.score_button(1)).to_be_focused()
    _, given = rate_all(rater, lambda score: keyboard.press(str(score)))
    assert kept(store, rater) == [1, *given]
    assert rater.code()


def _tab_to(rater: Visitor, target: Locator) -> None:
    expect(target).to_be_visible(timeout=PATIENCE)
    for _ in range(12):
        rater.page.keyboard.press("Tab")
        if target.evaluate("node => node.matches(':focus') || node.getRootNode().activeElement === node"):
            return
    raise AssertionError(f"Tab never reaches {target}")


def test_a_reload_or_another_device_goes_on_at_the_same_image(visit: Come) -> None:
    rater = visit()
    rater.begin()
    rater.look()
    rater.page.keyboard.press("2")
    rater.wait_for_image(SHOWINGS[1])
    seen = rater.image()
    rater.page.reload()
    rater.wait_for_image(SHOWINGS[1])
    assert rater.image() == seen
    elsewhere = visit(token=rater.token, viewport={"width": 390, "height": 844})
    elsewhere.open()
    elsewhere.wait_for_image(SHOWINGS[1])
    assert elsewhere.image() == seen


def test_two_raters_at_once_do_not_disturb_each_other(visit: Come, store: RatingStore) -> None:
    raters = [visit(), visit()]
    for rater in raters:
        rater.begin()
    for place in SHOWINGS[1:4]:
        for score, rater in enumerate(raters, start=2):
            rater.look()
            rater.page.keyboard.press(str(score))
            rater.wait_for_image(place)
    assert [kept(store, rater) for rater in raters] == [[2, 2, 2], [3, 3, 3]]


def test_a_double_click_and_held_keys_give_one_rating_each(visit: Come, store: RatingStore) -> None:
    rater = visit()
    rater.begin()
    rater.look()
    rater.score_button(4).dblclick()
    rater.wait_for_image(SHOWINGS[1])
    rater.look()
    _hold(rater, "3")
    rater.wait_for_image(SHOWINGS[2])
    rater.score_button(2).focus()
    _hold(rater, "Enter")
    rater.wait_for_image(SHOWINGS[3])
    rater.look()
    assert kept(store, rater) == [4, 3, 2]


def _hold(rater: Visitor, key: str) -> None:
    """Hold a key for 1.2 seconds, which a keyboard repeats 30 times in a second."""
    for _ in range(36):
        rater.page.keyboard.down(key)
        rater.look(33)
    rater.page.keyboard.up(key)


def test_five_quick_keys_give_one_rating(visit: Come, store: RatingStore) -> None:
    rater = visit()
    rater.begin()
    rater.look()
    for key in "12341":
        rater.page.keyboard.press(key)
    rater.wait_for_image(SHOWINGS[1])
    assert kept(store, rater) == [1]


def test_a_pause_hides_the_image_and_tells_how_to_come_back(visit: Come, store: RatingStore) -> None:
    rater = visit()
    rater.begin()
    rater.page.get_by_role("button", name="Pause").click()
    expect(rater.page.locator(".link")).to_have_text(rater.link)
    expect(rater.page.locator(".stage")).to_be_hidden()
    rater.page.keyboard.press("3")
    rater.page.get_by_role("button", name="Go on").click()
    rater.wait_for_image(SHOWINGS[0])
    assert kept(store, rater) == []
    assert store.overview().events["pause"] == store.overview().events["resume"]


def test_a_choice_made_without_a_connection_is_kept_and_sent_once_it_is_back(visit: Come, store: RatingStore) -> None:
    rater = visit()
    rater.begin()
    rater.look()
    rater.context.set_offline(True)
    rater.page.keyboard.press("3")
    status = rater.page.locator(".status")
    expect(status).to_contain_text("Your answer (3, good) is kept", timeout=PATIENCE)
    rater.page.keyboard.press("1")  # what was chosen stands
    assert kept(store, rater) == []
    rater.context.set_offline(False)
    rater.wait_for_image(SHOWINGS[1])
    assert kept(store, rater) == [3]
    expect(status).to_have_text("")


def test_what_the_server_cannot_do_now_is_told_and_can_be_done_later(visit: Come, store: RatingStore) -> None:
    rater = visit()
    rater.begin()
    status = rater.page.locator(".status")
    answers = [
        (507, {"error": "full", "message": "No room just now."}),
        (503, {"error": "busy", "message": "busy"}),
        (503, {"error": "busy", "message": "busy"}),
    ]

    def refuse(route: Route) -> None:
        if not answers:
            route.continue_()
        else:
            code, body = answers.pop(0)
            route.fulfill(status=code, json=body)

    rater.page.route("**/rating/score", refuse)
    rater.look()
    rater.page.keyboard.press("2")
    expect(status).to_have_text("No room just now.", timeout=PATIENCE)
    rater.page.keyboard.press("3")  # another choice can be made, for none was kept
    expect(status).to_have_text("The server is busy. Your answer (3, good) is kept and sent again.", timeout=PATIENCE)
    rater.wait_for_image(SHOWINGS[1])
    assert kept(store, rater) == [3]


def test_an_image_that_went_to_somebody_else_is_followed_by_the_next(visit: Come, store: RatingStore) -> None:
    rater = visit()
    rater.begin()
    gone = {"error": "gone", "message": "gone"}
    rater.page.route("**/rating/score", lambda route: route.fulfill(status=409, json=gone), times=1)
    rater.look()
    rater.page.keyboard.press("2")
    expect(rater.page.locator(".status")).to_contain_text("was passed on", timeout=PATIENCE)
    rater.wait_for_image(SHOWINGS[0])
    assert kept(store, rater) == []


def test_a_study_that_is_closed_meanwhile_says_so(visit: Come, store: RatingStore) -> None:
    rater = visit()
    rater.begin()
    store.close_study()
    try:
        rater.look()
        rater.page.keyboard.press("2")
        expect(rater.page.get_by_role("heading", name="This study is closed")).to_be_visible(timeout=PATIENCE)
    finally:
        store.reopen_study()


def test_a_server_that_dies_and_comes_back_loses_nothing(visit: Come, place: StudyFolder, store: RatingStore) -> None:
    rater = visit()
    log = place.path.parent / "other-log"
    with served(place.path, log) as first:
        rater.address = first.address
        rater.begin()
        rater.look()
        first.process.kill()
    rater.page.keyboard.press("4")
    expect(rater.page.locator(".status")).to_contain_text("Your answer (4, high quality) is kept", timeout=PATIENCE)
    with served(place.path, log, "--port", str(first.client.port)):
        rater.wait_for_image(SHOWINGS[1])
        rater.look()
        rater.page.keyboard.press("1")
        rater.wait_for_image(SHOWINGS[2])
    assert kept(store, rater) == [4, 1]
