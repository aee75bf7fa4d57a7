"""What the project publishes is what was checked, and small enough to come with every clone and wheel."""

from pathlib import Path

import pytest

from sbgan_bench.publishing.shelf import MOST_OF_ALL, faults_of_shelf, published_runs, size_of
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.results import Origin
from sbgan_bench.shelves import PAPER, published_folder

SHELF = Path(__file__).parents[2] / "reports"


@pytest.fixture(scope="module")
def shelf() -> Path:
    if not SHELF.is_dir():
        pytest.skip("needs the checkout")
    return SHELF


def test_everything_published_is_as_it_was_published(shelf: Path) -> None:
    assert not list(faults_of_shelf(shelf))


def test_it_is_small_and_holds_data_alone(shelf: Path) -> None:
    assert size_of(shelf) < MOST_OF_ALL
    assert {path.suffix for path in shelf.rglob("*") if path.is_file()} <= {".md", ".toml", ".json", ".jsonl", ".png"}


def test_every_run_opens_and_nothing_in_it_is_simulated(shelf: Path) -> None:
    for folder in published_runs(shelf):
        run = RunFolder.read(folder)
        assert run.publication is not None
        assert run.publication.name == folder.name
        assert not [row for row in run.rows if row.origin is Origin.SIMULATED]


def test_the_checkout_comes_before_the_copy_in_a_wheel(
    shelf: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sbgan_bench.shelves._CHECKOUT", shelf)
    assert published_folder() == shelf
    monkeypatch.setattr("sbgan_bench.shelves._CHECKOUT", tmp_path / "nothing")
    monkeypatch.setattr("sbgan_bench.shelves._PACKAGE", tmp_path)
    assert published_folder() is None
    (tmp_path / "published" / PAPER).mkdir(parents=True)
    assert published_folder() == tmp_path / "published"
