"""Which images of a set are measured, and which trial each falls into: by lot, for files are often in an order.

Samples named by class or by clip, cut into trials as they lie, would make every trial a different kind of picture.
"""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from sbgan_bench import noise
from sbgan_bench.features import FeatureSource
from sbgan_bench.hashing import hash_arrays
from sbgan_bench.samples import SampleBatch


@dataclass(frozen=True, slots=True, eq=False)
class Lots:
    """A draw of images from a set, without replacement: the same for all sets of one size, so pairs stay pairs."""

    total: int  #: images of the set
    kept: NDArray[np.intp]  #: (count,) places of those that are measured, rising, so that files are read in order
    order: NDArray[np.intp]  #: (count,) which of the kept comes first, second, … in the trials

    @classmethod
    def draw(cls, total: int, count: int, seed: int) -> Self:
        """Draw ``count`` of ``total`` images."""
        drawn = noise.generator("generated images of the trials", seed, total).permutation(total)[:count]
        kept = np.sort(drawn)
        return cls(total, kept, np.searchsorted(kept, drawn))

    def source(self, every: FeatureSource) -> FeatureSource:
        """Return the kept images of a set, in the order of its files; all of them are the set itself."""
        if len(self.kept) == self.total:
            return every

        def scenes(start: int, stop: int) -> SampleBatch:
            return SampleBatch.joined([every.scenes(int(at), int(at) + 1) for at in self.kept[start:stop]])

        return replace(every, key={**every.key, "kept": hash_arrays([("kept", self.kept)])}, scenes=scenes)
