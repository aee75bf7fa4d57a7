"""Random choices of one scene, drawn one at a time from a seeded generator."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

Item = TypeVar("Item")

#: Numbers drawn at once; the sequence does not depend on it.
_BLOCK = 512


class Dice:
    """Uniform draws only, so that a scene is the same under every version of numpy."""

    def __init__(self, generator: np.random.Generator) -> None:
        self._generator = generator
        self._next = self._stream().__next__

    def _stream(self) -> Iterator[float]:
        while True:
            yield from self._generator.random(_BLOCK).tolist()

    def between(self, low: float, high: float) -> float:
        """Return a number in [low, high)."""
        return low + (high - low) * self._next()

    def chance(self, probability: float) -> bool:
        """Return True with ``probability``."""
        return self._next() < probability

    def pick(self, items: Sequence[Item]) -> Item:
        """Return one of ``items``, each equally likely."""
        return items[int(self._next() * len(items))]

    def sign(self) -> int:
        """Return -1 or 1."""
        return -1 if self._next() < 0.5 else 1

    def shade(self, colour: tuple[float, float, float], spread: float) -> tuple[float, float, float]:
        """Return ``colour`` brightened or darkened by up to ``spread`` and tinted by a third of it."""
        gain = self.between(1 - spread, 1 + spread)
        red, green, blue = (c * gain * self.between(1 - spread / 3, 1 + spread / 3) for c in colour)
        return min(red, 1.0), min(green, 1.0), min(blue, 1.0)
