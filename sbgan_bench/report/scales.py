"""What charts on paper and in the browser share: colours, and how far axes go."""

from collections.abc import Collection

#: Of lines and dots; they can be told apart on a light and on a dark page.
COLOURS = ("#3f7fc1", "#e0703a", "#3d9a63", "#b0579f", "#b3952b", "#3aa5ae", "#c9505e", "#7a7f88")
#: Axes can do arithmetic up to here.
LARGEST = 1e30
#: Ratio of the ends of an axis from which it is logarithmic.
_WIDE = 15


def drawable(value: float) -> float:
    """Return a value that axes can work with: those beyond it are drawn at it."""
    return min(max(value, -LARGEST), LARGEST)


def is_wide(values: Collection[float]) -> bool:
    """Whether positive values lie so far apart that they are shown on a log scale."""
    low, high = min(values), max(values)
    return low > 0 and high > _WIDE * low
