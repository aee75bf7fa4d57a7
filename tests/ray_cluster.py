"""A Ray cluster of two workers on this machine, in a process of its own, whose parts tests may kill."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_SERVE = """
import os, sys
from ray.cluster_utils import Cluster
os.makedirs("/tmp/ray", exist_ok=True)
words = {"num_cpus": 1, "object_store_memory": 100 * 2**20, "include_dashboard": False}
head = {**words, "num_cpus": 0, "temp_dir": sys.argv[1]}
cluster = Cluster(initialize_head=True, head_node_args=head)
nodes = [cluster.add_node(**words) for _ in range(2)]
print(cluster.address, flush=True)
for line in sys.stdin:
    cluster.remove_node(nodes.pop(), allow_graceful=False)
    nodes.append(cluster.add_node(**words))
    print("replaced", flush=True)
cluster.shutdown()
"""


@dataclass(frozen=True)
class RayCluster:
    """A running cluster."""

    address: str
    process: subprocess.Popen[str]

    def busy(self) -> dict[int, str]:
        """Return the processes that carry out jobs, with the job's id."""
        found = {}
        for pid in _descendants(self.process.pid):
            with contextlib.suppress(OSError):
                title = Path(f"/proc/{pid}/cmdline").read_bytes().partition(b"\0")[0].decode()
                if title.startswith("ray::") and "/" in title:
                    found[pid] = title.removeprefix("ray::")
        return found

    def replace_node(self) -> None:
        """Let a machine die, with all that runs on it, and another come."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        print("replace", file=self.process.stdin, flush=True)
        self.process.stdout.readline()


@contextlib.contextmanager
def ray_cluster(environment: dict[str, str]) -> Iterator[RayCluster]:
    """Yield a cluster whose workers have this environment."""
    folder = tempfile.mkdtemp(prefix="ray-", dir="/tmp")  # its sockets need a short path
    quiet = {**environment, "RAY_USAGE_STATS_ENABLED": "0"}
    process = subprocess.Popen(  # its errors are this test's
        [sys.executable, "-c", _SERVE, folder], env=quiet, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address, "the cluster did not start"
        yield RayCluster(address, process)
    finally:
        everything = _descendants(process.pid)
        process.communicate(timeout=60)
        for pid in everything:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, 9)
        shutil.rmtree(folder, ignore_errors=True)


def _descendants(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, path.read_text().split()):
                found += [child, *_descendants(child)]
    return found
