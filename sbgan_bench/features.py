"""Features of sets of scenes, extracted once and kept in chunks by content.

A chunk holds the features of samples ``start`` to ``stop``; the store cuts every set at the same multiples of
``CHUNK``, so a smaller number of samples is a prefix of a larger one and an extraction that was killed goes on where
it stopped. Only the last chunk may be short, and it is kept under its own ``stop``: what a chunk holds never depends
on what was asked for before. It is found again only by the protocol, the releases and the number of threads that made
it, since each of them can move a digit.
"""

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from sbgan_bench.errors import BenchError, CorruptFileError
from sbgan_bench.hashing import SHORT, canonical_json, hash_arrays, hash_json
from sbgan_bench.locking import locked
from sbgan_bench.plugins import PluginGroup
from sbgan_bench.protocol import AbstractProtocol, Content
from sbgan_bench.reporting import no_report
from sbgan_bench.samples import SampleBatch
from sbgan_bench.storage import atomic_file, write_json
from sbgan_bench.versions import component_versions, plugin_distribution

#: Samples per chunk.
CHUNK = 100

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class FeatureSource:
    """A set of scenes that can be made again, piece by piece."""

    key: dict[str, Any]  #: plain JSON that identifies every pixel: checkpoint hash, layouts, sampling, size, seeds
    scenes: Callable[[int, int], SampleBatch]  #: (start, stop) -> stop − start scenes
    holds: frozenset[Content] = frozenset({Content.IMAGES})  #: what every scene has


@dataclass(frozen=True, slots=True)
class FeatureStore:
    """Keeps features under ``root``, which several processes may share."""

    root: Path

    def features(
        self,
        source: FeatureSource,
        protocols: Sequence[AbstractProtocol],
        count: int,
        report: Callable[[int, int], None] = no_report,
    ) -> dict[str, NDArray[np.float32]]:
        """Return the features of the first ``count`` scenes, from the store where it has them.

        Scenes are made only for chunks that some protocol lacks, and once for all protocols.

        Args:
            source: The scenes.
            protocols: How to turn them into features.
            count: Number of scenes.
            report: Told the scenes done and in all, after every chunk.

        Returns:
            ``(count, dim)`` float32 features by protocol name.

        Raises:
            BenchError: The source gives fewer scenes than asked for, or the folder cannot be written.
        """
        folder = self.root / hash_json(source.key)
        if not (folder / "source.json").exists():
            write_json(folder / "source.json", source.key)
        makers = [_maker(protocol) for protocol in protocols]
        pieces: dict[str, list[NDArray[np.float32]]] = {protocol.name: [] for protocol in protocols}
        for start in range(0, count, CHUNK):
            stop = min(start + CHUNK, count)
            chunks = [
                _Chunk(folder, protocol, maker, start, stop) for protocol, maker in zip(protocols, makers, strict=True)
            ]
            for chunk, array in zip(chunks, _load_or_extract(source, chunks), strict=True):
                pieces[chunk.protocol.name].append(array)
            report(stop, count)
        return {
            protocol.name: np.concatenate([np.empty((0, protocol.info.dim), np.float32), *pieces[protocol.name]])
            for protocol in protocols
        }


def _maker(protocol: AbstractProtocol) -> dict[str, Any]:
    """Return everything that decides a feature beside the image."""
    return {
        "protocol": asdict(protocol.info),
        "versions": component_versions(plugin_distribution(PluginGroup.PROTOCOLS, protocol.name)),
        "threads": torch.get_num_threads(),
    }


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The features of samples ``start`` to ``stop`` of the source kept in ``folder``, by one protocol."""

    folder: Path
    protocol: AbstractProtocol
    maker: dict[str, Any]
    start: int
    stop: int

    @property
    def address(self) -> dict[str, Any]:
        """What decides the numbers inside."""
        return {"source": self.folder.name, "start": self.start, "stop": self.stop, **self.maker}

    @property
    def path(self) -> Path:
        digest = hash_json(self.maker)[:SHORT]
        return self.folder / f"{self.protocol.name}-{digest}-{self.start:06d}-{self.stop:06d}.safetensors"

    def read(self) -> NDArray[np.float32] | None:
        """Return the features, or None where they are missing or damaged (which is logged)."""
        if not self.path.exists():
            return None
        try:
            with safe_open(self.path, framework="numpy") as file:
                features: NDArray[np.float32] = file.get_tensor("features")
                seal = (file.metadata() or {}).get("seal")
            if seal != self._seal(features):
                raise CorruptFileError("its checksum is not that of its content")
        except (SafetensorError, CorruptFileError, OSError, ValueError) as error:
            _log.warning("The cached features %s are damaged (%s); extracting them again.", self.path, error)
            return None
        return features

    def write(self, features: NDArray[np.float32]) -> None:
        """Keep the features, atomically."""
        content = save({"features": features}, metadata={"seal": self._seal(features)})
        with atomic_file(self.path) as temporary:
            temporary.write_bytes(content)

    def extract(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Compute the features, without keeping them.

        Raises:
            BenchError: The protocol returns something else than one feature vector per scene.
        """
        features = np.ascontiguousarray(self.protocol.features(scenes), np.float32)
        expected = (self.stop - self.start, self.protocol.info.dim)
        if features.shape != expected:
            raise BenchError(
                f"The protocol {self.protocol.name!r} returned features of shape {features.shape} for {len(scenes)} "
                f"scenes; expected {expected}. This is a fault of its package."
            )
        return features

    def _seal(self, features: NDArray[np.float32]) -> str:
        return canonical_json({"address": hash_json(self.address), "features": hash_arrays([("features", features)])})


def _load_or_extract(source: FeatureSource, chunks: Sequence[_Chunk]) -> list[NDArray[np.float32]]:
    """Return the features of chunks that share their span, one per protocol."""
    found = [chunk.read() for chunk in chunks]
    if all(array is not None for array in found):
        return [array for array in found if array is not None]
    first = chunks[0]
    with locked(first.folder / f"{first.start:06d}-{first.stop:06d}"):
        found = [chunk.read() for chunk in chunks]  # another process may have been here meanwhile
        scenes = None
        result = []
        for chunk, array in zip(chunks, found, strict=True):
            if array is None:
                scenes = _scenes(source, chunk.start, chunk.stop) if scenes is None else scenes
                array = chunk.extract(scenes)
                chunk.write(array)
            result.append(array)
    return result


def _scenes(source: FeatureSource, start: int, stop: int) -> SampleBatch:
    scenes = source.scenes(start, stop)
    if len(scenes) != stop - start:
        raise BenchError(
            f"Images {start} to {stop - 1} were asked for, but the source has only {start + len(scenes)} images: "
            f"{json.dumps(source.key)[:200]}. Ask for fewer, or provide more."
        )
    return scenes
