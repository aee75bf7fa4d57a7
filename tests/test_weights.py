import dataclasses
import hashlib
import http.server
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from sbgan_bench import downloading, weights
from sbgan_bench.cli import main
from sbgan_bench.downloading import fetch_weights
from sbgan_bench.errors import BenchError, CorruptFileError, DataError
from sbgan_bench.plugins import PluginGroup, installed, load_plugin
from sbgan_bench.protocol import Weights
from sbgan_bench.storage import CannotWriteError
from sbgan_bench.weights import (
    ChosenWeights,
    WeightsFile,
    adopt_weights,
    check_weights,
    chosen_weights,
    present_weights,
)

CONTENT = bytes(range(256)) * 4096


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))


class Server(http.server.ThreadingHTTPServer):
    """Serves one file, with the faults a test asks for; notes the ranges it was asked for."""

    content = CONTENT
    ranges = True  #: whether it can start in the middle
    stop_after: int | None = None  #: bytes of a body after which it hangs up
    lengths = True  #: whether it says how long bodies are
    status: int | None = None

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.asked: list[str | None] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/some-0a1b2c3d.pth"


class Handler(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        asked = self.headers.get("Range")
        self.server.asked.append(asked)
        if self.server.status is not None:
            self.send_error(self.server.status)
            return
        start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked and self.server.ranges else 0
        body = self.server.content[start:]
        self.send_response(206 if start else 200)
        if self.server.lengths:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: self.server.stop_after])

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    serving = Server()
    thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield serving
    serving.shutdown()
    thread.join()
    serving.server_close()


@pytest.fixture
def record(server) -> WeightsFile:
    return WeightsFile(
        name="some",
        file="some-0a1b2c3d.pth",
        url=server.url,
        sha256=hashlib.sha256(CONTENT).hexdigest()[:8],
        size=len(CONTENT),
        licence="none",
        used_for="tests",
    )


def silent(done: int, total: int) -> None:
    pass


def leftovers(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()}


def test_a_download_is_reported_verified_and_not_repeated(server, record):
    told = []
    path = fetch_weights(record, lambda done, total: told.append((done, total)))
    assert path == record.in_folder() == present_weights(record)
    assert path.read_bytes() == CONTENT
    assert told[-1] == (len(CONTENT), len(CONTENT))
    assert told == sorted(told)
    assert fetch_weights(record, silent) == path
    assert server.asked == [None]
    assert leftovers(path.parent) == {record.file}


def test_it_goes_on_where_it_stopped(server, record, tmp_path):
    server.stop_after = 300_000
    with pytest.raises(DataError, match=r"stopped after 300,000 of 1,048,576 bytes.*goes on from there.*--from FILE"):
        fetch_weights(record, silent, tmp_path)
    assert not record.in_folder(tmp_path).exists()
    server.stop_after = None
    assert fetch_weights(record, silent, tmp_path).read_bytes() == CONTENT
    assert server.asked == [None, "bytes=300000-"]


def test_a_server_that_cannot_go_on_starts_afresh(server, record, tmp_path):
    server.stop_after, server.ranges = 300_000, False
    with pytest.raises(DataError, match="stopped"):
        fetch_weights(record, silent, tmp_path)
    server.stop_after = None
    assert fetch_weights(record, silent, tmp_path).read_bytes() == CONTENT


def test_a_process_killed_before_the_last_step_need_not_download_again(server, record, tmp_path):
    (tmp_path / f".{record.file}.download").write_bytes(CONTENT)
    assert fetch_weights(record, silent, tmp_path).read_bytes() == CONTENT
    assert server.asked == []


@pytest.mark.parametrize("lengths", [True, False])
@pytest.mark.parametrize("content", [CONTENT[::-1], CONTENT + b"more", b"<html>Please log in</html>"])
def test_anything_else_than_the_file_never_takes_its_name(server, record, tmp_path, content, lengths):
    server.content, server.lengths = content, lengths
    with pytest.raises((CorruptFileError, DataError), match="--from FILE"):
        fetch_weights(record, silent, tmp_path)
    assert not record.in_folder(tmp_path).exists()
    server.content = CONTENT
    for _ in range(2):  # what was kept of the wrong file is found out and dropped
        try:
            assert fetch_weights(record, silent, tmp_path).read_bytes() == CONTENT
            return
        except CorruptFileError:
            pass
    pytest.fail("never recovered")


def test_a_file_that_went_bad_is_replaced(record, tmp_path):
    record.in_folder(tmp_path).write_bytes(b"half")
    assert fetch_weights(record, silent, tmp_path).read_bytes() == CONTENT


def test_no_internet_names_the_address_and_the_way_round(record):
    unreachable = dataclasses.replace(record, url="http://127.0.0.1:9/some.pth")
    with pytest.raises(
        DataError, match=r"http://127.0.0.1:9/some.pth cannot be reached.*weights fetch some --from FILE"
    ):
        fetch_weights(unreachable, silent)


def test_a_missing_page_and_a_foreign_scheme_are_refused(server, record):
    server.status = 404
    with pytest.raises(DataError, match="404 Not Found"):
        fetch_weights(record, silent)
    with pytest.raises(BenchError, match="no web address"):
        fetch_weights(dataclasses.replace(record, url="file:///etc/hostname"), silent)


