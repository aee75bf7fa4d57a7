"""Print how long a reader of the dashboard waits, with 50 runs and 10,000 rows, in a real browser.

    PYTHONPATH=tests python benchmarks/dashboard.py [--rounds N] [--runs FOLDER]

Makes the runs, serves them, and drives Chromium as a reader would. A wait begins with the click and ends with the
last change that it made to the page, charts included. The first page is opened with the server warm and the browser's
cache filled; interactions are the reader's: other tables, filters, pages, scenes, runs. Promised are a first page
below 2.5 s and interactions of 300 ms in the median and 600 ms at the 95th percentile, on two idle cores.

Beside the wait stands the processor time that the server and the page took for it, one after the other: what the wait
would be on a machine without other work, which a busy one does not change.
"""

import argparse
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from large_runs import many_runs
from playwright.sync_api import Locator, Page, sync_playwright

from sbgan_bench.dashboard.shell import PAGES

#: Seconds that are promised.
FIRST, MEDIAN, P95 = 2.5, 0.3, 0.6
#: Boxes and what is chosen in them.
FILTERS = (("Dataset", "camvid"), ("Size", "64×128"), ("Protocol", "scene"))
_TICKS = os.sysconf("SC_CLK_TCK")

#: Resolves when Streamlit is done and the page has not changed for a while, to the seconds until the last change.
#: Signs that something runs, and hints that come and go with the pointer, lie outside of the page.
_WATCH = """
() => {
  const state = 'data-test-script-state', content = '[data-testid="stMain"], [data-testid="stSidebar"]';
  const running = () => !document.querySelector(`[${state}="notRunning"]`);
  window.begun = window.changed = performance.now();
  window.ran = false;
  if (!window.watcher) {
    window.watcher = new MutationObserver((records) => {
      for (const {type, target} of records)
        if (type === 'attributes') window.ran = true;
        else if ((target.nodeType === 1 ? target : target.parentElement)?.closest(content))
          window.changed = performance.now();
    });
    const what = {subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: [state]};
    window.watcher.observe(document.body, what);
  }
  window.settled = new Promise((resolve) => {
    const look = () => {
      const now = performance.now();
      if (!running() && (window.ran || now - window.begun > 3000) && now - window.changed > 400)
        resolve((window.changed - window.begun) / 1000);
      else setTimeout(look, 40);
    };
    look();
  });
}
"""


@dataclass(frozen=True)
class Wait:
    """What a reader waited."""

    what: str
    wall: float  #: seconds
    cpu: float  #: processor seconds of the server and of the page


