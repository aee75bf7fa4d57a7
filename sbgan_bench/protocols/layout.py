"""The layout protocol: what label maps are made of, without any network."""

from typing import ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.hashing import hash_json
from sbgan_bench.layout_statistics import GRID, border_shares, class_areas, components, grid_shares
from sbgan_bench.protocol import AbstractProtocol, Content, LayoutClasses, Opening, ProtocolInfo, Weights, layouts_of
from sbgan_bench.samples import SampleBatch

#: Raise with every change that moves a number: it is part of the hash.
_VERSION = 1


@final
class LayoutProtocol(AbstractProtocol):
    """Areas, neighbours, places and pieces of the classes of a layout (see ``sbgan_bench.layout_statistics``).

    The blocks, for K classes, unlabelled pixels being a class like any other:

    - ``areas``: K shares of the pixels;
    - ``adjacency``: K (K + 1) / 2 shares of the length of the borders, one per unordered pair of classes;
    - ``grid``: K shares in each of ``GRID`` × ``GRID`` cells, cell by cell, row by row;
    - ``components``: K numbers of connected pieces, then their K mean sizes as shares of the layout.
    """

    name: ClassVar[str] = "layout"
    weights: ClassVar[Weights] = Weights.NONE
    needs: ClassVar[frozenset[Content]] = frozenset({Content.LAYOUTS})
    blocks: ClassVar[frozenset[str]] = frozenset({"areas", "adjacency", "grid", "components"})

    def __init__(self, classes: LayoutClasses) -> None:
        self._classes = classes

    @classmethod
    def open(cls, opening: Opening) -> Self:
        """Make ready to describe layouts of the classes in ``opening``; the device is not used.

        Raises:
            BenchError: The classes were not given, or a file was.
        """
        if opening.weights is not None:
            raise BenchError(f"The layout protocol has no network and takes no file; leave out {opening.weights}.")
        if opening.classes is None:
            raise BenchError(
                "The layout protocol must know the classes of the layouts, and none were given: "
                "name the dataset that they belong to, or leave the protocol out."
            )
        return cls(opening.classes)

    @property
    def info(self) -> ProtocolInfo:
        """Name, hash of the definition, dimension and blocks."""
        blocks = self._places()
        return ProtocolInfo(
            name=self.name,
            weights_hash=hash_json(self._definition()),
            dim=max(stop for _, stop in blocks.values()),
            input=f"label maps of {self._classes.count} classes at native size, unlabelled pixels being one of them",
            layers=(
                f"class areas; shares of the borders between classes; class shares on a grid of {GRID}x{GRID}; "
                "4-connected components: number and mean size per class"
            ),
            numerics="counted in integers, divided in float64, kept in float32",
            blocks=blocks,
        )

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Turn layouts ``(N, h, w)`` uint8 of any size into ``(N, dim)`` float32 features.

        Raises:
            DataError: The scenes have no layouts, or these have no pixels or a class id that does not exist.
        """
        layouts = self._checked(layouts_of(scenes, self.name))
        result = np.empty((len(layouts), self.info.dim), np.float32)
        for row, layout in zip(result, layouts, strict=True):
            row[:] = self._describe(layout)
        return result

    def _describe(self, layout: NDArray[np.uint8]) -> NDArray[np.float64]:
        classes = self._classes.count
        pieces = components(layout, classes)
        return np.concatenate(
            [
                class_areas(layout, classes),
                border_shares(layout, classes),
                grid_shares(layout, classes).ravel(),
                pieces.counts,
                pieces.sizes,
            ]
        )

    def _places(self) -> dict[str, tuple[int, int]]:
        classes = self._classes.count
        widths = {
            "areas": classes,
            "adjacency": classes * (classes + 1) // 2,
            "grid": GRID * GRID * classes,
            "components": 2 * classes,
        }
        stops = np.cumsum(list(widths.values())).tolist()
        return {name: (stop - widths[name], stop) for name, stop in zip(widths, stops, strict=True)}

    def _definition(self) -> dict[str, object]:
        """Everything beside the layouts that decides a feature, as plain JSON."""
        return {
            "protocol": self.name,
            "version": _VERSION,
            "classes": list(self._classes.names),
            "ignore_index": self._classes.ignore_index,
            "grid": GRID,
            "connectivity": 4,
        }

    def _checked(self, layouts: NDArray[np.uint8]) -> NDArray[np.uint8]:
        if layouts.ndim != 3 or 0 in layouts.shape[1:] or layouts.dtype != np.uint8:
            raise DataError(
                f"Protocol {self.name!r} got layouts of shape {layouts.shape} and type {layouts.dtype}; "
                "expected (scenes, height, width) uint8 class ids."
            )
        highest = int(layouts.max(initial=0))
        if highest >= self._classes.count:
            scene = int(np.argmax(layouts.max(axis=(1, 2))))
            raise DataError(
                f"Layout {scene} holds class id {highest}, but there are {self._classes.count} classes (ids from 0): "
                "measure it with the classes that it was made with."
            )
        return layouts
