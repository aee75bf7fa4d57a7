"""Nothing but a publication of that name, right below the shelf, is ever replaced, and a damaged one is noticed."""

from pathlib import Path

import pytest

from sbgan_bench.manifest import Manifest
from sbgan_bench.publication import PUBLICATION
from sbgan_bench.publishing import publish as publishing
from sbgan_bench.publishing.publish import NotPublishableError, publish
from sbgan_bench.publishing.shelf import MOST_OF_ALL, faults_of_shelf, size_of
from sbgan_bench.results import read_rows, write_rows

ELSEWHERE = ["../victim", "sub/victim", "..", ".", "/victim", "victim/", "victim\n", "a/../victim"]


@pytest.fixture
def victim(shelf: Path) -> Path:
    """A file of the owner's beside the shelf."""
    path = shelf.parent / "victim" / "precious.txt"
    path.parent.mkdir()
    path.write_text("mine")
    return path


@pytest.mark.parametrize("name", ELSEWHERE)
def test_no_name_leads_out_of_the_shelf(run: Path, shelf: Path, victim: Path, name: str) -> None:
    with pytest.raises(NotPublishableError, match="is no name for it"):
        publish(run, shelf, name=name, replace=True)
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("name", ELSEWHERE)
def test_nor_does_the_name_of_a_suite(run: Path, shelf: Path, victim: Path, name: str) -> None:
    Manifest.read(run).model_copy(update={"suite": name}).write(run)
    rows = [row.model_copy(update={"suite": name}) for row in read_rows(run / "results.jsonl")]
    write_rows(run / "results.jsonl", rows)
    with pytest.raises(NotPublishableError, match="is no name for it"):
        publish(run, shelf, replace=True)
    assert victim.read_text() == "mine"


@pytest.mark.parametrize("replace", [False, True])
@pytest.mark.parametrize("record", [None, "{}"])
def test_what_was_not_published_is_never_replaced(
    run: Path, shelf: Path, record: str | None, *, replace: bool
) -> None:
    page = shelf / "docs" / "index.md"
    page.parent.mkdir(parents=True)
    page.write_text("mine")
    if record is not None:
        (page.parent / PUBLICATION).write_text(record)
    with pytest.raises(NotPublishableError, match="was not published, so nothing takes its place"):
        publish(run, shelf, name="docs", replace=replace)
    assert page.read_text() == "mine"


def test_a_damaged_publication_is_not_taken_for_what_was_published(run: Path, shelf: Path) -> None:
    folder = publish(run, shelf).folder
    (folder / "results.jsonl").unlink()
    (folder / "more.txt").write_text("by hand")
    with pytest.raises(
        NotPublishableError, match=r"is not what was published \(results.jsonl is missing\).*--replace"
    ):
        publish(run, shelf)
    assert publish(run, shelf, replace=True).changed
    assert not list(faults_of_shelf(shelf))
    assert not publish(run, shelf, replace=True).changed


def test_every_byte_counts_towards_the_size_of_the_shelf(
    run: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = publish(run, shelf)
    assert done.total == size_of(shelf) > done.size
    assert publish(run, shelf).total == done.total < MOST_OF_ALL
    monkeypatch.setattr(publishing, "MOST_OF_ALL", done.total - 1)
    with pytest.raises(NotPublishableError, match="of at most"):
        publish(run, shelf)