def processor_seconds(*roots: int) -> float:
    """Return what some processes used so far, and those renderers that they started."""
    parents, used, names = {}, {}, {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            names[int(folder.name)] = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        parents[int(folder.name)] = int(fields[1])
        used[int(folder.name)] = (int(fields[11]) + int(fields[12])) / _TICKS
    pages = [one for one, name in names.items() if b"--type=renderer" in name and _below(one, os.getpid(), parents)]
    return sum(used.get(one, 0.0) for one in {*roots, *pages})


def _below(process: int, ancestor: int, parents: dict[int, int]) -> bool:
    while process in parents:
        process = parents[process]
        if process == ancestor:
            return True
    return False


@dataclass(frozen=True)
class Reader:
    """Somebody before the browser."""

    page: Page
    address: str
    server: int  #: process

    def waits(self, what: str, act: Callable[[], object]) -> Wait:
        """Return what an act made the reader wait."""
        self.page.evaluate(_WATCH)
        before = processor_seconds(self.server)
        act()
        wall = float(self.page.evaluate("() => window.settled"))
        return Wait(what, wall, processor_seconds(self.server) - before)

    def opens(self, place: str) -> Wait:
        """Open an address as a new tab does."""
        before, start = processor_seconds(self.server), time.perf_counter()
        self.page.goto(f"{self.address}/{place}", wait_until="commit")
        self.page.wait_for_selector(".stHtml h1")
        self.page.wait_for_selector('[data-test-script-state="notRunning"]')
        shown = time.perf_counter() - start
        self.page.evaluate(_WATCH)
        self.page.wait_for_timeout(800)
        late = float(self.page.evaluate("() => (window.changed - window.begun) / 1000"))
        return Wait("first page, warm", shown + late, processor_seconds(self.server) - before)

    def chooses(self, label: str, value: str, what: str) -> Wait:
        """Choose something in a box."""
        self.page.get_by_role("combobox", name=label).first.click()
        self.page.keyboard.type(value)
        option = self.page.get_by_role("option", name=value, exact=True)
        option.wait_for()
        wait = self.waits(what, option.click)
        self.page.keyboard.press("Escape")
        return wait

    def link(self, name: str) -> Locator:
        """Return the link to a page."""
        return self.page.get_by_role("link", name=name, exact=True)

    def button(self, name: str) -> Locator:
        """Return a button with a name."""
        return self.page.locator("button", has_text=name).first

    def works(self) -> Iterator[Wait]:
        """Do what readers do."""
        for title, _ in PAGES.values():
            yield self.waits(f"page {title}", self.link(title).click)
        yield self.waits("page Tables", self.link("Tables").click)
        for table in ("Table 2", "Table 4", "Table 1"):
            yield self.waits("another table", self.button(table).click)
        for label, value in FILTERS:
            yield self.chooses(label, value, f"filter {label}")
        yield self.waits("page Samples", self.link("Samples").click)
        for scene in ("Page 2", "Page 3"):
            yield self.waits("scene", self.page.get_by_role("button", name=scene, exact=True).click)
        yield self.waits("page Training", self.link("Training").click)
        yield self.waits("page Overview", self.link("Overview").click)


@contextmanager
def served(folder: Path) -> Iterator[tuple[str, int]]:
    """Serve the dashboard of some runs; yield its address and process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "sbgan_bench", "dashboard", str(folder), "--port", str(port)]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet)  # noqa: S603  # this interpreter, and ours
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(480):
            try:
                urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.25)
        yield address, process.pid
    finally:
        process.terminate()
        process.wait()


def report(name: str, waits: Sequence[Wait], promised: tuple[float, float] | None = None) -> None:
    """Print a line: the wait and the processor time, each in the median and at the 95th percentile.

    Args:
        name: What was waited for.
        waits: How long, each time.
        promised: Median and 95th percentile of the wait, where something is.
    """
    (wall, late), (cpu, most) = (_summary([getattr(wait, part) for wait in waits]) for part in ("wall", "cpu"))
    kept = "" if promised is None else "kept" if wall <= promised[0] and late <= promised[1] else "MISSED"
    print(f"{name:24s} {len(waits):4d}    {wall:6.3f} {late:6.3f}    {cpu:6.3f} {most:6.3f}    {kept}")


def _summary(values: list[float]) -> tuple[float, float]:
    ordered = sorted(values)
    return statistics.median(ordered), ordered[min(len(ordered) - 1, round(0.95 * len(ordered)))]


def measure(folder: Path, rounds: int) -> None:
    """Drive the browser over the runs of a folder."""
    names = ("chromium", "chromium-browser", "google-chrome")
    program = next(path for path in map(shutil.which, names) if path)
    first: list[Wait] = []
    waits: list[Wait] = []
    with served(folder) as (address, process), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_context(viewport={"width": 1400, "height": 1000}).new_page()
        reader = Reader(page, address, process)
        cold = reader.opens("?run=run-00")
        for number in range(rounds):
            first.append(reader.opens("?run=run-00"))
            waits += reader.works()
            others = [f"run-{5 * number % 45 + step + 1:02d}" for step in range(5)]
            waits += [reader.chooses("Run", name, "another run") for name in (*others, "run-00")]
        browser.close()
    print(f"{'':24s}    n    waited:  p95     processor: p95")
    report("first page, all cold", [cold])
    report("first page, warm", first, (FIRST, FIRST))
    report("all interactions", waits, (MEDIAN, P95))
    for name in dict.fromkeys(wait.what for wait in waits):
        report(f"  {name}", [wait for wait in waits if wait.what == name])
    print(f"cores {os.cpu_count()}, load over the last minute {os.getloadavg()[0]:.1f}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--runs", type=Path, help="Folder of runs; made if it is not given.")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        if chosen.runs is None:
            many_runs(Path(scratch))
        measure(chosen.runs or Path(scratch), chosen.rounds)


if __name__ == "__main__":
    main()
