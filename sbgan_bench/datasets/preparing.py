"""Preparing tables of pairs ahead of their use: what is there already, what the rest needs, and making it."""

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.dataset import AbstractDataset, Resolution, resolution_text
from sbgan_bench.datasets.cache import find, prepare
from sbgan_bench.errors import DataError, UnsupportedError

#: Bytes of a pixel: three of the image, one of the layout.
_PIXEL = 4


@dataclass(frozen=True, slots=True)
class Wanted:
    """One table to be."""

    split: str
    resolution: Resolution
    pairs: int
    ready: bool  #: whether it is in the cache

    @property
    def bytes(self) -> int:
        """Size of the two arrays."""
        return self.pairs * self.resolution[0] * self.resolution[1] * _PIXEL

    @property
    def title(self) -> str:
        """Split and size, "train 128x256"."""
        return f"{self.split} {resolution_text(self.resolution)}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """One table that is."""

    wanted: Wanted
    folder: Path  #: in the cache
    seconds: float  #: spent making it; 0 if it was ready

    @property
    def pace(self) -> float:
        """Pairs per second; 0 if it was ready."""
        return self.wanted.pairs / self.seconds if self.seconds else 0.0


def plan_tables(
    dataset: AbstractDataset, splits: Sequence[str], resolutions: Sequence[Resolution], cache: Path
) -> list[Wanted]:
    """Say which tables are to be made; looks at the cache, and reads every file's bytes if they are not known yet.

    Raises:
        UnsupportedError: The dataset has no pairs of one of these sizes.
        DataError: A split is empty.
    """
    for resolution in resolutions:
        reason = dataset.unsupported(resolution)
        if reason:
            raise UnsupportedError(f"{dataset.info.name} at {resolution_text(resolution)}: {reason}.")
    known = dataset.splits()
    return [
        Wanted(split, resolution, len(known[split].keys), find(dataset, split, resolution, cache) is not None)
        for resolution in resolutions
        for split in splits
    ]


def check_space(wanted: Sequence[Wanted], cache: Path) -> None:
    """Make sure that what is to be written fits on the disk.

    Raises:
        DataError: It does not; says how much is missing.
    """
    needed = sum(table.bytes for table in wanted if not table.ready)
    place = next(folder for folder in (cache, *cache.resolve().parents) if folder.exists())
    free = shutil.disk_usage(place).free
    if needed > free:
        raise DataError(
            f"The tables need {needed / 2**30:.1f} GiB; {cache} has {free / 2**30:.1f} GiB left. Free some space or "
            "choose another disk with --cache or the environment variable SBGAN_BENCH_CACHE."
        )


def make_tables(
    dataset: AbstractDataset,
    wanted: Sequence[Wanted],
    cache: Path,
    workers: int,
    report: Callable[[Wanted, int, int], None],
) -> Iterator[Prepared]:
    """Make the tables one after the other, or open them where they are ready.

    Raises:
        DataError: A pair cannot be used.
        CannotWriteError: The disk is full, or the cache folder is read-only.
    """
    for table in wanted:
        started = time.perf_counter()
        prepare(
            dataset,
            table.split,
            table.resolution,
            cache,
            lambda done, total, table=table: report(table, done, total),  # type: ignore[misc]
            workers,
        )
        folder = find(dataset, table.split, table.resolution, cache)
        assert folder is not None
        yield Prepared(table, folder, 0.0 if table.ready else time.perf_counter() - started)
