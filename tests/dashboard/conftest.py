"""Runs of every sort, made once."""

from pathlib import Path

import pytest
from dashboard.hostile_runs import hostile_run
from large_runs import large_run
from report.fake_rows import Fake, rows
from report.fake_run import build, manifest, write_results

from sbgan_bench.dashboard import library, pictures, reading
from sbgan_bench.results import Status


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """Folders that tests write twice within a clock tick must not be taken for the same."""
    for memory in (library._manifest, reading._open, pictures._folder):
        memory.cache_clear()
    pictures._MEMORY.clear()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run like any other, with one failed and one skipped model."""
    return build(tmp_path_factory.mktemp("runs") / "small")


@pytest.fixture(scope="session")
def sorts(tmp_path_factory: pytest.TempPathFactory, small: Path) -> dict[str, Path]:
    """Runs by what is special about them."""
    folder = tmp_path_factory.mktemp("sorts")
    failed = folder / "failed"
    manifest(failed, Fake(status=Status.FAILED))
    write_results(failed, list(rows(Fake(status=Status.FAILED))))
    manifest(folder / "empty", Fake())
    places = build(folder / "places", Fake(), Fake(dataset="camvid", tile=(64, 128), redistributable=False))
    sizes = build(folder / "sizes", Fake(sizes=(100, 400)))
    return {
        "small": small,
        "empty": folder / "empty",
        "failed": failed,
        "places": places,
        "sizes": sizes,
        "large": large_run(folder / "large"),
        "hostile": hostile_run(folder / "hostile"),
    }
