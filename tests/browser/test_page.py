"""What the rating page shows and what it does not, in a real browser."""

import re
from collections.abc import Callable

import pytest
from browser_rater import PATIENCE, Visitor, Wire
from playwright.sync_api import Route, expect
from rating.page_server import RunningServer

from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.store import RatingStore

pytestmark = pytest.mark.browser

Come = Callable[..., Visitor]


@pytest.fixture
def rater(visit: Come) -> Visitor:
    """Somebody who looks at the first image."""
    rater = visit()
    rater.begin()
    return rater


def test_nothing_that_the_browser_receives_tells_whose_images_they_are(
    visit: Come, server: RunningServer, place: StudyFolder, secrets_of_the_owner: tuple[str, ...]
) -> None:
    rater, wire = visit(), Wire(server.client.port)
    rater.address = wire.address
    rater.begin()
    for number in range(4):
        shown = rater.place
        rater.look()
        rater.page.keyboard.press(str(1 + number))
        rater.wait_for_change(shown)
    shown, picture = rater.page.content(), rater.image()
    addresses = rater.page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name).join()")
    wire.close()
    study = place.read()
    words = [*secrets_of_the_owner, study.hash, "sbgan", str(place.path), "stratum"]
    words += [image.id for image in study.images] + [image.sha256 for image in study.images]
    received = [*wire.received, shown.encode(), addresses.encode()]
    for seen in (b"101 Switching Protocols", study.scale.question.encode(), b"/rating/image/", picture):
        assert any(seen in text for text in received)  # nothing of it is compressed
    assert not [word for word in words for text in received if word.lower().encode() in text.lower()]
    assert not rater.elsewhere


def test_an_image_is_the_file_byte_for_byte_and_pixel_for_pixel(rater: Visitor, place: StudyFolder) -> None:
    files = {path.read_bytes() for path in place.images.glob("*.png")}
    assert rater.image() in files
    image = rater.page.locator(".stage img")
    sizes = image.evaluate(
        "node => [node.naturalWidth, node.clientWidth, node.naturalHeight, node.clientHeight, devicePixelRatio]"
    )
    study = place.read()
    assert sizes == [study.width, study.width, study.height, study.height, 1]
    assert image.evaluate("node => getComputedStyle(node).imageRendering") == "auto"
    box = image.bounding_box()
    assert box is not None
    assert box["x"] == int(box["x"])  # on whole pixels, so that nothing is interpolated
    assert box["y"] == int(box["y"])


@pytest.mark.parametrize("path", ["results", "dashboard"])
def test_no_other_page_exists(visit: Come, server: RunningServer, path: str) -> None:
    stranger = visit()
    stranger.page.goto(f"{server.address}/{path}")
    expect(stranger.page.get_by_text(re.compile("Image rating|Page not found")).first).to_be_visible(timeout=PATIENCE)
    text = stranger.page.locator("body").inner_text()
    assert not re.search("Krippendorff|Table 3|interval|FID|zebragan", text)


def test_it_is_read_well_by_a_screen_reader(rater: Visitor, place: StudyFolder) -> None:
    study, page = place.read(), rater.page
    group = page.get_by_role("group", name=study.scale.question)
    for score, label in enumerate(study.scale.labels, start=1):
        expect(group.get_by_role("button", name=f"{score}, {label}", exact=True)).to_be_visible()
    expect(page.get_by_role("img", name="Practice 1 of 2", exact=True)).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Practice 1 of 2")).to_have_attribute("aria-live", "polite")
    expect(page.get_by_role("progressbar", name="Progress")).to_be_visible()
    early = {"error": "early", "message": "too early", "wait_ms": 100}
    page.route("**/rating/score", lambda route: route.fulfill(status=425, json=early), times=1)
    page.keyboard.press("2")
    expect(page.get_by_role("status").filter(has_text="look a moment longer")).to_be_visible()


def test_it_fits_a_phone_and_is_rated_by_touch(visit: Come, store: RatingStore) -> None:
    rater = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=3)
    rater.begin()
    boxes = [rater.score_button(score).bounding_box() for score in range(1, 5)]
    for box in boxes:
        assert box is not None
        assert box["height"] >= 44
        assert box["width"] >= 44
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
        assert box["y"] + box["height"] <= 844
    assert rater.page.evaluate("document.documentElement.scrollWidth") <= 390
    rater.look()
    rater.score_button(3).tap()
    rater.wait_for_image("Practice 2 of 2")
    expect(rater.score_button(3)).not_to_be_focused()  # nothing says what the image before got
    colours = {rater.score_button(score).evaluate("node => getComputedStyle(node).borderColor") for score in (3, 4)}
    assert len(colours) == 1
    assert store.overview().events["display"] >= 1


def test_an_image_that_is_not_there_is_said_and_not_asked_for_for_ever(visit: Come) -> None:
    rater = visit()
    rater.begin()
    asked: list[str] = []
    missing = {"error": "missing", "message": "This image cannot be shown now."}

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=404, json=missing)

    rater.page.route("**/rating/image/*", answer)
    rater.look()
    rater.page.keyboard.press("3")
    expect(rater.page.get_by_role("status").filter(has_text="cannot be shown")).to_be_visible(timeout=PATIENCE)
    expect(rater.score_button(3)).to_be_disabled()
    rater.page.wait_for_timeout(500)
    assert len(asked) == 1


def test_an_image_wider_than_the_screen_moves_in_its_box(visit: Come) -> None:
    rater = visit(viewport={"width": 200, "height": 700})
    rater.begin()
    expect(rater.page.locator(".wider")).to_be_visible()
    stage = rater.page.locator(".stage")
    assert stage.evaluate("node => node.scrollWidth > node.clientWidth")
    assert stage.evaluate("node => node.tabIndex") == 0
    assert rater.page.evaluate("document.documentElement.scrollWidth") <= 200


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(visit: Come, scheme: str) -> None:
    rater = visit(color_scheme=scheme)
    rater.begin()
    colours = rater.score_button(1).evaluate(
        "node => [getComputedStyle(node).color, getComputedStyle(node).backgroundColor]"
    )
    text, behind = (luminance(colour) for colour in colours)
    assert (text > behind) == (scheme == "dark")
    assert (max(text, behind) + 0.05) / (min(text, behind) + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


def luminance(colour: str) -> float:
    """Return the relative luminance of "rgb(R, G, B)" by WCAG 2.2."""
    channels = [int(value) / 255 for value in re.findall(r"\d+", colour)[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
