"""A protocol and a source of images that count how often they are asked."""

from typing import Self

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.features import FeatureSource
from sbgan_bench.hashing import hash_json
from sbgan_bench.protocol import AbstractProtocol, Opening, ProtocolInfo, Weights, images_of
from sbgan_bench.samples import SampleBatch


class Corner(AbstractProtocol):
    """Takes the first ``dim`` pixels of an image as its features."""

    name = "corner"
    weights = Weights.SEEDED

    def __init__(self, name: str = "corner", dim: int = 3, weights_hash: str = "w") -> None:
        self.name = name  # type: ignore[misc]  # one class stands for several protocols here
        self.dim, self.weights_hash = dim, weights_hash
        self.seen = 0

    @classmethod
    def open(cls, opening: Opening) -> Self:
        return cls()

    @property
    def info(self) -> ProtocolInfo:
        return ProtocolInfo(
            name=self.name, weights_hash=self.weights_hash, dim=self.dim, input="", layers="", numerics="float32"
        )

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        images = images_of(scenes, self.name)
        self.seen += len(images)
        return images.reshape(len(images), 24)[:, : self.dim].astype(np.float32)


class Images:
    """Counts the images it was asked for."""

    def __init__(self, total: int = 1000) -> None:
        self.all = np.random.default_rng(0).integers(0, 256, (total, 3, 2, 4), np.uint8)
        self.made = 0

    def source(self, name: str = "a", *, concurrent: bool = False) -> FeatureSource:
        return FeatureSource({"name": name}, self.cut, concurrent=concurrent)

    @staticmethod
    def folder(name: str) -> str:
        """Name of the folder in which the features of a source are kept."""
        return hash_json({"name": name})

    def cut(self, start: int, stop: int) -> SampleBatch:
        self.made += stop - start
        return SampleBatch(self.all[start:stop])