def test_a_folder_that_cannot_be_is_named(record, tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises((CannotWriteError, BenchError), match="taken"):
        fetch_weights(record, silent, tmp_path / "taken")


def test_a_file_fetched_by_hand_is_taken_only_if_it_is_the_one(record, tmp_path):
    given = tmp_path / "from a friend.bin"
    given.write_bytes(CONTENT[:-1])
    with pytest.raises(CorruptFileError, match="cut short"):
        adopt_weights(given, record)
    given.write_bytes(CONTENT[::-1])
    with pytest.raises(CorruptFileError, match="not used as some"):
        adopt_weights(given, record)
    assert present_weights(record) is None
    given.write_bytes(CONTENT)
    path = adopt_weights(given, record)
    assert path == present_weights(record)
    assert given.exists()
    assert adopt_weights(path, record) == path


def test_other_known_weights_are_recognised_and_still_refused(record, tmp_path, monkeypatch):
    other = dataclasses.replace(record, name="other", sha256=hashlib.sha256(CONTENT[::-1]).hexdigest()[:8])
    monkeypatch.setattr(weights, "KNOWN", {"some": record, "other": other})
    given = tmp_path / "given"
    given.write_bytes(CONTENT[::-1])
    with pytest.raises(CorruptFileError, match=r"it is other\); it is not used as some"):
        check_weights(given, record)
    check_weights(given, other)


def test_the_commands(server, record, tmp_path, monkeypatch):
    monkeypatch.setattr(weights, "KNOWN", {"some": record})
    runner = CliRunner()
    missing = runner.invoke(main, ["weights", "path", "some"])
    assert missing.exit_code == 2
    assert "weights fetch some" in missing.output
    fetched = runner.invoke(main, ["weights", "fetch", "some"])
    assert fetched.exit_code == 0, fetched.output
    assert "verified" in fetched.output
    assert runner.invoke(main, ["weights", "path", "some"]).output.strip() == str(record.in_folder())
    assert "already" in runner.invoke(main, ["weights", "fetch", "some"]).output
    assert str(record.in_folder()) in runner.invoke(main, ["weights", "list", "--format", "json"]).output
    record.in_folder().write_bytes(CONTENT[::-1])
    assert "damaged" in runner.invoke(main, ["weights", "list"]).output
    given = tmp_path / "given"
    given.write_bytes(CONTENT)
    elsewhere = runner.invoke(main, ["weights", "fetch", "some", "--from", str(given), "--out", str(tmp_path / "out")])
    assert elsewhere.exit_code == 0, elsewhere.output
    assert (tmp_path / "out" / record.file).read_bytes() == CONTENT
    assert runner.invoke(main, ["weights", "fetch", "smoe"]).exit_code == 2


def test_downloads_are_the_only_place_that_asks_the_internet():
    root = Path(downloading.__file__).parent
    asking = [path.name for path in root.rglob("*.py") if "urlopen" in path.read_text(encoding="utf-8")]
    assert asking == ["downloading.py"]


@pytest.fixture
def published(tmp_path):
    """A record, and its file under a name of the user's own."""
    path = tmp_path / "as pytorch-fid calls it.pth"
    path.write_bytes(CONTENT)
    record = WeightsFile(
        name="some",
        file="some.pth",
        url="https://example.org/some.pth",
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        size=len(CONTENT),
        licence="none",
        used_for="tests",
    )
    return record, path


@pytest.mark.parametrize("trusted", [False, True])
def test_the_published_file_is_known_by_its_content(published, trusted):
    record, path = published
    assert chosen_weights(record, path, trusted=trusted) == ChosenWeights(path, record.sha256, published=True)


def test_another_file_is_refused_unless_somebody_vouches_for_it(published):
    record, path = published
    path.write_bytes(CONTENT[::-1])
    found = hashlib.sha256(CONTENT[::-1]).hexdigest()
    with pytest.raises(CorruptFileError, match=rf"{found}.*{record.sha256}.*weights fetch some.*--trust-weights"):
        chosen_weights(record, path, trusted=False)
    assert chosen_weights(record, path, trusted=True) == ChosenWeights(path, found, published=False)


@pytest.mark.parametrize("trusted", [False, True])
def test_without_a_file_the_published_one_is_used_or_asked_for(published, trusted):
    record, path = published
    with pytest.raises(DataError, match=r"weights fetch some\..*--weights FILE.*some.pth.*weights fetch some --from"):
        chosen_weights(record, None, trusted=trusted)
    adopt_weights(path, record)
    assert chosen_weights(record, None, trusted=trusted) == ChosenWeights(
        record.in_folder(), record.sha256, published=True
    )
    record.in_folder().write_bytes(CONTENT[::-1])
    with pytest.raises(CorruptFileError, match="not used as some"):  # trust is for a file that was given
        chosen_weights(record, None, trusted=trusted)


def test_a_file_that_is_not_there_is_named(published, tmp_path):
    for given in (tmp_path / "nothing.pth", tmp_path):
        with pytest.raises(DataError, match="no such file of weights"):
            chosen_weights(published[0], given, trusted=True)


def test_every_known_file_has_a_whole_digest_that_its_name_does_not_belie():
    for record in weights.KNOWN.values():
        assert len(record.sha256) == 64
        assert int(record.sha256, 16) >= 0
        digits = re.search(r"-([0-9a-f]{8})\.pth$", record.file)
        assert digits is None or record.sha256.startswith(digits[1])
        assert record.url.endswith(record.file)


def test_every_protocol_of_published_weights_names_known_ones():
    kinds = [load_plugin(PluginGroup.PROTOCOLS, name) for name in installed(PluginGroup.PROTOCOLS)]
    assert {kind.file for kind in kinds if kind.weights is Weights.FILE} <= set(weights.KNOWN)
