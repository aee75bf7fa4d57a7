"""Training a segmenter on labelled pairs: stopped at any moment and started again, it ends with the same weights."""

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench.annotation.batches import CropStream, SegmenterBatch
from sbgan_bench.annotation.pairs import IGNORED, LabelledPairs
from sbgan_bench.annotation.recipe import Recipe
from sbgan_bench.errors import Interrupted, TrainingDivergedError
from sbgan_bench.networks.drn import INPUT_MEAN, INPUT_STD, DRNSegmenter
from sbgan_bench.training.checkpoint import load_checkpoint, save_checkpoint
from sbgan_bench.training.interruption import stop_requests
from sbgan_bench.training.records import Records
from sbgan_bench.training.run import Precision, Progress, TrainingRun

#: Lines of losses in ``stats.jsonl``, about.
_LOGGED_STEPS = 400
_REPORT_EVERY = 1.0  #: seconds between progress reports


@dataclass(frozen=True, slots=True)
class Length:
    """How long a run is."""

    pairs: int
    batch_size: int
    epochs: int

    @property
    def steps(self) -> int:
        """Number of steps: all epochs in whole batches, rounded up."""
        return math.ceil(self.pairs * self.epochs / self.batch_size)

    def epoch(self, step: int) -> int:
        """Return the epoch (from 0) in which a step begins."""
        return min(self.epochs - 1, step * self.batch_size // self.pairs)


@dataclass(frozen=True, slots=True)
class _Kept:
    modules: Mapping[str, nn.Module]
    optimizers: Mapping[str, torch.optim.Optimizer]


def train_segmenter(
    network: DRNSegmenter, pairs: LabelledPairs, recipe: Recipe, run: TrainingRun, start: str = ""
) -> None:
    """Train ``network`` from the last checkpoint in ``run.folder``, or from the weights it has.

    The loss is the mean negative log-likelihood over the labelled pixels of a batch, at full size, as in
    ``segment.py`` of github.com/fyu/drn. On a CPU a resumed run ends bit for bit like an uninterrupted one.

    Args:
        network: Moved to the device, left there in evaluation mode.
        pairs: What to learn from.
        recipe: Length, rates, augmentation.
        run: Folder, seed, device, precision.
        start: Names the weights that the network has (their sha256); part of the run's identity.

    Raises:
        TrainingDivergedError: The loss became NaN or infinite.
        Interrupted: Ctrl-C or SIGTERM; a checkpoint was written.
        DataError: A file is missing or damaged.
        ConfigError: The folder holds checkpoints of another run.
    """
    # ── What is ahead, and back to where training stopped ────────────────────────────────────────────────────────
    length = Length(len(pairs), recipe.batch_size, recipe.epochs)
    steps = length.steps
    network.to(run.device).to(memory_format=torch.channels_last).train()
    optimizer = torch.optim.SGD(
        _trained(network), recipe.learning_rate, momentum=recipe.momentum, weight_decay=recipe.weight_decay
    )
    kept = _Kept({"segmenter": network}, {"sgd": optimizer})
    identity = _identity(pairs, recipe, run, start)
    state = load_checkpoint(run.folder, kept, identity)
    records = Records(run.folder, state.step, state.step * recipe.batch_size)
    stream = CropStream(pairs, recipe, run.seed)
    reported, saved, clock = -math.inf, time.monotonic(), time.monotonic() - state.seconds

    with stop_requests() as stop:
        for step, batch in enumerate(stream.batches(state.step, steps), start=state.step):
            # ── One step ─────────────────────────────────────────────────────────────────────────────────────────
            epoch = length.epoch(step)
            for group in optimizer.param_groups:
                group["lr"] = recipe.rate(epoch)
            loss = _loss(network, batch, run)
            value = float(loss.detach())
            if not math.isfinite(value):
                raise _diverged(step, steps, epoch, recipe, value)
            optimizer.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            optimizer.step()
            state = replace(state, step=step + 1, seconds=time.monotonic() - clock)

            # ── Records, progress, checkpoint, and an end if somebody asked for one ──────────────────────────────
            last, images = step + 1 == steps, (step + 1) * recipe.batch_size
            losses = {"cross_entropy": value}
            if step % max(1, steps // _LOGGED_STEPS) == 0 or last:
                records.log(step, images, f"epoch {epoch}", state.seconds, losses)
            if time.monotonic() - reported > _REPORT_EVERY or last:
                reported = time.monotonic()
                run.report(Progress(images, steps * recipe.batch_size, f"epoch {epoch}", losses))
            if time.monotonic() - saved > run.checkpoint_every or last or stop:
                save_checkpoint(run.folder, kept, state, identity)
                saved = time.monotonic()
            if stop and not last:
                raise Interrupted(
                    f"Stopped by {stop.name} after step {state.step} of {steps}; the state is saved in "
                    f"{run.folder / 'checkpoints'}. Run the same command again to go on from there."
                )
    network.eval()


def normalised(images: Tensor) -> Tensor:
    """Turn uint8 images ``(N, 3, H, W)`` into what the network takes: float32, mean and deviation of Cityscapes."""
    mean = torch.tensor(INPUT_MEAN, device=images.device).view(1, 3, 1, 1)
    deviation = torch.tensor(INPUT_STD, device=images.device).view(1, 3, 1, 1)
    return ((images.float() / 255 - mean) / deviation).contiguous(memory_format=torch.channels_last)


def _loss(network: DRNSegmenter, batch: SegmenterBatch, run: TrainingRun) -> Tensor:
    """Return the mean over labelled pixels; zero where a batch has none."""
    targets = batch.targets.to(run.device).long()
    mixed = run.precision is Precision.BFLOAT16
    with torch.autocast(run.device.type, torch.bfloat16) if mixed else nullcontext():
        scores = network(normalised(batch.images.to(run.device)))
    total = F.nll_loss(scores.float(), targets, ignore_index=IGNORED, reduction="sum")
    return total / (targets != IGNORED).sum().clamp(min=1)


def _trained(network: DRNSegmenter) -> Iterator[nn.Parameter]:
    """All but the fixed bilinear enlargement."""
    return (parameter for parameter in network.parameters() if parameter.requires_grad)


def _identity(pairs: LabelledPairs, recipe: Recipe, run: TrainingRun, start: str) -> dict[str, Any]:
    """Return, as plain JSON, what two runs must share to continue one another."""
    return {
        "seed": run.seed,
        "precision": run.precision.value,
        "data": f"{pairs.fingerprint()} {len(pairs)} pairs",
        "classes": pairs.num_classes,
        "recipe": recipe.to_json(),
        "start": start,
    }


def _diverged(step: int, steps: int, epoch: int, recipe: Recipe, value: float) -> TrainingDivergedError:
    return TrainingDivergedError(
        f"Training diverged at step {step} of {steps} (epoch {epoch}): the cross-entropy is {value}. Try a "
        f"learning_rate below {recipe.learning_rate:g}, a batch_size above {recipe.batch_size}, or float32."
    )
