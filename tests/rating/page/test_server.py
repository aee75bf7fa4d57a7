"""The rating server as a process: what it can know, what it tells, and what survives its end."""

import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from rating.page_server import Client, RunningServer, served
from rating.studies import make_study

from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.page.application import SETTINGS
from sbgan_bench.rating.store.opening import create_store, open_store
from sbgan_bench.rating.store.store import RatingStore


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A study whose owner's part was taken away."""
    place = make_study(tmp_path_factory.mktemp("hidden-study-place") / "spade-against-progan", images_per_cell=20)
    create_store(place.default_store, place.read()).dispose()
    shutil.rmtree(place.owner)
    return place


@pytest.fixture(scope="module")
def server(place: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningServer]:
    with served(place.path, tmp_path_factory.mktemp("log") / "log") as running:
        yield running


@pytest.fixture
def store(place: StudyFolder) -> Iterator[RatingStore]:
    store = open_store(place.default_store, place.read())
    yield store
    store.dispose()


def agreed(store: RatingStore) -> str:
    (token,) = store.invite(1)
    store.consent(store.rater_by_token(token).id, "hash")
    return token


def kept(store: RatingStore, token: str) -> list[int]:
    rater = store.rater_by_token(token).id
    return [rating.score for rating in store.ratings() if rating.rater == rater]


def rate(client: Client, token: str, count: int) -> list[int]:
    """Score images; return what was acknowledged."""
    given = []
    trial = client.next(token).json["trial"]
    while trial is not None and len(given) < count:
        client.image(trial["slot"])
        score = 1 + len(given) % 4
        answer = client.score(token, trial["slot"], score)
        assert answer.status == 200
        given.append(score)
        trial = answer.json["trial"]
    return given


def test_nothing_of_results_or_models_is_in_the_process() -> None:
    code = """if True:
        import sys
        import sbgan_bench.rating.page.serving, sbgan_bench.rating.page.shell
        foreign = ("torch", "torchvision", "matplotlib", "scipy", "sbgan_bench.rating.analysis", "sbgan_bench.report",
                   "sbgan_bench.results", "sbgan_bench.rating.reporting", "sbgan_bench.rating.freezing")
        print([name for name in foreign if name in sys.modules])
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_it_works_without_the_owners_part(server: RunningServer, store: RatingStore) -> None:
    token = agreed(store)
    assert kept(store, token) == [] != (given := rate(server.client, token, 3))
    assert kept(store, token) == given


@pytest.mark.parametrize("path", ["results", "dashboard", "report", "owner/key.json", "study.json", "page.py"])
def test_every_other_address_is_the_same_shell(server: RunningServer, path: str) -> None:
    answer = server.client.ask("GET", f"/{path}")
    assert answer.status == 404 or answer.body == server.client.ask("GET", "/").body


@pytest.mark.parametrize("path", ["_stcore/host-config", "_stcore/health", "_stcore/metrics", "media/x", "component/x",
                                  "_stcore/agent/openapi.json", "app/static/study.json"])  # fmt: skip
def test_no_address_names_the_study_or_this_package(server: RunningServer, path: str) -> None:
    answer = server.client.ask("GET", f"/{path}")
    told = answer.body.decode(errors="replace") + str(answer.headers)
    assert not [word for word in ("sbgan", "spade", "progan", "hidden-study-place", "model-a") if word in told.lower()]


def test_raters_are_told_no_metrics(server: RunningServer) -> None:
    answer = server.client.ask("GET", "/_stcore/metrics")
    assert (answer.status, answer.body) == (404, b"")


def test_agents_files_and_code_are_switched_off(server: RunningServer) -> None:
    assert server.client.ask("POST", "/_stcore/agent/interact", body={}).status in (403, 404)
    assert SETTINGS["client.showErrorDetails"] == "none"
    assert SETTINGS["browser.gatherUsageStats"] is False


def test_addresses_are_told_to_no_other_site(server: RunningServer) -> None:
    for path in ("/", "/rating/image/x.png"):
        headers = server.client.ask("GET", path).headers
        assert headers["referrer-policy"] == "same-origin"
        assert "noindex" in headers["x-robots-tag"]
        assert "server" not in headers


def test_a_token_and_an_id_land_in_no_log(server: RunningServer, store: RatingStore) -> None:
    token = agreed(store)
    server.client.ask("GET", f"/?token={token}&PROLIFIC_PID=0123456789abcdef01234567")
    server.client.next(token)
    server.client.ask("POST", "/rating/score", token, b"nonsense")
    assert server.log.read_text() == ""


def test_what_was_acknowledged_survives_kill_9_and_the_rater_goes_on(place: StudyFolder, tmp_path: Path) -> None:
    store = open_store(place.default_store, place.read())
    token = agreed(store)
    with served(place.path, tmp_path / "log") as first:
        given = rate(first.client, token, 4)
        slot = first.client.next(token).json["trial"]["slot"]
        first.stop(signal.SIGKILL)
    assert kept(store, token) == given
    with served(place.path, tmp_path / "log") as second:
        assert second.client.next(token).json["trial"]["slot"] == slot
        given += rate(second.client, token, 3)
        start = time.monotonic()
        second.stop(signal.SIGTERM)
        assert time.monotonic() - start < 8
    assert kept(store, token) == given
    store.dispose()


def test_several_processes_serve_one_session(place: StudyFolder, tmp_path: Path) -> None:
    store = open_store(place.default_store, place.read())
    token = agreed(store)
    with served(place.path, tmp_path / "log", "--processes", "2") as running:
        given = rate(running.client, token, 10)
        running.stop(signal.SIGKILL)
        assert _ends(running.client)
    assert kept(store, token) == given
    store.dispose()


def _ends(client: Client) -> bool:
    """Wait until nobody answers: workers end with the process that started them."""
    for _ in range(100):
        try:
            client.ask("GET", "/_stcore/health")
        except OSError:
            return True
        time.sleep(0.1)
    return False


def test_a_port_that_is_taken_is_named(server: RunningServer, place: StudyFolder) -> None:
    command = [
        sys.executable,
        "-m",
        "sbgan_bench",
        "rate",
        "serve",
        str(place.path),
        "--port",
        str(server.client.port),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"port {server.client.port}" in done.stderr
    assert "--port" in done.stderr


@pytest.mark.parametrize("processes", ["1", "2"])
def test_ctrl_c_is_no_failure(place: StudyFolder, tmp_path: Path, processes: str) -> None:
    with served(place.path, tmp_path / "log", "--processes", processes) as running:
        assert running.stop(signal.SIGINT) == 0
        assert running.process.stdout is not None
        assert running.process.stdout.read() == "Stopped. Raters can go on when it is served again.\n"
    assert "Traceback" not in running.log.read_text()


def test_without_its_images_a_study_is_not_served(tmp_path: Path) -> None:
    place = make_study(tmp_path / "study")
    create_store(place.default_store, place.read()).dispose()
    gone = place.image(place.read().images[0].id)
    gone.unlink()
    command = [sys.executable, "-m", "sbgan_bench", "rate", "serve", str(place.path), "--port", "0"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "1 of 7 images" in done.stderr
    assert gone.name in done.stderr
