"""The training loop: one function, read from top to bottom. It knows no model."""

import logging
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch
from torch import nn

from sbgan_bench.dataset import PairTable, Split
from sbgan_bench.datasets.transforms import flip_pairs
from sbgan_bench.errors import ConfigError, DataError, Interrupted, TrainingDivergedError
from sbgan_bench.noise import NoiseSource
from sbgan_bench.samples import SampleBatch
from sbgan_bench.training.checkpoint import TrainingState, load_checkpoint, save_checkpoint
from sbgan_bench.training.health import COLLAPSED_BELOW, diversity
from sbgan_bench.training.interruption import StopRequest, stop_requests
from sbgan_bench.training.records import Records, draw_preview
from sbgan_bench.training.run import Precision, Progress, TrainingRun
from sbgan_bench.training.schedule import Schedule, data_order, moments
from sbgan_bench.training.task import Losses, Phase, Position, TrainingBatch, TrainingTask, Update
from sbgan_bench.workers import Workers, sharing

_log = logging.getLogger(__name__)
#: Lines of losses in ``stats.jsonl``, about.
LOGGED_STEPS = 400
#: Scenes on a preview sheet and in the collapse check; their sampling seeds are 0, 1, ….
PREVIEWS = 16
#: Seconds between progress reports.
REPORT_EVERY = 1.0


