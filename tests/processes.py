"""Functions for processes of their own: several that share a run over gloo, and one that never leaves."""

import multiprocessing
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist

from sbgan_bench.suite.worker import Outcome
from sbgan_bench.workers import Workers


def together(world: int, function: Callable[..., None], folder: Path, *arguments: Any, timeout: float = 120) -> None:
    """Call ``function(workers, *arguments)`` in every process; an exit code other than 0 in one is an error here."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["processes", "shared_training"])
    folder.mkdir(parents=True, exist_ok=True)
    store = folder / "rendezvous"
    store.unlink(missing_ok=True)
    crew = [
        context.Process(target=_member, args=(Workers(rank, world), store, function, arguments))
        for rank in range(world)
    ]
    for process in crew:
        process.start()
    for process in crew:
        process.join(timeout)
    stuck = [process for process in crew if process.is_alive()]
    for process in stuck:
        process.kill()
    codes = [process.exitcode for process in crew]
    assert not stuck, "some process never ended"
    assert codes == [0] * world, codes


def _member(workers: Workers, store: Path, function: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{store}", rank=workers.rank, world_size=workers.world)
    try:
        function(workers, *arguments)
    finally:
        dist.destroy_process_group()


def never_leaves(*given: Any) -> Outcome:
    """Do a job, and leave something behind that the interpreter waits for at its end."""
    del given
    threading.Thread(target=time.sleep, args=(600,)).start()
    return Outcome(content="done")
