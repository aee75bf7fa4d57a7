"""The contract of a feature protocol: a named, hashed way to turn images into feature vectors."""

import abc
import enum
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
import torch
from numpy.typing import NDArray

from sbgan_bench.dataset import Resolution


class Weights(enum.StrEnum):
    """Where the numbers inside a protocol's network come from."""

    SEEDED = "seeded"  #: drawn from a fixed seed; nothing to fetch
    JUDGE = "judge"  #: a segmenter trained on the dataset's train split (see ``sbgan_bench.judge``)
    FILE = "file"  #: a file of published weights


@dataclass(frozen=True, slots=True, kw_only=True)
class ProtocolInfo:
    """What a reader must know to repeat the measurement."""

    name: str  #: as registered
    weights_hash: str  #: sha256 of the weights
    dim: int  #: length of a feature vector
    input: str  #: resize, range and quantisation in words
    layers: str  #: which activations, how pooled
    numerics: str  #: what else can move a digit: precision, memory format


class AbstractProtocol(abc.ABC):
    """Turns images into features. Deterministic; batch size never changes a feature beyond rounding."""

    name: ClassVar[str]
    weights: ClassVar[Weights]

    @classmethod
    @abc.abstractmethod
    def open(cls, weights: Path | None, device: torch.device) -> Self:
        """Make ready to extract.

        Args:
            weights: The file of weights, None for protocols whose weights are ``SEEDED``.
            device: Where the network runs.

        Raises:
            CorruptFileError: The file is damaged.
            BenchError: The file is needed and was not given, or is of another kind.
        """

    @classmethod
    @abc.abstractmethod
    def unsupported(cls, resolution: Resolution) -> str:
        """Return why images of ``resolution`` cannot be measured, for readers of a table; "" if they can."""

    @property
    @abc.abstractmethod
    def info(self) -> ProtocolInfo:
        """Name, hash, dimension and preprocessing."""

    @abc.abstractmethod
    def features(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Turn ``(N, 3, H, W)`` uint8 RGB images into ``(N, dim)`` float32 features."""
