"""A served dashboard, and somebody who looks at it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[2]
#: Milliseconds that a page may take on a busy machine.
PATIENCE = 60_000


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, without a window; a reason to skip where there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(filter(None, map(shutil.which, names)), None)
    if program is None:
        pytest.skip(f"needs a browser: none of {', '.join(names)} is here")
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=options)
        yield browser
        browser.close()


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serving(command: list[str], port: int) -> Iterator[str]:
    """Run a command that serves the dashboard at a port of this machine; yield its address."""
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH", ""))))
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=2).close()
                break
            time.sleep(0.2)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=30)


def dashboard(*runs: Path) -> contextlib.AbstractContextManager[str]:
    """Serve runs by the command line."""
    port = free_port()
    command = [sys.executable, "-m", "sbgan_bench", "dashboard", *map(str, runs), "--port", str(port)]
    return serving(command, port)


class Visitor:
    """Somebody who opens pages, and what their browser did meanwhile."""

    def __init__(self, browser: Browser, address: str, **context: object) -> None:
        self.address = address
        self.context = browser.new_context(**{"viewport": {"width": 1400, "height": 1000}, **context})
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.errors.append(dialog.message), dialog.dismiss()))

    def opens(self, place: str = "") -> None:
        """Open an address and wait until the page is whole."""
        self.page.goto(f"{self.address}/{place}")
        self.rests()

    def rests(self) -> None:
        """Wait until nothing runs any more."""
        self.page.wait_for_selector('[data-test-script-state="notRunning"]')
        self.page.wait_for_selector(".stHtml h1")
        self.page.wait_for_timeout(300)
        self.page.wait_for_selector('[data-test-script-state="notRunning"]')

    def goes_to(self, title: str) -> None:
        """Follow the link to a page."""
        self.page.get_by_role("link", name=title, exact=True).click()
        self.page.wait_for_function("title => document.title.startsWith(title)", arg=title)
        self.rests()

    @property
    def text(self) -> str:
        """What the page says."""
        return self.page.inner_text('[data-testid="stMain"]')

    @property
    def strangers(self) -> list[str]:
        """Addresses on other machines that the browser was made to ask."""
        own = (self.address, self.address.replace("http", "ws"), "data:", "blob:", "about:")
        return [url for url in self.requests if not url.startswith(own)]
