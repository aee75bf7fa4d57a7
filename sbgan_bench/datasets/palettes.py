"""Colours for classes that come without."""

import colorsys

_GOLDEN_RATIO = 0.618033988749895
#: (saturation, value) pairs, cycled. Hues come close again after 5, 8 and 13 steps, never multiples of three.
_TONES = ((0.75, 0.92), (0.95, 0.50), (0.38, 0.78))
#: After this many colours both hue and tone return, so the next round is darker.
_ROUND = 21


def distinct_palette(count: int) -> tuple[tuple[int, int, int], ...]:
    """Return ``count`` (at most 256) different RGB colours, none of them black.

    Hues advance by the golden ratio, so that any first few are already far apart.
    """
    colours = []
    for i in range(count):
        saturation, value = _TONES[i % len(_TONES)]
        darker = 0.78 ** (i // _ROUND % 4)
        red, green, blue = colorsys.hsv_to_rgb(i * _GOLDEN_RATIO % 1.0, saturation, value * darker)
        colours.append((round(255 * red), round(255 * green), round(255 * blue)))
    return tuple(colours)
