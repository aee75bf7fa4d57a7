"""An evaluation that is killed goes on where it stopped, and ends in the same numbers."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from evaluation.tools import pictures, run, summaries
from scenery import written

#: The command line with a slow network, so that there is time to kill it.
SLOW = """
import time
from sbgan_bench.protocols.texture import TextureProtocol

quick = TextureProtocol.features

def features(self, scenes):
    time.sleep(0.5)
    return quick(self, scenes)

TextureProtocol.features = features
from sbgan_bench.cli import main
main()
"""


def chunks(cache: Path) -> dict[str, int]:
    """Files of features and when they were written."""
    return {str(path): path.stat().st_mtime_ns for path in cache.rglob("*.safetensors")}


def test_kill_9_during_an_extraction(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, drawn = (written(pictures(count, seed), tmp_path / str(seed)) for seed, count in enumerate((600, 100)))
    words = ["evaluate", "--real", str(real), "--generated", str(drawn), "--format", "json", "--device", "cpu"]
    cache = tmp_path / "cache"
    environment = {**os.environ, "SBGAN_BENCH_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    deadline = time.monotonic() + 60
    while len(chunks(cache)) < 2 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    output, _ = process.communicate()
    assert (process.returncode, output) == (-signal.SIGKILL, b"")
    kept = chunks(cache)
    assert 2 <= len(kept) < 6

    done = subprocess.run(
        [sys.executable, "-m", "sbgan_bench", *words], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    assert {name: date for name, date in chunks(cache).items() if name in kept} == kept
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "untouched"))
    whole = summaries(run(*words[:-2]))
    assert {(row["metric"], row["model"]): row["value"] for row in whole} == {
        (row["metric"], row["model"]): pytest.approx(row["value"], rel=1e-5) for row in json.loads(done.stdout)
    }
