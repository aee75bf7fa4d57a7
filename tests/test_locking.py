"""Locks between processes and machines: one holder at a time, and none that is dead."""

import errno
import logging
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from filelock import SoftFileLease

from sbgan_bench.errors import BenchError
from sbgan_bench.locking import SUFFIX, alone_in, held

#: A process that is in a folder until it is told to leave.
OWNER = """
import sys
from pathlib import Path
from sbgan_bench.locking import alone_in
with alone_in(Path(sys.argv[1]), lease=float(sys.argv[2])):
    print("in", flush=True)
    sys.stdin.readline()
"""


def owner(folder: Path, lease: float = 180.0) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(folder), str(lease)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "in\n"
    return process


def elsewhere(folder: Path, lease: float) -> Path:
    """Leave the lock of a process of another machine."""
    process = owner(folder, lease)
    lock = folder / f".run{SUFFIX}"
    facts = [
        f"host=elsewhere{line[5:]}" if line.startswith("host=") else line for line in lock.read_text().split("\n")
    ]
    process.kill()
    process.communicate()
    lock.write_text("\n".join(facts))
    return lock


def test_a_second_process_is_told_who_is_there(tmp_path: Path) -> None:
    process = owner(tmp_path, 2.0)
    with (
        pytest.raises(BenchError, match=rf"Another process is running in .*process {process.pid} on"),
        alone_in(tmp_path, lease=2.0),
    ):
        pass
    process.communicate("leave\n")
    assert process.returncode == 0
    with alone_in(tmp_path, lease=2.0):
        pass
    assert not list(tmp_path.iterdir())


def test_the_place_of_a_killed_owner_is_taken_at_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    process = owner(tmp_path)
    process.kill()
    process.communicate()
    started = time.monotonic()
    with caplog.at_level(logging.WARNING), alone_in(tmp_path):
        assert time.monotonic() - started < 5
    assert f"process {process.pid} on" in caplog.text
    assert "is gone" in caplog.text


@pytest.fixture
def no_exchange(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files as on NFS, where a rename takes no flags."""
    monkeypatch.setattr("filelock._filesystem._exchange._rename_call", lambda: (lambda *_: errno.EINVAL, 2))


@pytest.mark.usefixtures("no_exchange")
def test_the_dead_are_succeeded_also_where_names_cannot_be_exchanged(tmp_path: Path) -> None:
    process = owner(tmp_path / "here")
    process.kill()
    process.communicate()
    elsewhere(tmp_path / "there", 2.0)
    for folder, least in (("here", 0), ("there", 2)):
        started = time.monotonic()
        with alone_in(tmp_path / folder, lease=180.0 if folder == "here" else 2.0) as check:
            assert least <= time.monotonic() - started < 15
            check()
        assert not list((tmp_path / folder).iterdir())


@pytest.mark.usefixtures("no_exchange")
def test_of_many_successors_one_comes_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sbgan_bench.locking.POLL", 0.01)
    process = owner(tmp_path)
    process.kill()
    process.communicate()
    inside: list[int] = []

    def succeed() -> None:
        with held(tmp_path / ".run"):
            inside.append(1)
            assert sum(inside) == 1
            time.sleep(0.01)
            inside.append(-1)

    with ThreadPoolExecutor(8) as pool:
        for successor in [pool.submit(succeed) for _ in range(8)]:
            successor.result()
    assert len(inside) == 16


def test_an_owner_elsewhere_is_dead_when_it_was_not_heard_of_for_the_lease(tmp_path: Path) -> None:
    elsewhere(tmp_path, 2.0)
    started = time.monotonic()
    with alone_in(tmp_path, lease=2.0):
        assert 2 <= time.monotonic() - started < 15


def test_an_owner_elsewhere_that_still_touches_its_lock_is_alive(tmp_path: Path) -> None:
    lock = elsewhere(tmp_path, 3.0)
    beat = "import os, sys, time\nwhile True: os.utime(sys.argv[1]); time.sleep(0.3)"
    heart = subprocess.Popen([sys.executable, "-c", beat, str(lock)])
    try:
        with pytest.raises(BenchError, match="elsewhere"), alone_in(tmp_path, lease=3.0):
            pass
    finally:
        heart.kill()
        heart.wait()


def test_who_was_taken_for_dead_is_told_so(tmp_path: Path) -> None:
    with alone_in(tmp_path, lease=1.0) as check:
        check()
        lock = tmp_path / f".run{SUFFIX}"
        lock.unlink()
        with held(tmp_path / ".run"):
            time.sleep(1.5)
            with pytest.raises(BenchError, match="took over"):
                check()


def test_who_waits_looks_now_and_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    look = SoftFileLease._acquire

    def counted(lock: SoftFileLease) -> None:
        looks.append(lock)
        look(lock)

    def wait() -> None:
        with held(tmp_path / "a"):
            pass

    with ThreadPoolExecutor(1) as pool, held(tmp_path / "a"):
        monkeypatch.setattr(SoftFileLease, "_acquire", counted)
        waiting = pool.submit(wait)
        time.sleep(0.5)
        assert not waiting.done()
        assert 1 <= len(looks) <= 3
    assert waiting.done()


def test_a_lock_is_tried_or_waited_for(tmp_path: Path) -> None:
    with held(tmp_path / "a") as mine, held(tmp_path / "a", wait=False) as too, held(tmp_path / "b") as other:
        assert (mine, too, other) == (True, False, True)
    assert not os.listdir(tmp_path)
