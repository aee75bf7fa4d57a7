"""The exported form in a real browser, by keyboard and by mouse, with and without Mechanical Turk's own elements."""

import mimetypes
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from rating.crowd.turk_results import input_rows
from rating.studies import make_study

from sbgan_bench.rating.crowd.batch import BatchFolder
from sbgan_bench.rating.crowd.exporting import export_batch
from sbgan_bench.rating.crowd.template import fill_template
from sbgan_bench.rating.study import Timing

CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Debian's chromium")]
SITE = "https://lab.example.org/a"
#: What crowd-form does, as far as a form can tell: a button, a check, and flattened answers.
CROWD_ELEMENTS = """
customElements.define("crowd-form", class extends HTMLElement {
  connectedCallback() {
    window.addEventListener("DOMContentLoaded", () => {
      const button = document.createElement("button");
      button.textContent = "Submit";
      button.onclick = () => {
        const fields = Array.from(this.querySelectorAll("input"));
        window.refused = fields.find((field) => !field.reportValidity())?.name;
        window.answers = window.refused ? undefined
          : Object.fromEntries(fields.map((field) => [field.name + "." + field.value, field.checked]));
      };
      this.append(button);
    });
  }
});
"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> BatchFolder:
    """Return a batch of two HITs, of three images and of two."""
    home = tmp_path_factory.mktemp("form")
    folder = make_study(home / "study", cells=1, images_per_cell=5, size=(40, 80), timing=Timing(minimum_ms=100))
    export_batch(folder, home / "batch", url_base=SITE, images_per_hit=3)
    return BatchFolder(home / "batch")


def opened(chromium: Any, batch: BatchFolder, hit: int, *, elements: bool = True, width: int = 1000) -> Any:
    """Open a HIT; nothing but the images and, if wanted, Mechanical Turk's elements can be reached."""
    page = chromium.new_page(viewport={"width": width, "height": 700})
    html = fill_template(batch.template.read_text(encoding="utf-8"), input_rows(batch)[hit])

    def answer(route: Any) -> None:
        url = route.request.url
        file = batch.images / url.rsplit("/", 1)[-1]
        if url == f"{SITE}/hit":
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        elif url.startswith(SITE) and file.is_file():
            route.fulfill(body=file.read_bytes(), content_type=mimetypes.guess_type(file.name)[0])
        elif elements and url == "https://assets.crowd.aws/crowd-html-elements.js":
            route.fulfill(body=CROWD_ELEMENTS, content_type="text/javascript")
        else:
            route.abort()

    page.add_init_script("window.time = 10000; performance.now = () => window.time;")
    page.route("**/*", answer)
    page.goto(f"{SITE}/hit")
    return page


def checked(page: Any) -> list[str]:
    return list(page.evaluate("Array.from(document.querySelectorAll('input:checked'), e => e.name + '=' + e.value)"))


def test_a_hit_by_keyboard_alone(chromium: Any, batch: BatchFolder) -> None:
    page = opened(chromium, batch, 0)
    page.keyboard.press("1")
    assert checked(page) == []
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert checked(page) == ["consent=yes"]
    for number, key in enumerate("413", start=1):
        page.evaluate("window.time += 100")
        page.keyboard.press(key)
        page.keyboard.press(key)  # too soon for the next image
        assert len(checked(page)) == 1 + number
    page.get_by_role("button", name="Submit").focus()
    page.keyboard.press("Enter")
    answers = page.evaluate("window.answers")
    assert sorted(name for name, value in answers.items() if value) == [
        "consent.yes", "score_1.4", "score_2.1", "score_3.3",
    ]  # fmt: skip
    assert len(answers) == 1 + 3 * 4
    page.close()


def test_arrow_keys_stay_with_the_image_they_answer(chromium: Any, batch: BatchFolder) -> None:
    page = opened(chromium, batch, 0)
    page.check("#consent")
    page.focus("input[name=score_1][value='1']")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert checked(page) == ["consent=yes", "score_1=2"]
    assert page.evaluate("document.activeElement.name") == "score_1"
    page.close()


def test_a_shorter_hit_by_mouse_on_a_phone(chromium: Any, batch: BatchFolder) -> None:
    page = opened(chromium, batch, 1, width=390)
    assert not page.locator("fieldset").first.is_visible()
    page.get_by_text("I have read this and agree.").click()
    assert page.locator(".trial").count() == 2
    page.get_by_text("poor").nth(1).click()
    page.get_by_role("button", name="Submit").click()
    assert page.evaluate("window.refused") == "score_2"
    page.locator("label", has=page.locator("input[name=score_2][value='4']")).click()
    page.get_by_role("button", name="Submit").click()
    answers = page.evaluate("window.answers")
    assert sorted(name for name, value in answers.items() if value) == ["consent.yes", "score_1.2", "score_2.4"]
    page.close()


def test_images_are_shown_pixel_by_pixel(chromium: Any, batch: BatchFolder) -> None:
    page = opened(chromium, batch, 0)
    page.check("#consent")
    size = "image => [image.naturalWidth, image.naturalHeight, image.width, image.height]"
    sizes = page.evaluate(f"Array.from(document.querySelectorAll('.trial img'), {size})")
    assert sizes == [[80, 40, 80, 40]] * 3
    page.close()


def test_without_the_elements_it_can_still_be_read_and_says_what_is_missing(chromium: Any, batch: BatchFolder) -> None:
    page = opened(chromium, batch, 0, elements=False)
    page.check("#consent")
    assert page.get_by_text("terrible").last.is_visible()
    note = page.evaluate("getComputedStyle(document.querySelector('crowd-form'), '::after').content")
    assert "cannot be reached" in note
    page.close()
