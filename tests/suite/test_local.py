"""Laws of the processes on this machine."""

import time
from pathlib import Path
from typing import Any

import pytest
from processes import never_leaves

from sbgan_bench.suite.engines import local
from sbgan_bench.suite.engines.engine import EngineSettings
from sbgan_bench.suite.engines.local import LocalProcesses
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.worker import Outcome, Workplace


def test_a_process_that_hangs_after_its_last_word_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local, "LEAVING", 0.5)
    place = Workplace(tmp_path, tmp_path, "cpu", {}, None)
    engine = LocalProcesses(EngineSettings(), place, never_leaves)
    job = Job(id="a", kind=JobKind.TRAIN, config={}, inputs={})
    engine.start(job, "key", {})
    heard: list[Any] = []
    deadline = time.monotonic() + 120
    while not heard and time.monotonic() < deadline:
        heard += engine.news(1.0)
    assert heard == [(job, Outcome(content="done"))]
    assert engine.room() == 1
