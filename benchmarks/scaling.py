"""What limits a suite on many GPUs: operations and messages counted, throughput and network assumed. Nothing measured.

    python benchmarks/scaling.py paper-tables [--tflops 20] [--seeds 3] [--gpus 8 64 512]

Operations are those of ``training_cost.py``. Messages are counted by running one step of every phase (on PyTorch's
fake tensors) as a process that shares its batch would: gradients of every update, statistics of every batch
normalisation, forward and backward, minibatch deviation, logged losses. A step on G GPUs is then assumed to take

    operations / (G · throughput)  +  messages · latency  +  2 (G - 1) / G · bytes / bandwidth

with the latency and bandwidth of one machine up to eight GPUs and of the network beyond; G is at most the batch. What
is bound by memory, reading data, and any overlap of messages with arithmetic are left out.
"""

import argparse
import heapq
import math
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from unittest.mock import patch

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from training_cost import Training, batch_at, chain, first_steps, phase_operations, run_update, task_of, trainings

from sbgan_bench.model import AbstractModel
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.suite.models import model_kind
from sbgan_bench.suite.spec import read_suite
from sbgan_bench.training.schedule import steps_of
from sbgan_bench.training.task import Phase, TrainingTask
from sbgan_bench.workers import Workers, sharing

#: GPUs that one training may take.
WIDTHS = (1, 2, 4, 8, 16, 32, 64)
#: GPUs of one machine, and what a message costs there and beyond: seconds, bytes per second. Assumed.
MACHINE, NEAR, FAR = 8, (2e-5, 100e9), (5e-5, 20e9)
#: A training is given more GPUs while each does at least this share of the work of one alone.
WORTHWHILE = 0.5


@dataclass(frozen=True)
class Traffic:
    """What the processes of one training tell each other in a step."""

    messages: float
    bytes: float


@dataclass(frozen=True)
class Stretch:
    """One phase of one training."""

    steps: int
    batch: int
    operations: float  #: of all its steps
    traffic: Traffic

    def seconds(self, gpus: int, rate: float) -> float:
        """Return how long it takes on some GPUs; those beyond the batch have nothing to do."""
        busy = min(gpus, self.batch)
        if busy == 1:
            return self.operations / rate
        # The slowest process has the largest share of an uneven batch.
        share = math.ceil(self.batch / busy) / self.batch
        latency, bandwidth = NEAR if busy <= MACHINE else FAR
        moved = 2 * (busy - 1) / busy * self.traffic.bytes / bandwidth
        return self.operations * share / rate + self.steps * (self.traffic.messages * latency + moved)


@contextmanager
def counted() -> Iterator[Counter[str]]:
    """Count what would be sent, and send nothing."""
    found: Counter[str] = Counter()

    def all_reduce(tensor: Tensor) -> None:
        found["messages"] += 1
        found["bytes"] += tensor.numel() * tensor.element_size()

    def totals(self: Workers, values: list[float], device: torch.device) -> list[float]:
        del device
        found["messages"] += 1
        return [value * self.world for value in values]

    with patch("torch.distributed.all_reduce", all_reduce), patch.object(Workers, "totals", totals):
        yield found


def traffic(model: AbstractModel, task: TrainingTask, phase: Phase) -> Traffic:
    """Return what is sent in a mean step of a phase."""
    period = getattr(model.settings, "penalty_every", 1)
    workers, steps = Workers(0, 2), 0
    task.begin_phase(phase)
    with counted() as found:
        for position in first_steps(task, phase, period):
            steps += 1
            task.begin_step(position)
            batch = batch_at(position, model)
            for update in task.updates:
                with sharing(workers):
                    passes = run_update(task, update, batch)
                for _ in range(passes):  # the loop logs the losses of each
                    workers.totals([0.0], torch.device("cpu"))
                groups = (group for name in update.optimizers for group in task.optimizers[name].param_groups)
                workers.sum_gradients([parameter for group in groups for parameter in group["params"]])
    return Traffic(found["messages"] / max(1, steps), found["bytes"] / max(1, steps))


def stretches(training: Training) -> list[Stretch]:
    """Return the phases of a training; none if it trains nothing."""
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, training.model)
    with FakeTensorMode(allow_non_fake_inputs=True):
        model = kind.build(training.settings, training.spec, 0)
        task = task_of(model, training.recipe, vgg19=training.vgg19)
        if task is None:
            return []
        return [
            Stretch(
                steps_of(phase), phase.batch_size, phase_operations(model, task, phase), traffic(model, task, phase)
            )
            for phase in task.phases
            if steps_of(phase)
        ]


def seconds(parts: list[Stretch], gpus: int, rate: float) -> float:
    """Return how long a training takes on some GPUs."""
    return sum(part.seconds(gpus, rate) for part in parts)


