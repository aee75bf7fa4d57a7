"""The sky: a gradient and clouds on a flat ceiling."""

import numpy as np

from sbgan_bench.datasets.street_scenes.atmosphere import Atmosphere
from sbgan_bench.datasets.street_scenes.texture import Field, look_up, tile


def paint_sky(across: Field, up: Field, air: Atmosphere, drift: float) -> Field:
    """Return ``(3, P)`` colours.

    Args:
        across: (P,) x/z of each pixel's ray.
        up: (P,) y/z of each pixel's ray, positive above the horizon.
        air: Colours and cloud cover.
        drift: Where the clouds are, any number.
    """
    height = np.maximum(up, np.float32(0))
    share = height / (height + np.float32(0.28))
    zenith, horizon = (np.array(colour, np.float32)[:, None] for colour in (air.zenith, air.horizon))
    colour = horizon + (zenith - horizon) * np.minimum(np.float32(1), share * np.float32(1.5))
    ceiling: Field = np.float32(1) / (height + np.float32(0.12))
    s = across * ceiling + np.float32(50 + drift)
    t = ceiling * np.float32(1.6) + np.float32(50 + 2 * drift)
    puffs = look_up(tile("clouds", 8, 0.62), s, t, 18.0)
    cover = (puffs + np.float32(1.9 * air.clouds - 1.15)) * np.float32(1.8)
    cover = np.minimum(np.maximum(cover, np.float32(0)), np.float32(1)) * np.minimum(np.float32(1), height * 9)
    white = np.array([[0.93], [0.94], [0.96]], np.float32) * (np.float32(0.8) + np.float32(0.2) * horizon)
    shaded = white * (np.float32(1.02) - np.float32(0.22) * np.maximum(puffs, np.float32(0)))
    painted: Field = colour + (shaded - colour) * (cover * np.float32(0.85))
    return painted
