"""Toy streets: an endless small city, rendered on the spot; nothing to download, no licence to sign."""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field

from sbgan_bench.config import Settings
from sbgan_bench.dataset import (
    AbstractDataset,
    DatasetInfo,
    Pair,
    Problem,
    PublishedCount,
    Resolution,
    Split,
    resolution_text,
)
from sbgan_bench.datasets.street_scenes.labels import CLASS_NAMES, PALETTE
from sbgan_bench.datasets.street_scenes.scene import render_scene
from sbgan_bench.errors import DataError
from sbgan_bench.hashing import hash_json

#: Raise with every change of the generator that changes a pixel: it is part of the fingerprint.
GENERATOR_VERSION = 3

_CHECKED_PER_SPLIT = 3
_CHECK_RESOLUTION = (32, 64)


class ToyStreetsSettings(Settings):
    """Which scenes, and how many of each split."""

    seed: int = Field(default=0, ge=0)
    train: int = Field(default=2000, ge=1, le=999_999)
    selection: int = Field(default=200, ge=1, le=999_999)
    test: int = Field(default=600, ge=1, le=999_999)


class ToyStreets(AbstractDataset):
    """Procedural street scenes with twelve classes.

    Scene ``i`` of a split is a function of the seed, the split, ``i`` and the size alone. The splits draw from
    separate random streams, hence share no scene. Every size of aspect 1:2 shows the same street.
    """

    Settings = ToyStreetsSettings

    def __init__(self, settings: ToyStreetsSettings) -> None:
        self._settings = settings
        self._splits = {
            name: Split(name, tuple(f"{name}/{index:06d}" for index in range(count)))
            for name, count in (("train", settings.train), ("selection", settings.selection), ("test", settings.test))
        }

    @classmethod
    def open(cls, settings: Any) -> Self:
        """Open with ``ToyStreetsSettings``; nothing is rendered yet."""
        return cls(settings)

    @property
    def info(self) -> DatasetInfo:
        """Names, palette, licence."""
        return DatasetInfo(
            name="toy-streets",
            class_names=CLASS_NAMES,
            palette=PALETTE,
            ignore_index=None,
            licence="Apache-2.0 (generated)",
            redistributable=True,
        )

    @property
    def split_name(self) -> str:
        """Always "fixed": the splits are part of the definition."""
        return "fixed"

    def splits(self) -> Mapping[str, Split]:
        """The three splits by name."""
        return self._splits

    def unsupported(self, resolution: Resolution) -> str:
        """Refuse every shape but 1:2."""
        height, width = resolution
        if height >= 1 and width == 2 * height:
            return ""
        return (
            f"toy-streets renders pictures twice as wide as high, not {resolution_text(resolution)}; "
            f"ask for {max(height, 1)}x{2 * max(height, 1)}."
        )

    def fingerprint(self) -> str:
        """sha256 of the settings and the generator's version."""
        return hash_json({"dataset": "toy-streets", "generator": GENERATOR_VERSION, **self._settings.to_json()})

    def read(self, key: str, resolution: Resolution) -> Pair:
        """Render one scene at ``resolution``.

        Raises:
            DataError: No such key, or the width is not twice the height.
        """
        refusal = self.unsupported(resolution)
        if refusal:
            raise DataError(refusal)
        name, _, index = key.partition("/")
        split = self._splits.get(name)
        if split is None or not index.isdecimal() or int(index) >= len(split.keys) or key != split.keys[int(index)]:
            raise DataError(f"toy-streets has no scene {key!r}; keys run from train/000000, selection/… and test/….")
        return render_scene(name, self._settings.seed, int(index), resolution)

    def counts(self) -> tuple[PublishedCount, ...]:
        """Nothing was published to compare with."""
        return ()

    def problems(self) -> list[Problem]:
        """Render the first scenes of each split and report labels outside the classes."""
        found = []
        for split in self._splits.values():
            for key in split.keys[:_CHECKED_PER_SPLIT]:
                pair = self.read(key, _CHECK_RESOLUTION)
                if int(pair.layout.max()) >= len(CLASS_NAMES):
                    found.append(
                        Problem(key, f"label id {int(pair.layout.max())} is outside the classes; report a bug.")
                    )
        return found
