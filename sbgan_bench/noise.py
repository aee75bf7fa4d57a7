"""Random numbers keyed by what they are for, so that workers, batches and restarts cannot change them.

Every draw is numpy's Philox generator seeded by ``(purpose, seed, step, index of the sample in the global
batch)``. Two processes that share a batch, or a run resumed in the middle, therefore draw the same numbers.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray


def generator(purpose: str, *key: int) -> np.random.Generator:
    """Return the generator for ``purpose`` (any text) and a ``key`` of non-negative integers."""
    entropy = [zlib.crc32(purpose.encode()), *key]
    return np.random.Generator(np.random.Philox(np.random.SeedSequence(entropy)))


@dataclass(frozen=True, slots=True)
class NoiseSource:
    """The random numbers of one batch: one generator per sample and purpose.

    ``keys[i]`` identifies sample ``i`` (its sampling seed, or seed, step and global index in training).
    Asking twice for the same purpose gives the same numbers; use different purposes for different draws.
    """

    keys: tuple[tuple[int, ...], ...]
    device: torch.device = torch.device("cpu")
    prefix: str = ""  #: put before every purpose, see ``turn``

    @classmethod
    def for_seeds(cls, seeds: Sequence[int], device: torch.device) -> "NoiseSource":
        """Noise for sampling: sample ``i`` depends on ``seeds[i]`` alone."""
        return cls(tuple((int(seed),) for seed in seeds), device)

    @classmethod
    def for_step(cls, seed: int, step: int, indices: Sequence[int], device: torch.device) -> "NoiseSource":
        """Noise for a training step: keyed by the training seed, the step and the global sample index."""
        return cls(tuple((seed, step, int(index)) for index in indices), device)

    def __len__(self) -> int:
        return len(self.keys)

    def __getitem__(self, chosen: slice) -> "NoiseSource":
        """Return the numbers of some of the samples."""
        return NoiseSource(self.keys[chosen], self.device, self.prefix)

    def turn(self, name: str) -> "NoiseSource":
        """Return the same samples with other numbers for every purpose: one update of a step draws not as another."""
        return NoiseSource(self.keys, self.device, f"{self.prefix}{name} ")

    def normal(self, purpose: str, *shape: int) -> torch.Tensor:
        """Standard normal numbers, ``(N, *shape)`` float32."""
        return self._tensor([g.standard_normal(shape, np.float32) for g in self._generators(purpose)])

    def exponential(self, purpose: str, *shape: int) -> torch.Tensor:
        """Exponential(1) numbers, ``(N, *shape)`` float32."""
        return self._tensor([g.standard_exponential(shape, np.float32) for g in self._generators(purpose)])

    def uniform(self, purpose: str, *shape: int) -> torch.Tensor:
        """Uniform numbers in [0, 1), ``(N, *shape)`` float32."""
        return self._tensor([g.random(shape, np.float32) for g in self._generators(purpose)])

    def _generators(self, purpose: str) -> list[np.random.Generator]:
        return [generator(self.prefix + purpose, *key) for key in self.keys]

    def _tensor(self, draws: list[NDArray[np.float32]]) -> torch.Tensor:
        return torch.from_numpy(np.stack(draws)).to(self.device)
