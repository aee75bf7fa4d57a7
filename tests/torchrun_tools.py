"""Starting ``sbgan-bench`` under torchrun, finding its processes, and killing them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from suite_tools import HERE, environment

SUITE = HERE / "suite" / "shared.toml"
#: Seconds after which a process that should be gone is taken for stuck.
LONG = 240.0


def start(
    cache: Path,
    processes: int,
    *arguments: str,
    restarts: int = 0,
    faults: str = "",
    node: tuple[str, ...] = ("--standalone",),
) -> subprocess.Popen[str]:
    """Start torchrun; faults are what ``crew_member.py`` understands, "memory RANK STEP" for one."""
    command = [
        sys.executable, "-m", "torch.distributed.run", *node, f"--nproc-per-node={processes}",
        f"--max-restarts={restarts}", "--monitor-interval=0.2", str(HERE / "crew_member.py"), *arguments,
    ]  # fmt: skip
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        env=environment(cache) | ({"FAULTS": faults} if faults else {}),
    )  # fmt: skip


def finish(agent: subprocess.Popen[str]) -> str:
    """Wait until torchrun ends, with nothing of it left behind, and return what was printed."""
    try:
        output, _ = agent.communicate(timeout=LONG)
    finally:
        for process in [agent.pid, *family(agent.pid)]:
            kill(process)
    return output


def train(out: Path) -> tuple[str, ...]:
    """Return the arguments that train the tiny model in a folder."""
    return ("train", "progan-sbgan", "--suite", str(SUITE), "--device", "cpu", "--out", str(out))


def family(process: int) -> list[int]:
    """Return the ids of a process's descendants."""
    parents = dict(_parents())
    found = [process]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found[1:]


def ranks(agent: int) -> list[int]:
    """Return the ids of the processes that torchrun itself started."""
    parents = dict(_parents())
    return [child for child, parent in parents.items() if parent == agent]


def alive() -> set[int]:
    """Return the ids of all processes that run."""
    return {process for process, _ in _parents()}


def _parents() -> Iterator[tuple[int, int]]:
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:  # gone meanwhile
            continue
        if fields[0] != "Z":
            yield int(status.parent.name), int(fields[1])


def kill(process: int) -> None:
    """Kill one process as the kernel does when memory runs out."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return


def await_steps(out: Path, agent: subprocess.Popen[str]) -> None:
    """Wait until the training has written its first losses."""
    deadline = time.monotonic() + LONG
    while not list(out.glob("jobs/train-*/training/stats.jsonl")):
        assert agent.poll() is None, finish(agent)
        assert time.monotonic() < deadline
        time.sleep(0.05)


def weights(out: Path) -> dict[str, bytes]:
    """Return the files of the trained model."""
    return {path.name: path.read_bytes() for path in sorted((out / "model").rglob("*")) if path.is_file()}
