"""Tileable noise, looked up by position in metres.

Built and used with additions and multiplications alone (no transcendental functions, no sums of unspecified order),
which IEEE arithmetic defines exactly: the same bytes on every processor.
"""

from functools import cache
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.noise import generator

Field: TypeAlias = NDArray[np.float32]

SIDE = 256


def _smooth(lattice: Field) -> Field:
    """Double the side of a periodic lattice by bilinear interpolation."""
    rows = np.repeat(lattice, 2, axis=0)
    rows[1::2] = 0.5 * (lattice + np.roll(lattice, -1, axis=0))
    both = np.repeat(rows, 2, axis=1)
    both[:, 1::2] = 0.5 * (rows + np.roll(rows, -1, axis=1))
    return both


@cache
def tile(name: str, first: int, persistence: float) -> Field:
    """Return flattened ``(256 * 256,)`` fractal noise of mean 0, nearly all in [-1, 1].

    Args:
        name: Different names give different noise.
        first: Side of the coarsest lattice, a power of two; 256 is white noise.
        persistence: Amplitude of each octave relative to the one before.
    """
    dice = generator(f"street scenes: {name}", first)
    field = np.zeros((first, first), np.float32)
    gain, total = 1.0, 0.0
    while True:
        side = field.shape[0]
        field += np.float32(gain) * (2 * dice.random((side, side), np.float32) - 1)
        total += gain * gain
        if side == SIDE:
            break
        field = _smooth(field)
        gain *= persistence
    flat = (field / np.float32(total**0.5)).ravel()
    flat.setflags(write=False)
    return flat


def look_up(noise: Field, s: Field, t: Field, cells: float) -> Field:
    """Return the noise at ``(s, t)`` in metres with ``cells`` noise cells per metre, nearest cell."""
    column = (s * np.float32(cells)).astype(np.int32) & (SIDE - 1)
    row = (t * np.float32(cells)).astype(np.int32) & (SIDE - 1)
    return noise.take((row << 8) | column)


def hashed(*integers: NDArray[np.int32]) -> Field:
    """Return a number in [0, 1) for each tuple of integers, the same for the same tuple."""
    mixed = np.zeros_like(integers[0], dtype=np.uint32)
    for part in integers:
        mixed = (mixed ^ part.astype(np.uint32)) * np.uint32(2654435761)
        mixed ^= mixed >> np.uint32(15)
    return (mixed >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def fraction(field: Field) -> Field:
    """Return what is left of each number above its floor, in [0, 1)."""
    left: Field = field - np.floor(field)
    return left