def width(parts: list[Stretch], rate: float, most: int) -> int:
    """Return how many GPUs are worth giving to a training."""
    alone, chosen = seconds(parts, 1, rate), 1
    for gpus in WIDTHS:
        if gpus <= most and alone / (gpus * seconds(parts, gpus, rate)) >= WORTHWHILE:
            chosen = gpus
    return chosen


@dataclass(frozen=True)
class Task:
    """A training as the scheduler sees it."""

    name: str
    gpus: int
    seconds: float
    after: tuple[str, ...]


def makespan(tasks: Mapping[str, Task], gpus: int) -> float:
    """Return the seconds until all are done, those at the head of the longest chains first."""
    chains: dict[str, float] = {}

    def longest(name: str) -> float:
        if name not in chains:
            below = [longest(other.name) for other in tasks.values() if name in other.after]
            chains[name] = tasks[name].seconds + max(below, default=0.0)
        return chains[name]

    waiting = sorted(tasks, key=longest, reverse=True)
    running: list[tuple[float, str]] = []
    done: set[str] = set()
    now, free = 0.0, gpus
    while waiting or running:
        for name in list(waiting):
            if tasks[name].gpus <= free and done.issuperset(tasks[name].after):
                free -= tasks[name].gpus
                heapq.heappush(running, (now + tasks[name].seconds, name))
                waiting.remove(name)
        now, name = heapq.heappop(running)
        free += tasks[name].gpus
        done.add(name)
    return now


def plan(made: Mapping[str, list[Stretch]], starts: Mapping[str, tuple[str, ...]], rate: float, seeds: int,
         most: int) -> dict[str, Task]:  # fmt: skip
    """Return every training of every seed with its GPUs."""
    tasks = {}
    for seed in range(seeds):
        for name, parts in made.items():
            gpus = width(parts, rate, most)
            after = tuple(f"{other}/s{seed}" for other in starts[name] if other in made)
            tasks[f"{name}/s{seed}"] = Task(f"{name}/s{seed}", gpus, seconds(parts, gpus, rate), after)
    return tasks


def starts_of(training: Training) -> tuple[str, ...]:
    """Return the trainings that one starts from, by prefix."""
    first = list(chain(training.model, training.recipe))[:-1]
    kind = model_kind(training.model)
    direct = set(kind.recipes[training.recipe].starts_from.values()) if training.recipe in kind.recipes else set()
    return tuple(f"train/{model}/{recipe}/{training.place}" for model, recipe in first if model in direct)


def hours(value: float) -> str:
    """Return "12.3"."""
    return f"{value / 3600:,.1f}"


def main() -> None:
    """Print two tables in Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", nargs="?", default="paper-tables", help="a bundled suite or a TOML file")
    parser.add_argument("--tflops", type=float, default=20.0, help="sustained by one GPU; assumed (default: 20)")
    parser.add_argument("--seeds", type=int, default=3, help="training seeds (default: 3)")
    parser.add_argument("--gpus", type=int, nargs="+", default=[8, 64, 512], help="GPUs in all (default: 8 64 512)")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", message="Accessing the data pointer of FakeTensor")
    rate, made, starts = options.tflops * 1e12, {}, {}
    print(
        "| training | images/s, one GPU | messages a step | MB a step | smallest batch | speed-up on 2, 4, 8, 16, 64 |"
    )
    print("|---|---:|---:|---:|---:|---|")
    for training in trainings(read_suite(options.suite)):
        parts = stretches(training)
        if not parts:
            continue
        made[training.prefix], starts[training.prefix] = parts, starts_of(training)
        steps = sum(part.steps for part in parts)
        alone = seconds(parts, 1, rate)
        shown = sum(part.steps * part.batch for part in parts)
        messages = sum(part.steps * part.traffic.messages for part in parts) / steps
        size = sum(part.steps * part.traffic.bytes for part in parts) / steps / 1e6
        faster = ", ".join(f"{alone / seconds(parts, gpus, rate):.1f}" for gpus in (2, 4, 8, 16, 64))
        smallest = min(part.batch for part in parts)
        print(f"| `{training.prefix.removeprefix('train/')}` | {shown / alone:,.1f} | {messages:,.0f} | {size:,.0f} "
              f"| {smallest} | {faster} |", flush=True)  # fmt: skip
    print(f"\n{options.seeds} training seeds:\n")
    print("| GPUs | one GPU per training | up to 8 per training | up to 64 per training |\n|---:|---:|---:|---:|")
    for gpus in options.gpus:
        cells = []
        for most in (1, 8, 64):
            tasks = plan(made, starts, rate, options.seeds, min(most, gpus))
            spent, took = sum(task.gpus * task.seconds for task in tasks.values()), makespan(tasks, gpus)
            cells.append(f"{hours(took)} h, {spent / took / gpus:.0%} busy, {hours(spent)} GPU h")
        print(f"| {gpus} | {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
