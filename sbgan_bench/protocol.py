"""The contract of a feature protocol: a named, hashed way to turn scenes into feature vectors."""

import abc
import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray

from sbgan_bench.dataset import Resolution
from sbgan_bench.errors import DataError
from sbgan_bench.metric import FEATURES
from sbgan_bench.samples import SampleBatch


class Weights(enum.StrEnum):
    """Where the numbers inside a protocol's network come from."""

    NONE = "none"  #: there is no network
    SEEDED = "seeded"  #: drawn from a fixed seed; nothing to fetch
    JUDGE = "judge"  #: a segmenter trained on the dataset's train split (see ``sbgan_bench.judge``)
    FILE = "file"  #: a file of published weights


class Content(enum.StrEnum):
    """What of a scene a protocol looks at."""

    IMAGES = "images"
    LAYOUTS = "layouts"


@dataclass(frozen=True, slots=True)
class LayoutClasses:
    """The classes of the layouts that are measured."""

    names: tuple[str, ...]  #: one per class id, the class of unlabelled pixels included
    ignore_index: int | None = None  #: class id of unlabelled pixels; None where every pixel has a class

    @property
    def count(self) -> int:
        """Number of class ids."""
        return len(self.names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a protocol is made ready with."""

    device: torch.device  #: where the network runs
    weights: Path | None = None  #: the file of weights; None where there is none, or to look in the usual place
    trusted: bool = False  #: whether a file of weights other than the published one is accepted, and marked
    classes: LayoutClasses | None = None  #: of the layouts; None where nothing but images is measured


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolInfo:
    """What a reader must know to repeat the measurement."""

    name: str  #: as registered
    weights_hash: str  #: sha256 of the weights, or of the definition where there are none
    dim: int  #: length of a feature vector
    input: str  #: resize, range and quantisation in words
    layers: str  #: which activations, how pooled
    numerics: str  #: what else can move a digit: precision, memory format
    published: bool = True  #: False if the weights are a file that the user vouched for in place of the published one
    blocks: Mapping[str, tuple[int, int]] = field(default_factory=dict)  #: name -> (start, stop); empty: one block

    @property
    def places(self) -> Mapping[str, tuple[int, int]]:
        """Where every block lies in a feature vector; without any named, ``FEATURES`` is all of it."""
        return self.blocks or {FEATURES: (0, self.dim)}

    def block(self, name: str) -> slice:
        """Return where one block lies."""
        return slice(*self.places[name])

    def width(self, name: str) -> int:
        """Return the number of dimensions of a block."""
        return len(range(self.dim)[self.block(name)])


class AbstractProtocol(abc.ABC):
    """Turns scenes into features. Deterministic; batch size never changes a feature beyond rounding."""

    name: ClassVar[str]
    weights: ClassVar[Weights]
    needs: ClassVar[frozenset[Content]] = frozenset({Content.IMAGES})  #: what of a scene it looks at
    blocks: ClassVar[frozenset[str]] = frozenset({FEATURES})  #: names of the parts of a feature vector
    #: Where ``weights`` is ``FILE``: the name of the published file (``sbgan-bench weights list``).
    file: ClassVar[str] = ""

    @classmethod
    @abc.abstractmethod
    def open(cls, opening: Opening) -> Self:
        """Make ready to extract.

        Raises:
            CorruptFileError: The file of weights is damaged, or is not the published one and not trusted.
            BenchError: Something is needed and was not given, or is of another kind.
        """

    @classmethod
    def unsupported(cls, resolution: Resolution) -> str:
        """Return why scenes of ``resolution`` cannot be measured, for readers of a table; "", as here, if they can."""
        del resolution
        return ""

    @property
    @abc.abstractmethod
    def info(self) -> ProtocolInfo:
        """Name, hash, dimension and preprocessing."""

    @abc.abstractmethod
    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Turn N scenes into ``(N, dim)`` float32 features.

        Args:
            scenes: With images ``(N, 3, H, W)`` uint8 RGB and layouts ``(N, h, w)`` uint8 class ids, as far as
                ``needs`` names them.
        """


def images_of(scenes: SampleBatch, protocol: str) -> NDArray[np.uint8]:
    """Return the images of scenes.

    Raises:
        DataError: They have none; ``protocol`` is named.
    """
    if scenes.images is None:
        raise DataError(f"Protocol {protocol!r} looks at images, and these scenes have layouts alone.")
    return scenes.images


def layouts_of(scenes: SampleBatch, protocol: str) -> NDArray[np.uint8]:
    """Return the layouts of scenes.

    Raises:
        DataError: They have none; ``protocol`` is named.
    """
    if scenes.layouts is None:
        raise DataError(f"Protocol {protocol!r} looks at layouts, and these scenes have images alone.")
    return scenes.layouts
