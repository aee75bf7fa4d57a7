"""``sbgan-bench`` as torchrun starts it in tests: with checkpoints often, little patience, and faults on request.

The processes of jobs import this file too, as they do with any main module.
"""

import os
import time
from typing import Any

import torch

from sbgan_bench.cli import main
from sbgan_bench.suite.engines import pulse
from sbgan_bench.training import loop
from sbgan_bench.training.run import TrainingRun

TrainingRun.__init__.__kwdefaults__["checkpoint_every"] = 0.5
pulse.BEAT, pulse.SILENCE = 1.0, 20.0

_batch = loop._batch


def _faulty(*arguments: Any) -> Any:
    """Run out of memory, or get stuck, in the process and at the step that the environment names."""
    *_, position, workers = arguments
    for fault in os.environ["FAULTS"].split(","):
        kind, rank, step = fault.split()
        if (workers.rank, position.step) == (int(rank), int(step)):
            if kind == "memory":
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB.")
            time.sleep(1e6)
    return _batch(*arguments)


if "FAULTS" in os.environ:
    loop._batch = _faulty

if __name__ == "__main__":
    main(prog_name="sbgan-bench")
