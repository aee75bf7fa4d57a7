"""Folders of images that several tests score, and a cache of their own."""

from pathlib import Path

import pytest
from evaluation.tools import pictures
from scenery import written


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def _own_cache(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the user's cache."""
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(cache))


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``photos/``, and fresh images of the same distribution: ``train/``, ``fresh/``, ``other/``."""
    root = tmp_path_factory.mktemp("images")
    for seed, (name, count) in enumerate({"photos": 200, "train": 200, "fresh": 200, "other": 200}.items()):
        written(pictures(count, seed), root / name)
    return root
