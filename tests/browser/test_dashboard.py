"""The dashboard in a real browser: its main paths, shared addresses, the editor, and folders that mean harm."""

import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from dashboard.hostile_runs import hostile_run
from dashboard.visiting import Visitor, chromium, dashboard, free_port, serving
from playwright.sync_api import Browser
from report.fake_run import CLASSES, build

from sbgan_bench.dashboard.shell import PAGES
from sbgan_bench.manifest import FitRecord, Manifest
from sbgan_bench.model import SceneSpec
from sbgan_bench.sbgan.image_stage import ImageStage
from sbgan_bench.sbgan.image_training import ImageStageSettings

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose SPADE can be asked to paint."""
    folder = build(tmp_path_factory.mktemp("runs") / "painted")
    small = {"base_width": 4, "hidden": 4, "upsampling": "small", "discriminator_width": 4, "perceptual": "none"}
    model = ImageStage.build(ImageStageSettings.model_validate(small), SceneSpec(len(CLASSES), (32, 64)), seed=0)
    for parameter in model.painter.generator.parameters():
        parameter.data.mul_(3.0)  # fresh weights paint everything the same grey
    model.save(folder / "models/spade")
    manifest = Manifest.read(folder)
    fits = [
        one.model_copy(update={"folder": "models/spade"}) if _is_first_spade(one) else one for one in manifest.fits
    ]
    manifest.model_copy(update={"fits": tuple(fits)}).write(folder)
    return folder


def _is_first_spade(fit: FitRecord) -> bool:
    return fit.model == "spade" and fit.training_seed == 0


@pytest.fixture(scope="module")
def address(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    other = build(tmp_path_factory.mktemp("others") / "other")
    with dashboard(run, other) as served:
        yield served


@pytest.fixture
def visitor(browser: Browser, address: str) -> Iterator[Visitor]:
    somebody = Visitor(browser, address)
    yield somebody
    assert not somebody.strangers
    assert not somebody.errors
    somebody.context.close()


def test_a_reader_walks_through_all_pages(visitor: Visitor) -> None:
    visitor.opens("?run=painted")
    assert "Told apart from ProGAN" in visitor.text
    for title, _ in PAGES.values():
        visitor.goes_to(title)
        assert "run=painted" in visitor.page.url
        assert visitor.page.locator('[data-testid="stException"]').count() == 0


def test_pictures_come_when_they_are_in_sight(visitor: Visitor) -> None:
    visitor.opens("?run=painted")
    shown = "() => [...document.querySelectorAll('.sb-strip img')].filter((one) => one.naturalWidth > 0).length"
    visitor.page.wait_for_function(f"({shown})() >= 24")
    asked = [url for url in visitor.requests if "/pictures/" in url]
    assert len(asked) < 200


def test_a_shared_address_opens_the_same_view(visitor: Visitor, browser: Browser, address: str) -> None:
    visitor.opens("tables?run=painted")
    visitor.page.locator("button", has_text="Table 2").first.click()
    visitor.page.wait_for_url("**table=Table+2**")
    visitor.page.get_by_role("combobox", name="Protocol").click()
    visitor.page.get_by_role("option", name="texture", exact=True).click()
    visitor.page.wait_for_url("**protocol=texture**")
    visitor.page.keyboard.press("Escape")
    visitor.rests()
    other = Visitor(browser, address)
    other.opens(visitor.page.url.removeprefix(f"{address}/"))
    assert other.text == visitor.text
    assert "scene ssssssss" not in other.text
    other.context.close()


def test_going_back_goes_back(visitor: Visitor) -> None:
    visitor.opens("?run=painted")
    visitor.page.get_by_role("combobox", name="Run").click()
    visitor.page.get_by_role("option", name="other", exact=True).click()
    visitor.page.wait_for_url("**run=other**")
    visitor.page.go_back()
    visitor.page.wait_for_url("**run=painted**")
    visitor.rests()
    assert visitor.page.get_by_role("combobox", name="Run").input_value() in ("painted", "")


def test_a_tile_that_is_clicked_is_shown_large_and_named_in_the_address(visitor: Visitor) -> None:
    visitor.opens("samples?run=painted")
    visitor.page.get_by_role("button", name="Scene 4 of BigGAN").click()
    visitor.page.wait_for_url("**tile=4**")
    visitor.page.get_by_text("Scene 4, large").wait_for()
    visitor.page.get_by_role("button", name="Scene 4 of BigGAN").focus()
    visitor.page.keyboard.press("ArrowRight")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("Scene 5, large").wait_for()


def test_a_table_is_downloaded_as_the_report_writes_it(visitor: Visitor) -> None:
    visitor.opens("tables?run=painted")
    for name, part in (("CSV", "table,row,detail"), ("LaTeX", "begin{tabular}"), ("Markdown", "| model |")):
        with visitor.page.expect_download() as download:
            visitor.page.get_by_role("button", name=name).click()
        assert part in Path(download.value.path()).read_text(encoding="utf-8")


def test_a_drawn_layout_is_painted(visitor: Visitor) -> None:
    visitor.opens("samples?run=painted&view=Layout+editor&layout=a+blank+one")
    page = visitor.page
    canvas = page.locator("canvas")
    page.get_by_text("car", exact=True).click()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Paint image").click()
    image = page.get_by_role("img", name="The image painted from the layout")
    image.wait_for()
    first = image.get_attribute("src")
    canvas.focus()
    for key in ("ArrowDown", "ArrowDown", "]", " ", "f", " ", "Enter"):
        page.keyboard.press(key)
    for _ in range(100):
        if image.get_attribute("src") != first:
            break
        page.wait_for_timeout(200)
    assert image.get_attribute("src") != first
    assert page.get_by_text("Painted by SPADE").count() == 1


def test_what_a_hostile_folder_holds_does_nothing(browser: Browser, tmp_path: Path) -> None:
    with dashboard(hostile_run(tmp_path / "hostile")) as address:
        visitor = Visitor(browser, address)
        for page in PAGES:
            visitor.opens(page if page != "overview" else "")
            visitor.page.mouse.wheel(0, 4000)
            visitor.page.wait_for_timeout(300)
            assert visitor.page.evaluate("() => window.attacked") is None
            assert visitor.page.locator('[data-testid="stException"]').count() == 0
            assert visitor.page.locator('[data-testid="stMain"] :is(iframe, script, object, embed)').count() == 0
        assert not visitor.strangers
        assert not visitor.errors


def test_streamlit_run_serves_the_same_to_this_machine_alone(run: Path, browser: Browser) -> None:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--", str(run)]
    with serving(command, port) as address:
        visitor = Visitor(browser, address)
        visitor.opens()
        assert "Told apart from ProGAN" in visitor.text
        visitor.page.wait_for_function("() => document.querySelector('.sb-strip img')?.naturalWidth > 0")
        assert not visitor.strangers
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen(f"http://[::1]:{port}/_stcore/health", timeout=2)
        request = urllib.request.Request(f"{address}/pictures/x/tile/0/image/0", headers={"Host": "attacker.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request, timeout=5)
