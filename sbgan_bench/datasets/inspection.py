"""Looking a dataset over before work is spent on it: all that shows at once, and as much more as is cheap."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sbgan_bench.dataset import AbstractDataset, Problem, Resolution
from sbgan_bench.errors import DataError

#: Pairs read as a sample, and seconds after which it is large enough.
_SAMPLE, _PATIENCE = 32, 5.0
#: Seconds that decoding every file may take; more is left to ``data check``.
_CHEAP = 30.0


@dataclass(frozen=True, slots=True)
class Inspection:
    """What was found."""

    problems: tuple[Problem, ...]
    thorough: bool  #: whether every file was decoded
    sampled: int  #: pairs that were read whole if not
    seconds_per_pair: float  #: that reading one took; 0 if nothing was read

    @property
    def stops(self) -> bool:
        """Whether some pair cannot be read before something is mended."""
        return any(problem.stops for problem in self.problems)


def inspect(dataset: AbstractDataset, splits: Sequence[str], resolution: Resolution) -> Inspection:
    """Look over a dataset: every file where that takes seconds, else names, headers and a sample of pairs.

    A fault in the sample, or splits that cannot be told, are reason enough to read every file.

    Args:
        dataset: An open dataset.
        splits: Those that are to be used.
        resolution: (height, width) that is going to be asked for.
    """
    try:
        keys = [key for name in splits for key in dataset.splits()[name].keys]
    except DataError:
        problems = tuple(dataset.problems())
        if not problems:
            raise
        return Inspection(problems, thorough=True, sampled=0, seconds_per_pair=0.0)
    started = time.perf_counter()
    sampled, sound = 0, True
    for index in np.linspace(0, len(keys) - 1, min(_SAMPLE, len(keys))).round().astype(int):
        try:
            dataset.read(keys[index], resolution)
        except DataError:
            sound = False
        sampled += 1
        if time.perf_counter() - started > _PATIENCE:
            break
    pace = (time.perf_counter() - started) / sampled if sampled else 0.0
    thorough = not sound or pace * len(keys) < _CHEAP
    problems = tuple(dataset.problems() if thorough else dataset.quick_problems())
    return Inspection(problems, thorough, sampled, pace)
