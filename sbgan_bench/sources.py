"""Where the scenes that are measured come from: a split, or a saved model."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import PairTable
from sbgan_bench.features import FeatureSource
from sbgan_bench.hashing import hash_arrays, hash_json
from sbgan_bench.model import AbstractModel, content_hash
from sbgan_bench.protocol import Content
from sbgan_bench.samples import FIRST_SAMPLING_SEED, LayoutSource, SampleBatch


def real_images(table: PairTable) -> FeatureSource:
    """Return the real scenes of a split, in the table's order."""
    key = {
        "real": table.info.name,
        "fingerprint": table.fingerprint,
        "keys": hash_json(list(table.split.keys)),
        "resolution": list(table.resolution),
    }

    def scenes(start: int, stop: int) -> SampleBatch:
        return SampleBatch(np.asarray(table.images[start:stop]), np.asarray(table.layouts[start:stop]))

    return FeatureSource(key, scenes, frozenset(Content), concurrent=True)


def generated_images(
    model: AbstractModel, folder: Path, layouts: NDArray[np.uint8] | None, first_seed: int = FIRST_SAMPLING_SEED
) -> FeatureSource:
    """Return the scenes that a model generates, alone or given layouts.

    Where it draws layouts of its own they are part of the scenes, and where it is given some, these are.

    Args:
        model: The model saved in ``folder``; one that draws images.
        folder: Its weights are part of the identity.
        layouts: ``(N, H, W)`` class ids to condition on, or None.
        first_seed: Image i has the sampling seed ``first_seed + i``.
    """
    key = {
        "model": content_hash(folder),
        "sampler": dict(model.sampler()),
        "sampling_seed": first_seed,
        "layouts": "" if layouts is None else hash_arrays([("layouts", layouts)]),
    }

    def scenes(start: int, stop: int) -> SampleBatch:
        given = None if layouts is None else layouts[start:stop]
        drawn = SampleBatch.joined(list(model.sample(range(first_seed + start, first_seed + stop), given)))
        return drawn if given is None else SampleBatch(drawn.images, given)

    holds = {Content.IMAGES} if model.draws_images else set()
    if layouts is not None or LayoutSource.GENERATED in model.sources():
        holds |= {Content.LAYOUTS}
    return FeatureSource(key, scenes, frozenset(holds))
