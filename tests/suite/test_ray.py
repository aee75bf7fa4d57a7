"""Real Ray clusters on this machine: the same rows as the local engine, whatever is killed on the way."""

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
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
images = IMAGES
tint = 0.5
[[entries]]
model = "palette-noise"
[[entries]]
model = "constant"
"""


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("suite") / "machines.toml"
    path.write_text(SUITE.replace("IMAGES", "60000"))
    return path


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache for what the cluster prepares and extracts: nothing of the local engine's is found there."""
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def local(suite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same suite by the local engine."""
    out = tmp_path_factory.mktemp("runs") / "local"
    done = bench(tmp_path_factory.mktemp("cache"), "run", str(suite), "--out", str(out), "--jobs", "2")
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture
def cluster(cache: Path) -> Iterator[RayCluster]:
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


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for one split."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=640k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("needs the right to mount a small disk")
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_fails_what_needs_it_and_the_next_start_finishes(
    small_disk: Path, cache: Path, tmp_path: Path
) -> None:
    suite, out = tmp_path / "short.toml", tmp_path / "ray"
    suite.write_text(SUITE.replace("IMAGES", "640"))
    assert bench(cache, "run", str(suite), "--out", str(tmp_path / "local")).returncode == 0
    with ray_cluster(environment(small_disk)) as cluster:
        command = ("run", str(suite), "--out", str(out), "--engine", "ray", "--address", cluster.address)
        full = bench(small_disk, *command)
        assert full.returncode == 1, full.stderr
        reasons = {row["reason"] for row in rows(out) if row["status"] == "failed"}
        assert reasons
        assert all("disk full on " in reason for reason in reasons)
        finished = {path: path.stat().st_mtime_ns for path in out.glob("jobs/*/job.json")}
        assert finished
        subprocess.run(["mount", "-o", "remount,size=64m", small_disk], check=True)
        done = bench(small_disk, *command)
        assert done.returncode == 0, done.stderr
        assert all(path.stat().st_mtime_ns == written for path, written in finished.items())
    assert rows(out) == rows(tmp_path / "local")
