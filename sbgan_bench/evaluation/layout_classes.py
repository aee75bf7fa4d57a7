"""What the class ids in sets of label maps mean: what a ``dataset.toml`` beside the reals says, else what occurs."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sbgan_bench.config import read_toml
from sbgan_bench.datasets.folder import DESCRIPTION, UNLABELLED, FolderDescription
from sbgan_bench.features import FeatureSource
from sbgan_bench.image_sets import ImageSet, LayoutSet
from sbgan_bench.protocol import LayoutClasses
from sbgan_bench.samples import SampleBatch

#: Layouts looked at together when counting classes.
_CHUNK = 256
#: The id that most datasets give to unlabelled pixels.
_CUSTOMARY = 255


@dataclass(frozen=True, slots=True)
class LayoutIds:
    """The classes of label maps, and the id in files that stands for unlabelled pixels."""

    classes: LayoutClasses
    unlabelled: int | None = None  #: becomes ``classes.ignore_index``; None where files hold classes alone
    note: str = ""  #: what a reader must know of the classes; "" if nothing

    def applied(self, source: FeatureSource) -> FeatureSource:
        """Return the scenes with that id replaced in their layouts."""
        stored, index = self.unlabelled, self.classes.ignore_index
        if stored is None or index is None or stored == index:
            return source

        def scenes(start: int, stop: int) -> SampleBatch:
            batch = source.scenes(start, stop)
            if batch.layouts is None:
                return batch
            return replace(batch, layouts=np.where(batch.layouts == stored, np.uint8(index), batch.layouts))

        return replace(source, key={**source.key, "unlabelled": [stored, index]}, scenes=scenes)


def layout_ids(real: ImageSet | LayoutSet, others: Iterable[ImageSet | LayoutSet]) -> LayoutIds | None:
    """Return what the ids mean; None where the reals have no layouts, or are alone in having some.

    Raises:
        BenchError: A label map or the description cannot be read.
    """
    sets = [one for one in others if _has_layouts(one)]
    if not (_has_layouts(real) and sets):
        return None
    for folder in (real.path, real.path.parent):
        if (folder / DESCRIPTION).is_file():
            return _described(folder / DESCRIPTION)
    highest = max(map(_highest, (real, *sets)))
    note = f"id {_CUSTOMARY} counts as a class of the layouts; if it means unlabelled, say so (ignore_id) in a "
    note += f"{DESCRIPTION} beside the real ones"
    names = tuple(f"class {index}" for index in range(highest + 1))
    return LayoutIds(LayoutClasses(names), note=note if highest == _CUSTOMARY else "")


def _has_layouts(one: ImageSet | LayoutSet) -> bool:
    return isinstance(one, LayoutSet) or one.maps is not None


def _described(path: Path) -> LayoutIds:
    told = FolderDescription.parse(read_toml(path), str(path))
    if told.ignore_id is None:
        return LayoutIds(LayoutClasses(told.class_names))
    return LayoutIds(LayoutClasses((*told.class_names, UNLABELLED), len(told.class_names)), told.ignore_id)


def _highest(one: ImageSet | LayoutSet) -> int:
    parts = (one.layouts(start, min(start + _CHUNK, len(one))) for start in range(0, len(one), _CHUNK))
    return max(int(np.max(part)) for part in parts if part is not None)
