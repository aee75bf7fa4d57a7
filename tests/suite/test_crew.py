"""Processes that torchrun started: what they train, what becomes of those that are killed, and no hang."""

import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torchrun_tools as crew
from suite_tools import bench, rows

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="finds processes in /proc"),
]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def undisturbed(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that two processes trained in peace."""
    out = tmp_path_factory.mktemp("undisturbed")
    agent = crew.start(cache, 2, *crew.train(out))
    output = crew.finish(agent)
    assert agent.returncode == 0, output
    assert output.count("Trained model:") == 1, "one process speaks"
    return out


def two_machines(out: Path, *caches: Path) -> list[subprocess.Popen[str]]:
    """Start two agents with one process each."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    node = ("--nnodes=2", "--master-addr=127.0.0.1", f"--master-port={port}")
    return [
        crew.start(cache, 1, *crew.train(out), node=(*node, f"--node-rank={rank}"))
        for rank, cache in enumerate(caches)
    ]


def test_two_machines_train_what_one_does(cache: Path, undisturbed: Path, tmp_path: Path) -> None:
    """With as many processes: two agents stand for machines, with their own caches and one run folder."""
    agents = two_machines(tmp_path / "run", cache, tmp_path / "cache")
    output = "".join(crew.finish(agent) for agent in agents)
    assert [agent.returncode for agent in agents] == [0, 0], output
    assert crew.weights(tmp_path / "run") == crew.weights(undisturbed)


@pytest.mark.parametrize(
    ("rank", "named"), [(0, "torchrun on the first machine is gone"), (1, "Process 1 of 2 has not been heard of")]
)
def test_a_machine_whose_process_is_killed_ends_the_other(rank: int, named: str, cache: Path, tmp_path: Path) -> None:
    agents = two_machines(tmp_path, cache, cache)
    crew.await_steps(tmp_path, agents[0])
    crew.kill(crew.ranks(agents[rank].pid)[0])
    output = crew.finish(agents[1 - rank])
    assert agents[1 - rank].returncode not in (0, None)
    assert f"Error: {named}" in output
    crew.finish(agents[rank])


@pytest.mark.parametrize("seed", range(3))
def test_a_killed_rank_costs_nothing(seed: int, cache: Path, undisturbed: Path, tmp_path: Path) -> None:
    """Either the rank itself or the process that does its part, at any moment: the weights are the same in the end."""
    draw = random.Random(seed)
    agent = crew.start(cache, 2, *crew.train(tmp_path), restarts=3)
    crew.await_steps(tmp_path, agent)
    rank, whole, pause = draw.randrange(2), draw.random() < 0.5, draw.uniform(0, 5)
    time.sleep(pause)
    main = crew.ranks(agent.pid)[rank]
    victim = main if whole else crew.family(main)[-1]
    crew.kill(victim)
    print(f"seed {seed}: killed {'rank' if whole else 'the part of rank'} {rank} after {pause:.2f} s")
    output = crew.finish(agent)
    assert agent.returncode == 0, output
    assert "started again" in output or output.count("start  train/") > 1, f"nothing was hit: {output}"
    assert crew.weights(tmp_path) == crew.weights(undisturbed)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=lambda number: number.name)
def test_a_stopped_crew_saves_and_goes_on(
    number: signal.Signals, cache: Path, undisturbed: Path, tmp_path: Path
) -> None:
    agent = crew.start(cache, 2, *crew.train(tmp_path))
    crew.await_steps(tmp_path, agent)
    agent.send_signal(number)
    asked = time.monotonic()
    output = crew.finish(agent)
    assert agent.returncode != 0
    assert time.monotonic() - asked < 30
    assert "Stopped. What is finished stays" in output
    assert list(tmp_path.glob("jobs/train-*/training/checkpoints/*"))
    agent = crew.start(cache, 2, *crew.train(tmp_path))
    output = crew.finish(agent)
    assert agent.returncode == 0, output
    assert crew.weights(tmp_path) == crew.weights(undisturbed)


def test_nothing_outlives_a_killed_torchrun(cache: Path, undisturbed: Path, tmp_path: Path) -> None:
    """And the run folder is free for the next one, which goes on."""
    agent = crew.start(cache, 2, *crew.train(tmp_path))
    crew.await_steps(tmp_path, agent)
    orphans = crew.family(agent.pid)
    agent.kill()
    killed = time.monotonic()
    crew.finish(agent)  # nobody holds its output open any more
    while set(orphans) & crew.alive():
        assert time.monotonic() - killed < 30, "some process stays"
        time.sleep(0.2)
    agent = crew.start(cache, 2, *crew.train(tmp_path))
    output = crew.finish(agent)
    assert agent.returncode == 0, output
    assert crew.weights(tmp_path) == crew.weights(undisturbed)


@pytest.mark.parametrize("rank", [0, 1])
def test_a_rank_without_memory_is_named_and_nobody_waits_for_it(rank: int, cache: Path, tmp_path: Path) -> None:
    agent = crew.start(cache, 2, *crew.train(tmp_path), faults=f"memory {rank} 5")
    output = crew.finish(agent)
    assert agent.returncode != 0
    assert f"Error: process {rank} of 2: OutOfMemoryError: CUDA out of memory" in output


def test_a_process_that_hears_nothing_is_ended_when_another_failed(cache: Path, tmp_path: Path) -> None:
    """As one that waits for a GPU's answer does not hear of a broken connection."""
    agent = crew.start(cache, 2, *crew.train(tmp_path), faults="memory 1 5,stuck 0 5")
    output = crew.finish(agent)
    assert agent.returncode != 0
    assert "Error: process 1 of 2: OutOfMemoryError: CUDA out of memory" in output


def test_more_processes_than_images_are_refused_by_all(cache: Path, tmp_path: Path) -> None:
    agent = crew.start(cache, 5, *crew.train(tmp_path))
    output = crew.finish(agent)
    assert agent.returncode != 0
    assert "Error: 5 processes cannot share a batch of 4" in output


def test_rows_are_those_of_one_process(cache: Path, tmp_path: Path) -> None:
    """Samples, features and scores of the same model, by one process and by three, which find nothing in the cache."""
    arguments = ("run", str(crew.SUITE), "--device", "cpu", "--out")
    alone = bench(cache, *arguments, str(tmp_path / "one"))
    assert alone.returncode == 0, alone.stderr
    for job in (tmp_path / "one" / "jobs").glob("train-*"):  # what is trained by three differs in the last digits
        shutil.copytree(job, tmp_path / "three" / "jobs" / job.name)
    agent = crew.start(tmp_path / "cache", 3, *arguments, str(tmp_path / "three"))
    output = crew.finish(agent)
    assert agent.returncode == 0, output
    assert rows(tmp_path / "three") == rows(tmp_path / "one")
