"""Files of random weights in published formats, drawn once."""

from pathlib import Path

import pytest
from random_weights import random_dinov2, random_imagenet_inception, random_inception


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test touches the user's cache."""
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def inception_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_inception(tmp_path_factory.mktemp("inception") / "random.pth")


@pytest.fixture(scope="session")
def imagenet_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_imagenet_inception(tmp_path_factory.mktemp("imagenet") / "random.pth")


@pytest.fixture(scope="session")
def dinov2_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_dinov2(tmp_path_factory.mktemp("dinov2") / "random.pth")
