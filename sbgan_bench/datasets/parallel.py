"""Reading files with several threads: the decoders work without the interpreter's lock."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: More threads than these wait for one another, or for the disk.
MOST_WORKERS = 8
#: Items handed out per thread beyond the one that is waited for: none is idle, and memory stays bounded.
_AHEAD = 2


def usable_workers() -> int:
    """Return how many threads this process should read files with: one per core it may use, up to ``MOST_WORKERS``."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # macOS, Windows
        cores = os.cpu_count() or 1
    return min(cores, MOST_WORKERS)


@contextmanager
def in_order(
    function: Callable[[_Item], _Result], items: Iterable[_Item], workers: int
) -> Iterator[Iterator[_Result]]:
    """Give an iterator over ``function(item)`` for each item, in the order of the items, computed by threads.

    The results do not depend on ``workers``, and neither does the error: what the first faulty item raises is raised
    when its turn comes. Only a few items are in work at a time. When the block ends, however it ends, what was begun
    is finished and nothing else is started.

    Args:
        function: Called in the threads; in the caller's own if ``workers`` is 1.
        items: Taken one by one, by the caller's thread.
        workers: Number of threads, at least 1.
    """
    if workers == 1:
        yield map(function, items)
        return
    pool = ThreadPoolExecutor(workers)
    try:
        yield _results(pool, function, items, workers * _AHEAD)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _results(
    pool: ThreadPoolExecutor, function: Callable[[_Item], _Result], items: Iterable[_Item], window: int
) -> Iterator[_Result]:
    begun: deque[Future[_Result]] = deque()
    for item in items:
        begun.append(pool.submit(function, item))
        if len(begun) >= window:
            yield begun.popleft().result()
    while begun:
        yield begun.popleft().result()
