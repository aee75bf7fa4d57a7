"""Where a dataset seems to lie, when a folder above or below it was given."""

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

#: How many levels up and down are looked at.
_UP, _DOWN = 3, 2
#: How many folders of one level are looked into; a dataset of videos may have thousands.
_MOST = 200


def hint(root: Path, fits: Callable[[Path], bool]) -> str:
    """Return " It seems to be FOLDER: give that one." for the nearest folder that fits, or an empty string.

    Args:
        root: The folder that was given; it does not fit.
        fits: Whether a folder has the structure that is wanted.
    """
    found = next((folder for folder in _around(root) if fits(folder)), None)
    return "" if found is None else f" It seems to be {found}: give that one."


def _around(root: Path) -> Iterator[Path]:
    root = root.resolve()
    yield from islice(root.parents, _UP)
    level = [root]
    for _ in range(_DOWN):
        level = [child for folder in level[:_MOST] for child in _subfolders(folder)]
        yield from level[:_MOST]


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_dir())
    except OSError:  # not ours to read, or no folder at all
        return []
