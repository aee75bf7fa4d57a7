"""Columns of tables as text: a dataset at a size."""

import re

#: Digits of ASCII alone, and few: ``int`` refuses "²" and numbers of thousands of digits.
_SIZE = re.compile(r"([0-9]{1,6})x([0-9]{1,6})")


def covers(pattern: str, dataset: str, resolution: str) -> bool:
    """Whether "cityscapes-5k" or "cityscapes-5k/128x256" means this dataset at this size."""
    return pattern in (dataset, f"{dataset}/{resolution}")


def size_of(resolution: str) -> tuple[int, int] | None:
    """Return (height, width) of "64x128"; None for text that is no size."""
    found = _SIZE.fullmatch(resolution)
    return None if found is None else (int(found[1]), int(found[2]))
