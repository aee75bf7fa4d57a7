"""Running the command line in a process of its own, with the outside plug-in installed beside it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
TINY = HERE / "suite" / "tiny.toml"

#: Fields of a row that may differ between two runs of the same thing.
INCIDENTAL = ("train_seconds", "git_revision", "device")


def environment(cache: Path) -> dict[str, str]:
    """Return an environment with an outside package installed, and one that cannot be imported, and its own cache."""
    packages = (str(HERE / "outside"), str(HERE / "broken"), os.environ.get("PYTHONPATH"))
    path = os.pathsep.join(filter(None, packages))
    return {**os.environ, "PYTHONPATH": path, "SBGAN_BENCH_CACHE": str(cache), "OMP_NUM_THREADS": "1"}


def start(cache: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start ``sbgan-bench`` and return the process."""
    return subprocess.Popen(
        [sys.executable, "-m", "sbgan_bench", *arguments],
        env=environment(cache), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip


def bench(cache: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run ``sbgan-bench`` to its end."""
    process = start(cache, *arguments)
    output, errors = process.communicate(timeout=300)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def rows(run: Path) -> list[dict[str, Any]]:
    """Read result rows without what may differ between two runs."""
    lines = (run / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return [{k: v for k, v in json.loads(line).items() if k not in INCIDENTAL} for line in lines]
