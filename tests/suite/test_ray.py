"""Real Ray clusters on this machine: the same rows as the local engine, whatever is killed on the way."""

import importlib.util
import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest
from ray_cluster import RayCluster, ray_cluster
from suite_tools import bench, environment, rows, start

from sbgan_bench.comparing.rows import COMPARISONS

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds the workers to kill under /proc"),
    pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs ray: pip install 'sbgan-bench[ray]'"),
]

SUITE = """
title = "A suite for several machines"
[grid]
datasets = ["toy-streets"]
resolutions = ["32x64"]
[datasets.toy-streets]
train = 48
selection = 8
test = 40
[evaluation]
num_samples = 16
trials = 2
protocols = ["texture"]
gallery = 4
[models.palette-noise]
images = 60000
tint = 0.5
[[entries]]
model = "palette-noise"
[[entries]]
model = "constant"
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "machines.toml"
    path.write_text(SUITE)
    return path


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def local(cache: Path, suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same suite by the local engine."""
    out = tmp_path_factory.mktemp("runs") / "local"
    done = bench(cache, "run", str(suite), "--out", str(out), "--jobs", "2")
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def cluster(cache: Path) -> RayCluster:
    with ray_cluster(environment(cache)) as running:
        yield running


def wait_for_work(cluster: RayCluster) -> dict[int, str]:
    deadline = time.monotonic() + 60
    while not (busy := cluster.busy()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return busy


@pytest.mark.parametrize("seed", [0, 1])
def test_whatever_is_killed_the_rows_are_those_of_the_local_engine(
    cluster: RayCluster, cache: Path, suite: Path, local: Path, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    out = tmp_path / "ray"
    command = ("run", str(suite), "--out", str(out), "--engine", "ray", "--address", cluster.address)
    driver = start(cache, *command)
    finished: dict[Path, int] = {}
    for victim in chance.sample(["worker", "worker", "machine", "driver"], 4):
        busy = wait_for_work(cluster)
        wait = chance.uniform(0, 8)
        print(f"after {wait:.1f} s: {victim}; at work: {busy}")
        time.sleep(wait)
        if victim == "worker":
            if running := list(wait_for_work(cluster)):
                os.kill(chance.choice(running), signal.SIGKILL)
        elif victim == "machine":
            cluster.replace_node()
        else:
            driver.kill()
            driver.communicate()
            driver = start(cache, *command)
        for done, written in finished.items():
            assert done.stat().st_mtime_ns == written, f"{done} was done twice"
        finished |= {path: path.stat().st_mtime_ns for path in out.glob("jobs/*/job.json")}
    _, errors = driver.communicate(timeout=400)
    print(errors)
    assert driver.returncode == 0, errors
    assert rows(out) == rows(local)
    assert (out / COMPARISONS).read_bytes() == (local / COMPARISONS).read_bytes()
    assert all(path.stat().st_mtime_ns == written for path, written in finished.items())
