"""The stream of training batches: keyed by seed and place alone, read ahead by a few threads."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from sbgan_bench.annotation.crops import random_crop
from sbgan_bench.annotation.pairs import LabelledPair, LabelledPairs
from sbgan_bench.annotation.recipe import Recipe
from sbgan_bench.noise import generator
from sbgan_bench.training.schedule import data_order

#: Batches that are being read while one is learnt from.
AHEAD = 2


@dataclass(frozen=True, slots=True)
class SegmenterBatch:
    """One step's crops, on the CPU."""

    images: Tensor  #: (N, 3, h, w) uint8 RGB
    targets: Tensor  #: (N, h, w) uint8 class ids, ``IGNORED`` where there is nothing to learn


@dataclass(frozen=True, slots=True)
class CropStream:
    """The crops of a training run as one endless stream; crop i depends on the seed and i alone."""

    pairs: LabelledPairs
    recipe: Recipe
    seed: int

    def crop(self, place: int) -> LabelledPair:
        """Return the crop at a place of the stream; every epoch shows every pair once, in a new order."""
        index = data_order(self.seed, 0, [place], len(self.pairs), "annotation order")[0]
        return random_crop(self.pairs.read(int(index)), self.recipe, generator("annotation crop", self.seed, place))

    def batches(self, first: int, stop: int, threads: int = 2) -> Iterator[SegmenterBatch]:
        """Yield the batches of steps ``first`` to ``stop`` (not included), in order, reading ahead.

        Raises:
            DataError: A file is missing or damaged.
        """
        size = self.recipe.batch_size
        waiting: deque[list[Future[LabelledPair]]] = deque()
        with ThreadPoolExecutor(threads) as pool:
            try:
                for step in range(first, stop + AHEAD):
                    if step < stop:
                        waiting.append([pool.submit(self.crop, step * size + place) for place in range(size)])
                    if step >= first + AHEAD:
                        yield _stacked([future.result() for future in waiting.popleft()])
            finally:
                pool.shutdown(cancel_futures=True)


def _stacked(crops: list[LabelledPair]) -> SegmenterBatch:
    images = np.stack([crop.image for crop in crops]).transpose(0, 3, 1, 2)
    targets = np.stack([crop.target for crop in crops])
    return SegmenterBatch(torch.from_numpy(np.ascontiguousarray(images)), torch.from_numpy(targets))
