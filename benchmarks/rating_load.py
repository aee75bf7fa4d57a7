"""Print how long raters wait for their next image, and show that no rating is lost, doubled or one too many.

    python benchmarks/rating_load.py [--raters 1 10 25 50] [--think 2] [--seconds 30] [--processes 1] [--store URL]

Starts the rating page on a study of 200 made-up images, then lets raters without browsers work at it. The time counted
is from sending a score to the last byte of the next image. Ends with exit code 1 if the store and what the server
acknowledged differ, or a promise is broken.
"""

import argparse
import asyncio
import collections
import contextlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rating_client import Diary, percentiles, rate
from rating_study import write_study

from sbgan_bench.rating.store.opening import create_store
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import Purpose

#: Raters -> milliseconds that 95 of 100 waits stay below. For one rater on an idle machine it is the "ready at once".
PROMISED = {1: 200, 25: 700, 50: 2500}


@contextlib.contextmanager
def served(folder: Path, url: str, processes: int) -> Iterator[tuple[str, int]]:
    """Serve a study in a process of its own; yield its address and the number of the process."""
    command = [sys.executable, "-m", "sbgan_bench", "rate", "serve", str(folder), "--port", "0", "--store", url]
    command += ["--processes", str(processes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:  # noqa: S603
        try:
            line = server.stdout.readline() if server.stdout else ""
            yield next(word for word in line.split() if word.startswith("http")), server.pid
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def cpu_seconds(pid: int) -> float:
    """Return the CPU seconds of a process and its children, where the system tells (Linux)."""
    total = 0.0
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = status.read_text().rpartition(")")[2].split()
            if int(status.parent.name) == pid or int(fields[1]) == pid:
                total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


async def work(address: str, diaries: list[Diary], think: float, seconds: float) -> None:
    """Let all raters work at once; they come within ten seconds of each other, or within one per rater."""
    coming = min(10.0, len(diaries) - 1.0)
    until = time.perf_counter() + coming + seconds
    draws = [random.Random(number) for number in range(len(diaries))]  # noqa: S311
    async with asyncio.TaskGroup() as raters:
        for number, (diary, draw) in enumerate(zip(diaries, draws, strict=True)):
            delay = coming * number / len(diaries)
            raters.create_task(rate(address, diary, delay, think, until, draw))


def differences(store: RatingStore, diaries: list[Diary]) -> list[str]:
    """Return what differs between the store and what raters were told."""
    found = []
    given = collections.defaultdict(list)
    main = collections.Counter()
    pairs = collections.Counter()
    for rating in sorted(store.ratings(), key=lambda rating: rating.position):
        given[rating.rater].append(rating.score)
        if rating.purpose is Purpose.MAIN:
            main[rating.image] += 1
            pairs[rating.rater, rating.image] += 1
    for diary in diaries:
        kept = given[store.rater_by_token(diary.token).id]
        if kept != diary.acknowledged:
            found.append(f"a rater gave {len(diary.acknowledged)} scores, and {len(kept)} are kept, or others")
    found += [f"{image} has {count} ratings" for image, count in main.items() if count > store.study.ratings_per_image]
    found += [f"{pair} was rated {count} times" for pair, count in pairs.items() if count > 1]
    return found


def measure(raters: int, options: argparse.Namespace) -> bool:
    """Run one study with so many raters, print a row, and say whether all promises were kept."""
    height, width = (int(side) for side in options.size.split("x"))
    enough = max(3, -(-raters * int(2 * options.seconds / options.think) // options.images))
    with tempfile.TemporaryDirectory() as scratch:
        place = write_study(Path(scratch) / "study", options.images, enough, (height, width), seed=raters)
        url = options.store or place.default_store
        with contextlib.ExitStack() as ending:
            store = create_store(url, place.read())
            ending.callback(store.dispose)
            diaries = [Diary(token) for token in store.invite(raters, simulated=True)]
            with served(place.path, url, options.processes) as (address, pid):
                before = cpu_seconds(pid)
                asyncio.run(work(address, diaries, options.think, options.seconds))
                spent = cpu_seconds(pid) - before
            wrong = differences(store, diaries)
    waits = [wait for diary in diaries for wait in diary.waits]
    median, most, longest = percentiles(waits)
    entered = next(percentiles([diary.entered for diary in diaries]))
    promised = PROMISED.get(raters)
    kept = not wrong and (promised is None or most < promised)
    refused = sum((collections.Counter(diary.refusals) for diary in diaries), collections.Counter())
    print(f"{raters:6d} {len(waits):7d} {median:7d} {most:7d} {longest:7d} {promised or '-':>8} {entered:8d} "
          f"{spent:7.1f}  {dict(refused) or 'none'}, {'kept' if kept else 'BROKEN'}")  # fmt: skip
    for line in wrong:
        print(f"       {line}")
    return kept


def main() -> int:
    """Measure for each number of raters."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--raters", type=int, nargs="+", default=[1, 10, 25, 50])
    parser.add_argument("--think", type=float, default=2.0, help="seconds a rater looks, half to one and a half times")
    parser.add_argument("--seconds", type=float, default=30.0, help="that raters work after the last one came")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--size", default="256x512", help="height x width")
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--store", help="URL of a database; default: SQLite beside the study")
    options = parser.parse_args()
    busy = f"{os.getloadavg()[0]:.1f}" if sys.platform != "win32" else "unknown"
    kind = options.store.partition(":")[0] if options.store else "sqlite"
    print(f"{os.cpu_count()} cores, load {busy}, {kind}, {options.processes} process(es), think {options.think} s, "
          f"{options.images} images of {options.size}; milliseconds from a score to the next image")  # fmt: skip
    print("raters   waits  median     p95     max promised    entry   CPU s  refused")
    kept = [measure(raters, options) for raters in options.raters]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
