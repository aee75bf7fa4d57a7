"""From phases to steps: which step shows which images, in which phase."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.noise import generator
from sbgan_bench.training.task import Phase, Position


def steps_of(phase: Phase) -> int:
    """Return the number of steps of a phase: its images in whole batches, rounded up."""
    return math.ceil(phase.images / phase.batch_size)


@dataclass(frozen=True, slots=True)
class Schedule:
    """The phases of a run laid end to end; phases without images take no step."""

    phases: Sequence[Phase]

    @property
    def total_steps(self) -> int:
        """Number of steps from start to end."""
        return sum(steps_of(phase) for phase in self.phases)

    @property
    def total_images(self) -> int:
        """Number of real images shown from start to end, repetitions counted."""
        return sum(steps_of(phase) * phase.batch_size for phase in self.phases)

    @property
    def whole_from(self) -> int:
        """The first step that trains the whole network: at the size of the last phase, with nothing blended in.

        A network that grows draws smaller, unfinished scenes before it. At the latest the last step.
        """
        steps = 0
        for phase in self.phases:
            if phase.resolution == self.phases[-1].resolution and not phase.fading:
                break
            steps += steps_of(phase)
        return max(0, min(steps, self.total_steps - 1))

    def images_after(self, steps: int) -> int:
        """Return the number of real images shown in the first ``steps`` steps, at most all of them."""
        return self.position(steps).images if steps < self.total_steps else self.total_images

    def position(self, step: int) -> Position:
        """Return where step ``step`` (from 0) stands.

        Raises:
            IndexError: The schedule has fewer steps.
        """
        images, remaining = 0, step
        for phase in self.phases:
            steps = steps_of(phase)
            if remaining < steps:
                images += remaining * phase.batch_size
                return Position(step, images, self.total_images, phase, (remaining + 1) / steps)
            remaining -= steps
            images += steps * phase.batch_size
        message = f"step {step} of a schedule of {self.total_steps} steps"
        raise IndexError(message)


def moments(total_steps: int, count: int, after: int = 0) -> frozenset[int]:
    """Return ``count`` evenly spaced numbers of finished steps, the last one included (fewer if steps are few).

    Args:
        total_steps: Steps of the run.
        count: How many moments.
        after: Steps that come before all of them.
    """
    steps = total_steps - after
    return frozenset(after + math.ceil(steps * k / count) for k in range(1, count + 1)) if steps > 0 else frozenset()


def data_order(
    seed: int,
    first: int,
    places: Sequence[int],
    num_pairs: int,
    purpose: str = "data order",
    repeats: Sequence[int] = (),
) -> NDArray[np.intp]:
    """Return which pairs a batch shows.

    The data come as one endless stream: every epoch is a permutation of all pairs, keyed by (seed, epoch) alone, so
    neither the batch size nor a restart changes the stream. A pair that is repeated stands several times in it.

    Args:
        seed: Training seed.
        first: Number of images shown before this batch.
        places: Places within the global batch.
        num_pairs: Size of the training table.
        purpose: Keeps trainings apart that share a seed.
        repeats: How often an epoch shows each pair, ``num_pairs`` numbers; empty for once each.

    Returns:
        ``(len(places),)`` indices into the training table.
    """
    stream = first + np.asarray(places)
    pairs = np.repeat(np.arange(num_pairs), repeats) if len(repeats) else np.arange(num_pairs)
    epochs, offsets = stream // len(pairs), stream % len(pairs)
    indices = np.empty(len(stream), np.intp)
    for epoch in np.unique(epochs):
        order = generator(purpose, seed, int(epoch)).permutation(len(pairs))
        indices[epochs == epoch] = pairs[order[offsets[epochs == epoch]]]
    return indices
