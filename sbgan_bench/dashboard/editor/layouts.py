"""Layouts to begin with: those on the run's pictures, read back from their colours."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.manifest import DatasetRecord
from sbgan_bench.places import size_of
from sbgan_bench.report.run_folder import read_picture

#: Larger layouts are not edited.
LARGEST = 1024 * 2048
#: A layout has a byte for every pixel.
MOST_CLASSES = 256


def shape_of(record: DatasetRecord) -> tuple[int, int] | None:
    """Return (H, W) of a dataset's layouts; None where its table of contents states no size that can be edited."""
    shape = size_of(record.resolution)
    return shape if shape is not None and 0 < shape[0] * shape[1] <= LARGEST else None


def is_drawable(record: DatasetRecord) -> bool:
    """Whether layouts of a dataset can be edited: its size allows it, and classes and colours fit into bytes."""
    colours = record.palette[: len(record.class_names)]
    return (
        shape_of(record) is not None
        and 0 < len(record.class_names) == len(colours) <= MOST_CLASSES
        and all(0 <= part <= 255 for colour in colours for part in colour)
    )


def from_picture(
    path: Path, palette: Sequence[tuple[int, int, int]], shape: tuple[int, int]
) -> NDArray[np.uint8] | None:
    """Return the ``(H, W)`` class ids of a picture in the colours of a palette; None if it is no such picture.

    A smaller layout is enlarged by repeating pixels. Colours that are none of the palette's become the nearest.
    """
    picture = read_picture(path)
    if picture is None or not palette or picture.shape[0] * picture.shape[1] > LARGEST:
        return None
    colours, where = np.unique(picture.reshape(-1, 3), axis=0, return_inverse=True)
    if len(colours) > 4096:
        return None
    distance = np.abs(colours[:, None].astype(int) - np.asarray(palette, int)[None]).sum(axis=2)
    ids = distance.argmin(axis=1).astype(np.uint8)[where.reshape(-1)].reshape(picture.shape[:2])
    rows = np.arange(shape[0]) * ids.shape[0] // shape[0]
    columns = np.arange(shape[1]) * ids.shape[1] // shape[1]
    return np.ascontiguousarray(ids[rows][:, columns])


def blank(shape: tuple[int, int], names: Sequence[str]) -> NDArray[np.uint8]:
    """Return a layout with sky above and road below, where there are such classes, and else of one class."""
    sky = next((index for index, name in enumerate(names) if name.lower() == "sky"), 0)
    road = next((index for index, name in enumerate(names) if name.lower() == "road"), sky)
    layout = np.full(shape, sky, np.uint8)
    layout[shape[0] // 2 :] = road
    return layout
