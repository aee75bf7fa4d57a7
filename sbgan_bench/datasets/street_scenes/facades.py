"""Walls: windows, doors, shops and bricks, per pixel."""

import enum
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.datasets.street_scenes.texture import Field, fraction, hashed


class Column(enum.IntEnum):
    """Columns of the table of facades."""

    START = 0
    PITCH = 1
    FLOOR = 2
    WINDOW_WIDTH = 3
    WINDOW_HEIGHT = 4
    GROUND = 5
    BRICK = 6
    RED = 7
    GREEN = 8
    BLUE = 9
    SEED = 10
    TOP = 11
    SHADE_BELOW = 12


@dataclass(frozen=True, slots=True)
class WallPixels:
    """The pixels that show walls, ``(P,)`` each."""

    along: Field  #: metres along the wall, before the wall's own start
    up: Field  #: metres above the ground
    scale: Field  #: pixels per metre along the wall
    facade: NDArray[np.intp]  #: row of the table of facades


@dataclass(frozen=True, slots=True)
class Paint:
    """What a pattern makes of its pixels."""

    colour: Field  #: (3, P)
    glass: Field  #: (P,) how much of the pixel is glass, 0 to 1
    sun: Field  #: (P,) factor on the sun's light


def paint_walls(pixels: WallPixels, wall: Field, table: Field, lamps: float) -> Paint:
    """Colour the pixels of walls.

    Args:
        pixels: Where they are.
        wall: (3, P) colour of the plain wall.
        table: (F, 13) one row per facade.
        lamps: How many windows are lit, 0 to 1.
    """
    rows = np.ascontiguousarray(table.T).take(pixels.facade, axis=1)
    cell = (pixels.along - rows[Column.START]) / rows[Column.PITCH]
    column = np.floor(cell)
    across = np.abs(cell - column - np.float32(0.5))
    level = pixels.up / rows[Column.FLOOR]
    floor = np.floor(level)
    height = level - floor
    ground = floor == 0
    chance = hashed(column.astype(np.int32), floor.astype(np.int32), rows[Column.SEED].astype(np.int32))

    shop = ground & (rows[Column.GROUND] == 1)
    door = ground & ~shop & (rows[Column.GROUND] == 2) & (chance < 0.3)
    half_width = np.where(shop, np.float32(0.44), 0.5 * rows[Column.WINDOW_WIDTH])
    middle = np.where(shop, np.float32(0.42), np.where(door, np.float32(0.34), np.float32(0.54)))
    half_height = np.where(shop, np.float32(0.30), np.where(door, np.float32(0.36), 0.5 * rows[Column.WINDOW_HEIGHT]))
    below_top = pixels.up < rows[Column.TOP] - np.float32(0.35)
    from_middle = np.abs(height - middle)
    inside = (across < half_width) & (from_middle < half_height) & below_top
    frame = (across < half_width + 0.045) & (from_middle < half_height + 0.04) & below_top & ~inside
    frame |= inside & ~shop & (across < 0.022)
    band = (pixels.up > rows[Column.TOP] - np.float32(0.4)) | (shop & (height > 0.74) & (height < 0.94))

    fade = np.minimum(np.float32(1), pixels.scale * rows[Column.PITCH] * np.float32(0.22))
    trim = rows[Column.RED : Column.BLUE + 1]
    mortar = rows[Column.BRICK] * np.float32(0.1) * (fraction(pixels.up * 4) < 0.3) * fade
    plinth = np.where(pixels.up < 0.5, np.float32(0.78), np.float32(1))
    colour = wall * ((1 - mortar) * plinth)
    colour += (trim - colour) * ((frame | band) * np.float32(0.8) * fade)
    awning = shop & (height > 0.74) & (height < 0.94)
    hue = hashed(rows[Column.SEED].astype(np.int32), np.zeros_like(column, np.int32))
    stripe = np.stack([0.25 + 0.6 * hue, 0.55 - 0.4 * hue, 0.2 + 0.5 * (1 - hue)])
    colour += (stripe - colour) * (awning * np.float32(0.75))

    sheen = np.float32(0.14) + np.float32(0.30) * chance * (height - middle + np.float32(0.5))
    lit = chance < 0.45 * lamps
    pane = np.stack([sheen * 0.92, sheen, sheen * 1.1])
    goods = np.float32(0.16) + np.float32(0.35) * hashed(
        np.floor(pixels.along * 2).astype(np.int32), floor.astype(np.int32)
    )
    pane = np.where(shop, np.stack([goods * 1.1, goods, goods * 0.85]), pane)
    pane = np.where(lit, np.array([[1.5], [1.15], [0.7]], np.float32), pane)
    pane = np.where(door, stripe * np.float32(0.4), pane)
    share = np.where(inside & ~frame, fade, np.float32(0))
    colour += (pane - colour) * share
    reveal = np.where(inside & (height > middle + half_height - 0.07), np.float32(0.65), np.float32(1))
    stretch = np.floor(pixels.along * np.float32(1 / 9)).astype(np.int32)
    eaves = rows[Column.SHADE_BELOW] * (np.float32(0.8) + np.float32(0.4) * hashed(stretch))
    sun = np.where(pixels.up < eaves, np.float32(0.1), np.float32(1))
    return Paint(colour * reveal, share, sun)
