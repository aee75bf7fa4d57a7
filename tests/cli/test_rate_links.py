"""``rate invite``, ``rate status`` and ``rate demo``."""

import json
import stat
from collections.abc import Callable
from importlib import resources
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from rating.studies import make_study

from sbgan_bench.cli import main
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.page import serving
from sbgan_bench.rating.store.opening import create_store, open_store
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import Role


def rate(*words: object) -> Result:
    return CliRunner().invoke(main, ["rate", *map(str, words)])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyFolder:
    monkeypatch.delenv("SBGAN_BENCH_RATINGS", raising=False)
    study = make_study(tmp_path / "study", practice=0)
    create_store(study.default_store, study.read()).dispose()
    return study


def opened(folder: StudyFolder) -> RatingStore:
    return open_store(folder.default_store, folder.read())


def tokens(links: list[str], base: str) -> list[str]:
    assert all(link.startswith(f"{base}/?token=") for link in links)
    return [link.partition("token=")[2] for link in links]


def test_links_are_for_one_rater_each_and_the_store_knows_them(folder: StudyFolder) -> None:
    result = rate("invite", folder.path, "--count", 3, "--url", "https://lab.example/study/")
    found = tokens(result.output.split(), "https://lab.example/study")
    store = opened(folder)
    assert len({store.rater_by_token(token).id for token in found}) == 3
    store.dispose()
    content = b"".join(path.read_bytes() for path in folder.path.glob("ratings.db*"))
    assert not any(token.encode() in content for token in found)
    links = json.loads(rate("invite", folder.path, "--format", "json").stdout)["links"]
    assert len(tokens(links, "http://127.0.0.1:8601")) == 1


def test_a_file_of_links_is_the_owner_s_alone_and_never_overwritten(folder: StudyFolder, tmp_path: Path) -> None:
    out = tmp_path / "links.csv"
    result = rate("invite", folder.path, "--count", 2, "--out", out)
    assert "token" not in result.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    header, *lines = out.read_text().splitlines()
    assert header == "number,link"
    assert [line.split(",")[0] for line in lines] == ["1", "2"]
    for words in (["--out", out], ["--out", tmp_path / "no" / "links.csv"], ["--url", "lab.example"]):
        refused = rate("invite", folder.path, *words)
        assert (refused.exit_code, refused.output.count("\n")) == (2, 1), refused.output
    store = opened(folder)
    assert store.overview().invited == 2, "who is refused makes no raters"
    store.dispose()


def test_status_tells_progress_and_no_scores(folder: StudyFolder) -> None:
    store = opened(folder)
    (token,) = store.invite(1)
    rater = store.rater_by_token(token).id
    store.consent(rater, "text")
    trial = store.next_trial(rater)
    store.deliver(trial.slot)
    store.record(rater, trial.slot, 4)
    store.next_trial(rater)
    store.note(rater, "pause")
    day = store.ratings()[0].received.date().isoformat()
    store.dispose()
    result = rate("status", folder.path)
    assert result.exit_code == 0, result.output
    for words in ("A test study", "1 of 12 ratings (8%)", "0 of 6 images have all", "1 are out with raters now",
                  "1 link handed out; 1 rater has begun, 0 are done", day, "pause"):  # fmt: skip
        assert words in result.output
    values = json.loads(rate("status", folder.path, "--format", "json").stdout)
    assert values["days"] == {day: 1}
    assert not {"score", "mean", "scores"} & set(values)


def test_a_study_is_closed_and_reopened(folder: StudyFolder) -> None:
    assert "closed" in rate("status", folder.path, "--close").output
    store = opened(folder)
    assert not store.overview().open
    assert ", open" in rate("status", folder.path, "--reopen").output
    assert store.overview().open
    store.dispose()
    assert "choose one" in rate("status", folder.path, "--close", "--reopen").output


def test_without_a_study_or_its_store_it_is_one_line(folder: StudyFolder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for command in ("invite", "status"):
        assert "holds no study" in rate(command, tmp_path / "empty").output
        other = rate(command, folder.path, "--store", f"sqlite:///{tmp_path / 'other.db'}")
        assert (other.exit_code, other.output.count("\n")) == (2, 1), other.output


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A server that tells where it is, and ends."""
    folders: list[Path] = []

    def serve(folder: Path, url: str, address: str, port: int, processes: int, ready: Callable[[str], None]) -> None:
        assert address == "127.0.0.1"
        folders.append(folder)
        ready(f"http://{address}:{port or 8123}")

    monkeypatch.setattr(serving, "serve_study", serve)
    return folders


def test_the_trial_starts_in_one_line_and_goes_on_with_another_rater(tmp_path: Path, served: list[Path]) -> None:
    out = tmp_path / "demo"
    links = []
    for port in (0, 99):
        result = rate("demo", "--out", out, "--port", port, "--no-browser")
        assert result.exit_code == 0, result.output
        assert "sbgan-bench rate report" in result.output
        links += [word for word in result.output.split() if "token=" in word]
    assert served == [out.resolve()] * 2
    assert [link.partition("/?")[0] for link in links] == ["http://127.0.0.1:8123", "http://127.0.0.1:99"]
    folder = StudyFolder(out)
    store = opened(folder)
    assert len({store.rater_by_token(link.partition("token=")[2]).id for link in links}) == 2
    store.dispose()
    study, key = folder.read(), folder.read_key()
    assert {one.dataset for one in key.cells} == {"toy-streets"}
    assert {"real", "sbgan", "progan-reference", "biggan", "spade"} <= {one.model for one in key.cells}
    assert study.of_role(Role.PRACTICE)
    assert study.of_role(Role.GOLD)
    assert study.anchors


def test_shipped_samples_are_small_and_say_what_they_are() -> None:
    folder = Path(str(resources.files("sbgan_bench"))) / "assets" / "rating_demo"
    assert sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) < 400_000
    assert "toy-streets" in (folder / "NOTICE").read_text()
