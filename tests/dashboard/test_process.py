"""The process of the dashboard stays small, writes nothing, and is reachable from this machine alone."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from dashboard.opening import EVERY_PAGE

from sbgan_bench.dashboard.serving import LOOPBACK, OPTIONS

ROOT = Path(__file__).parents[2]
#: Opens pages of a run, then says which modules that only models and printed reports need were imported meanwhile.
_OPENS = """
import sys
from dashboard.opening import open_page
run, *pages = sys.argv[1:]
sys.argv = ["app.py", run]
for page in pages:
    app = open_page(page, {"view": "Layout editor"} if page == "samples" else {})
    assert not app.exception, (page, app.exception)
from sbgan_bench.dashboard import serving
heavy = {"torch", "torchvision", "matplotlib", "tensorboard"} & set(sys.modules)
sys.exit(str(heavy) if heavy else None)
"""


def opens(run: Path, *pages: str) -> subprocess.CompletedProcess[str]:
    """Open pages in a process of their own."""
    paths = os.pathsep.join([str(ROOT / "tests"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-c", _OPENS, str(run), *pages]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": paths}
    )


def test_no_page_imports_networks_or_printed_charts(small: Path) -> None:
    done = opens(small, *EVERY_PAGE)
    assert done.returncode == 0, done.stderr


def test_reading_needs_no_permission_to_write(small: Path) -> None:
    def state() -> dict[Path, int]:
        return {path: path.stat().st_mtime_ns for path in [small, *small.rglob("*")]}

    before = state()
    assert opens(small, "overview", "tables", "samples").returncode == 0
    assert state() == before


def test_the_checkout_and_the_command_start_streamlit_alike() -> None:
    with (ROOT / ".streamlit" / "config.toml").open("rb") as stream:
        written = tomllib.load(stream)
    flat: dict[str, object] = {}
    for section, values in written.items():
        for name, value in values.items():
            deeper = value if isinstance(value, dict) else {"": value}
            flat |= {f"{section}.{name}.{key}".rstrip("."): one for key, one in deeper.items()}
    assert flat == OPTIONS
    assert OPTIONS["server.address"] in LOOPBACK
    assert OPTIONS["browser.gatherUsageStats"] is False


@pytest.mark.parametrize("words", [["dashboard", "no/such/run"], ["dashboard", "--port", "0"]])
def test_mistakes_are_one_line(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sbgan_bench", *words], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
