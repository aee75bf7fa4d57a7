"""The load script speaks the page's protocol, and finds that nothing is lost."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "benchmarks" / "rating_load.py"


@pytest.mark.skipif(not SCRIPT.exists(), reason="needs the checkout")
def test_raters_without_browsers_lose_nothing() -> None:
    options = ["--raters", "3", "--think", "1.2", "--seconds", "3", "--images", "8", "--size", "32x64"]
    beside = {
        **os.environ,
        "PYTHONPATH": str(SCRIPT.parent),
    }  # also where scripts find nothing beside them by themselves
    done = subprocess.run([sys.executable, SCRIPT, *options], capture_output=True, text=True, check=False, env=beside)
    assert done.returncode == 0, done.stdout + done.stderr
    raters, waits, *_ = done.stdout.splitlines()[-1].split()
    assert (raters, int(waits) > 0) == ("3", True)
    assert "none, kept" in done.stdout
