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


def opens(run: Path, *pages: str, code: str = _OPENS) -> subprocess.CompletedProcess[str]:
    """Open pages in a process of their own."""
    paths = os.pathsep.join([str(ROOT / "tests"), str(ROOT), os.environ.get("PYTHONPATH", "")])
    command = [sys.executable, "-B", "-c", code, str(run), *pages]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": paths}
    )


def test_no_page_imports_networks_or_printed_charts(small: Path) -> None:
    done = opens(small, *EVERY_PAGE)
    assert done.returncode == 0, done.stderr


#: Opens every page of a run and every picture on it, then says what was to be written meanwhile: rights would not bind
#: root, so what Python asks of the system is listened to.
_LISTENS = """
import os, sys, tempfile
CHANGES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
EVENTS = ("os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.truncate", "os.chmod", "os.chown", "os.utime",
          "os.link", "os.symlink", "os.setxattr", "tempfile.mkstemp", "tempfile.mkdtemp", "sqlite3.connect")
asked = []
def listen(event, arguments):
    if event in EVENTS or event == "open" and arguments[2] & CHANGES:
        asked.append((event, *arguments))
sys.addaudithook(listen)
open(os.devnull, "w").close()
assert asked, "nobody listens"
from pathlib import Path
from dashboard.opening import EVERY_PAGE, Inventory, html, open_page
from dashboard.test_pictures import ask
run = sys.argv[1]
sys.argv = ["app.py", run]
seen = 0
for page in EVERY_PAGE:
    for view in ({}, {"view": "Layout editor"}) if page == "samples" else ({},):
        app = open_page(page, view)
        assert not app.exception, (page, app.exception)
        for source in Inventory(html(app)).attributes.get("src", ()):
            seen += len(ask(source.partition("?")[0].removeprefix("pictures/")).body) > 0
assert seen > 20, seen
own = (os.devnull, Path(tempfile.gettempdir()))  # what opens pages here makes folders there
asked = [one for one in asked if one[1] != own[0] and Path(str(one[1])).parent != own[1]]
sys.exit("\\n".join(map(str, asked)) or None)
"""


def test_reading_asks_for_no_permission_to_write(small: Path) -> None:
    done = opens(small, code=_LISTENS)
    assert done.returncode == 0, done.stderr


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
