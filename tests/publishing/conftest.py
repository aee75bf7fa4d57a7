"""A run without a fault, and a shelf to publish it on."""

import shutil
from pathlib import Path

import pytest
from publishing.sound_run import sound


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return sound(tmp_path_factory.mktemp("template") / "run")


@pytest.fixture
def run(tmp_path: Path, template: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "run"))


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    return tmp_path / "reports"
