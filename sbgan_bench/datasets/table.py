"""A few pairs of a split in memory, for looking at."""

from collections.abc import Sequence

import numpy as np

from sbgan_bench.dataset import AbstractDataset, PairTable, Resolution
from sbgan_bench.datasets.transforms import fit_to
from sbgan_bench.errors import DataError


def read_table(dataset: AbstractDataset, split: str, keys: Sequence[str], resolution: Resolution) -> PairTable:
    """Read, crop and resize the pairs named by ``keys``, without the cache.

    Raises:
        DataError: No keys, or a file is missing, damaged, or holds a label id outside the classes.
    """
    whole = dataset.splits()[split]
    if not keys:
        raise DataError(
            f"Split {split!r} of {dataset.info.name} ({dataset.split_name}) is empty; `data check` says why."
        )
    place = {key: index for index, key in enumerate(whole.keys)}
    pairs = [fit_to(dataset.read(key, resolution), resolution) for key in keys]
    return PairTable(
        dataset.info,
        whole.subset(place[key] for key in keys),
        dataset.fingerprint(),
        np.stack([pair.image.transpose(2, 0, 1) for pair in pairs]),
        np.stack([pair.layout for pair in pairs]),
    )