def train(task: TrainingTask, data: PairTable, run: TrainingRun) -> None:
    """Train ``task`` on ``data`` from the last checkpoint in ``run.folder``, or from the start.

    A run stopped at any moment and started again ends with the weights of an uninterrupted one: on a CPU bit for
    bit, with the same number of threads, which the caller sets. Where several processes share the run, all of them
    call this; the batch is global, and the weights are those of one process but for rounding. Rank 0 writes.

    Args:
        task: What to train; its modules are moved to the device and left in evaluation mode.
        data: The training pairs.
        run: Folder, seed, device, precision, how much to write down, and the processes that share it.

    Raises:
        TrainingDivergedError: A loss became NaN or infinite.
        Interrupted: Ctrl-C or SIGTERM; a checkpoint was written.
        DataError: There are no training pairs.
        CorruptFileError: Every checkpoint of the folder is damaged.
        ConfigError: The folder holds checkpoints of another run, or a batch cannot be shared by so many processes.
        CannotWriteError: The disk is full, say; the last checkpoint stays.
    """
    # ── What is ahead ────────────────────────────────────────────────────────────────────────────────────────────
    if not len(data):
        raise DataError(f"The {data.split.name} split of {data.info.name} is empty: nothing to train on.")
    schedule, workers = Schedule(task.phases), run.workers
    _check_shares(task, workers)
    log_every = max(1, schedule.total_steps // LOGGED_STEPS)
    previews = moments(schedule.total_steps, run.previews)
    snapshots = moments(schedule.total_steps, run.snapshots, after=schedule.whole_from)
    identity = _identity(task, data, run)

    # ── Networks to the device, and back to where training stopped ───────────────────────────────────────────────
    for module in task.modules.values():
        module.to(run.device)
        module.to(memory_format=torch.channels_last)
        module.train()
    state = _restored(task, run, identity)
    phase: Phase | None = None
    losses: dict[str, float] = {}
    reported, saved, clock = -math.inf, time.monotonic(), time.monotonic() - state.seconds

    records = _records(run, schedule, state, workers)
    with stop_requests() as stop:
        for step in range(state.step, schedule.total_steps):
            # ── Where we stand ───────────────────────────────────────────────────────────────────────────────────
            position = schedule.position(step)
            images_after = position.images + position.phase.batch_size
            if position.phase is not phase:
                phase = position.phase
                task.begin_phase(phase)
            task.begin_step(position)

            # ── One batch, one update after the other ────────────────────────────────────────────────────────────
            batch = _batch(task, data, run, position, workers)
            stepped: dict[str, float] = {}
            for update in task.updates:
                with sharing(workers):
                    stepped |= _apply(update, task, batch, run)
            losses |= stepped
            task.end_step(position)
            state = replace(state, step=step + 1, seconds=time.monotonic() - clock)

            # ── Losses into the records, progress to the caller ──────────────────────────────────────────────────
            last = step + 1 == schedule.total_steps
            if records and (step % log_every == 0 or last):
                records.log(step, images_after, phase.name, state.seconds, stepped)
            if time.monotonic() - reported > REPORT_EVERY:
                reported = time.monotonic()
                run.report(Progress(images_after, schedule.total_images, phase.name, dict(losses)))

            # ── Previews, health, snapshots ──────────────────────────────────────────────────────────────────────
            if records and step + 1 in previews | snapshots:
                samples = _sample(task, run)
                if step + 1 in previews:
                    draw_preview(run.folder / "previews" / f"{images_after:09d}.png", samples, data.info.palette)
                if step >= schedule.whole_from:
                    state = _check_health(diversity(samples, data), state, position, last, records, task, run)
                if step + 1 in snapshots:
                    task.save_snapshot(run.folder / "snapshots" / f"{images_after:09d}")

            # ── Checkpoint, and an end if somebody asked for one ─────────────────────────────────────────────────
            due = time.monotonic() - saved > run.checkpoint_every
            stopping = _anybody(stop, workers, run)
            if workers.writes and (due or last or stopping):
                save_checkpoint(run.folder, task, state, identity)
                saved = time.monotonic()
            if stopping and not last:
                raise _interrupted(stop, state, schedule, run)
    workers.wait()  # whoever goes on finds the last checkpoint written
    for module in task.modules.values():
        # The memory format a loaded model has too: kernels for another one round differently.
        module.requires_grad_(True).eval().to(memory_format=torch.contiguous_format)
    if schedule.total_steps:  # also where all of them were done by an earlier attempt
        end = schedule.position(schedule.total_steps - 1)
        run.report(Progress(end.total_images, end.total_images, end.phase.name, losses))


def _check_shares(task: TrainingTask, workers: Workers) -> None:
    """Refuse batches that leave a process without work; layers that look at the whole batch need all of them."""
    smallest = min((phase.batch_size for phase in task.phases if phase.images), default=workers.world)
    if smallest < workers.world:
        raise ConfigError(
            f"{workers.world} processes cannot share a batch of {smallest}: the smallest batch of this schedule must "
            f"have an image for each. Start at most {smallest}, or set a larger batch_size."
        )


def _restored(task: TrainingTask, run: TrainingRun, identity: Mapping[str, Any]) -> TrainingState:
    """Load the newest checkpoint, the same in every process."""
    run.workers.wait()
    state = load_checkpoint(run.folder, task, identity)
    if run.workers.totals([state.step], run.device)[0] != state.step * run.workers.world:
        raise ConfigError(
            f"The processes of this run see different checkpoints in {run.folder}: process {run.workers.rank} is at "
            f"step {state.step}. The folder must be one that all of them share."
        )
    return state


def _anybody(stop: StopRequest, workers: Workers, run: TrainingRun) -> bool:
    """Whether any process was asked to stop: all of them stop after the same step."""
    return workers.totals([bool(stop)], run.device)[0] > 0


def _identity(task: TrainingTask, data: PairTable, run: TrainingRun) -> dict[str, Any]:
    """Return, as plain JSON, what two runs must share to continue one another."""
    return {
        "seed": run.seed,
        "precision": run.precision.value,
        "data": f"{data.fingerprint} {data.split.name} {len(data)} pairs{_repetitions(data.split)}",
        "phases": [{**asdict(phase), "resolution": list(phase.resolution)} for phase in task.phases],
        "modules": sorted(task.modules),
        "optimizers": sorted(task.optimizers),
    }


def _repetitions(split: Split) -> str:
    return f", {split.epoch} with repetitions" if split.repeats else ""


def _records(run: TrainingRun, schedule: Schedule, state: TrainingState, workers: Workers) -> Records | None:
    """Open the records on the one process that writes them."""
    return Records(run.folder, state.step, schedule.images_after(state.step)) if workers.writes else None


def _batch(
    task: TrainingTask, data: PairTable, run: TrainingRun, position: Position, workers: Workers
) -> TrainingBatch:
    """Read this process's share of a batch: images in [-1, 1], mirrored at random where the task allows it."""
    places = workers.share(position.phase.batch_size)
    indices = data_order(run.seed, position.images, places, len(data), repeats=data.split.repeats)
    noise = NoiseSource.for_step(run.seed, position.step, places, run.device)
    images = torch.from_numpy(np.ascontiguousarray(data.images[indices])).to(run.device).float() / 127.5 - 1
    layouts = torch.from_numpy(np.ascontiguousarray(data.layouts[indices])).to(run.device).long()
    if task.flip:
        images, layouts = flip_pairs(images, layouts, noise.uniform("flip") < 0.5)
    return TrainingBatch(images.contiguous(memory_format=torch.channels_last), layouts, noise, position)


def _apply(update: Update, task: TrainingTask, batch: TrainingBatch, run: TrainingRun) -> dict[str, float]:
    """Run one update and return its terms; nothing is stepped if a term is not finite, or if there is none."""
    optimizers = [task.optimizers[name] for name in update.optimizers]
    for module in task.modules.values():
        module.requires_grad_(False)
    for optimizer in optimizers:
        for parameter in _parameters(optimizer):
            parameter.requires_grad_(True)
        optimizer.zero_grad(set_to_none=True)
    pieces = update.pieces(batch)
    share = len(batch.images) / batch.position.phase.batch_size  #: losses are means over this process's samples
    means: dict[str, float] = {}
    for piece in pieces:
        terms = _terms(update, piece, run)
        if not terms:
            return {}
        wide = torch.stack([term.to(torch.promote_types(term.dtype, torch.float32)) for term in terms.values()])
        values = run.workers.totals([value * share for value in wide.tolist()], run.device)
        for name, value in zip(terms, values, strict=True):
            if not math.isfinite(value):
                raise _diverged(update, name, value, batch.position, optimizers)
            means[name] = means.get(name, 0.0) + value / len(pieces)
        torch.autograd.backward(wide.sum() / len(pieces) * share)
    for optimizer in optimizers:
        run.workers.sum_gradients(_parameters(optimizer))
        optimizer.step()
    return means


def _terms(update: Update, batch: TrainingBatch, run: TrainingRun) -> Losses:
    mixed = run.precision is Precision.BFLOAT16
    with torch.autocast(run.device.type, torch.bfloat16) if mixed else nullcontext():
        return update.losses(batch)


def _parameters(optimizer: torch.optim.Optimizer) -> Iterator[nn.Parameter]:
    for group in optimizer.param_groups:
        yield from group["params"]


def _sample(task: TrainingTask, run: TrainingRun) -> SampleBatch:
    """Sample in evaluation mode and leave every module as it was."""
    modes = [(module, module.training) for root in task.modules.values() for module in root.modules()]
    for root in task.modules.values():
        root.eval()
    try:
        with torch.inference_mode():
            return task.sample(NoiseSource.for_seeds(range(PREVIEWS), run.device))
    finally:
        for module, training in modes:
            module.training = training


def _check_health(
    current: float,
    state: TrainingState,
    position: Position,
    last: bool,
    records: Records,
    task: TrainingTask,
    run: TrainingRun,
) -> TrainingState:
    """Note a collapse (diversity too low after having been enough, or at the end), or keep the model as good."""
    images = position.images + position.phase.batch_size
    facts: Mapping[str, float] = {"diversity": round(current, 4), "best": round(state.best_diversity, 4)}
    if current >= COLLAPSED_BELOW:
        if state.collapsed:
            records.event(position.step, images, "recovered", **facts)
        task.save_snapshot(run.folder / "last_good")
        return replace(state, best_diversity=max(current, state.best_diversity), collapsed=False)
    if state.collapsed or not (last or state.best_diversity >= COLLAPSED_BELOW):
        return state
    _log.warning(
        "The run in %s has collapsed at step %d: its samples differ %.2f times as much as real scenes (under %.2f). "
        "The last good model, if there was one, is in %s.",
        run.folder, position.step, current, COLLAPSED_BELOW, run.folder / "last_good",
    )  # fmt: skip
    records.event(position.step, images, "collapsed", **facts)
    return replace(state, collapsed=True)


def _diverged(
    update: Update, term: str, value: float, position: Position, optimizers: list[torch.optim.Optimizer]
) -> TrainingDivergedError:
    rates = ", ".join(f"{group['lr']:g}" for optimizer in optimizers for group in optimizer.param_groups)
    return TrainingDivergedError(
        f"Training diverged at step {position.step} ({position.images} of {position.total_images} images, phase "
        f"{position.phase.name!r}): term {term!r} of the {update.name} update is {value}. Try a learning rate below "
        f"{rates}, a larger batch than {position.phase.batch_size}, or precision float32."
    )


def _interrupted(stop: StopRequest, state: TrainingState, schedule: Schedule, run: TrainingRun) -> Interrupted:
    cause = stop.name or "a signal to another process"
    return Interrupted(
        f"Stopped by {cause} after step {state.step} of {schedule.total_steps}; the state is saved in "
        f"{run.folder / 'checkpoints'}. Run the same command again to go on from there."
    )
