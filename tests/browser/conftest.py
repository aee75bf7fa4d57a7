"""A real browser, a served study with telling names, and somebody who rates in it."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from browser_rater import Visitor
from playwright.sync_api import Browser, sync_playwright
from rating.page_server import RunningServer, served
from rating.studies import make_study

from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.opening import create_store
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import FrozenAnchor, Role, Timing
from sbgan_bench.storage import read_json, write_json

#: Words of the owner that no rater may read: a model, a dataset, a file, the folder of the study.
SECRETS = ("zebragan", "quaggaset", "quokka_0017", "okapi-against-tapir")
#: Milliseconds that raters have to look at an image.
DWELL = 200


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip(f"needs a browser: none of {', '.join(names)} is here")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
               "--disable-background-networking", "--disable-component-update", "--no-first-run"]  # fmt: skip
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """Two cells of eight images, four of them for a rater; practice, gold, a repeat and two examples."""
    place = make_study(
        tmp_path_factory.mktemp("study") / "okapi-against-tapir", images_per_cell=8, ratings_per_image=12, per_rater=4,
        practice=4, gold=1, repeats=1, size=(96, 192), timing=Timing(minimum_ms=DWELL), seed=7,
    )  # fmt: skip
    key = read_json(place.key)
    for cell in key["cells"]:
        cell.update(model="zebragan", title="zebragan", dataset="quaggaset")
    for secret in key["images"].values():
        secret["source"] = "quokka_0017.png"
    write_json(place.key, key)
    study = place.read()
    examples = study.of_role(Role.PRACTICE)[2:]
    anchors = tuple(
        FrozenAnchor(id=image.id, score=score, sha256=image.sha256)
        for image, score in zip(examples, (1, 4), strict=True)
    )
    images = tuple(image for image in study.images if image not in examples)
    frozen = study.model_copy(
        update={"images": images, "anchors": anchors, "title": "zebragan on quaggaset", "contact": "lab@example.org"}
    )
    write_json(place.frozen, frozen.to_json())
    return place


@pytest.fixture(scope="module")
def store(place: StudyFolder) -> Iterator[RatingStore]:
    store = create_store(place.default_store, place.read())
    yield store
    store.dispose()


@pytest.fixture(scope="module")
def server(place: StudyFolder, store: RatingStore) -> Iterator[RunningServer]:
    del store  # made before the server opens it
    with served(place.path, place.path.parent / "log") as running:
        yield running


@pytest.fixture
def secrets_of_the_owner() -> tuple[str, ...]:
    return SECRETS


@pytest.fixture
def visit(browser: Browser, server: RunningServer, store: RatingStore) -> Iterator[Callable[..., Visitor]]:
    """Return a function that opens the page for somebody new, or for a token, in a browser window of their own."""
    visitors: list[Visitor] = []

    def come(token: str = "", agreed: bool = True, **window: object) -> Visitor:
        if not token:
            (token,) = store.invite(1)
            if agreed:
                store.consent(store.rater_by_token(token).id, "hash")
        context = browser.new_context(**{"viewport": {"width": 1000, "height": 760}, **window})
        visitors.append(Visitor(context, server.address, token))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()
