"""Features of sets of scenes, extracted once and kept in chunks by content.

A chunk holds the features of samples ``start`` to ``stop``; the store cuts every set at the same multiples of
``CHUNK``, so a smaller number of samples is a prefix of a larger one and an extraction that was killed goes on where
it stopped. Only the last chunk may be short, and it is kept under its own ``stop``: what a chunk holds never depends
on what was asked for before. It is found again only by the protocol, the releases, the number of threads and the kind
of device that made it, since each of them can move a digit.
"""

import contextlib
import itertools
import json
import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sbgan_bench.datasets.locations import CACHE_VARIABLE
from sbgan_bench.devices import device_kind
from sbgan_bench.errors import BenchError, CorruptFileError
from sbgan_bench.feature_cache import SOURCE, TITLE, bound, cache_limit, touch
from sbgan_bench.feature_files import read_features, write_features
from sbgan_bench.hashing import SHORT, hash_json
from sbgan_bench.locking import locked
from sbgan_bench.plugins import PluginGroup
from sbgan_bench.protocol import AbstractProtocol, Content
from sbgan_bench.reporting import no_report
from sbgan_bench.samples import SampleBatch
from sbgan_bench.storage import write_json, write_text
from sbgan_bench.versions import component_versions, plugin_distribution
from sbgan_bench.workers import ALONE, Workers

#: Samples per chunk.
CHUNK = 100

_log = logging.getLogger(__name__)

_Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FeatureSource:
    """A set of scenes that can be made again, piece by piece."""

    key: dict[str, Any]  #: plain JSON that identifies every pixel: checkpoint hash, layouts, sampling, size, seeds
    scenes: Callable[[int, int], SampleBatch]  #: (start, stop) -> stop − start scenes
    holds: frozenset[Content] = frozenset({Content.IMAGES})  #: what every scene has
    concurrent: bool = False  #: whether scenes may be made while a network runs: true of files, not of models
    title: str = ""  #: what people call the set; names no pixel


@dataclass(frozen=True, slots=True)
class FeatureStore:
    """Keeps features under ``root``, which several processes may share."""

    root: Path
    device: str = "cpu"  #: where scenes are made and protocols run
    limit: int | None = field(default_factory=cache_limit)  #: most bytes that stay when a call ends; None: any number

    def features(
        self,
        source: FeatureSource,
        protocols: Sequence[AbstractProtocol],
        count: int,
        report: Callable[[int, int], None] = no_report,
        workers: Workers = ALONE,
    ) -> dict[str, _Features]:
        """Return the features of the first ``count`` scenes, from the store where it has them.

        Scenes are made only for chunks that some protocol lacks, and once for all protocols; those of the next such
        chunk while the networks work on this one, where the source allows. Never are there more than two chunks of
        scenes. If anything was added, the longest unused sets go until the store is within its limit.

        Several processes first make every ``world``-th chunk each, then read them all. How a set is cut into chunks
        and batches does not depend on their number, so neither does any feature.

        Args:
            source: The scenes.
            protocols: How to turn them into features.
            count: Number of scenes.
            report: Told the scenes done and in all, after every chunk.
            workers: This process among those that make these features together; all of them call this.

        Returns:
            ``(count, dim)`` float32 features by protocol name, the same in every process.

        Raises:
            BenchError: The source gives fewer scenes than asked for, or the folder cannot be written.
        """
        folder = self._folder_of(source)
        makers = [_maker(protocol, self.device) for protocol in protocols]
        spans = [
            [_Chunk(folder, *made, start, min(start + CHUNK, count)) for made in zip(protocols, makers, strict=True)]
            for start in range(0, count if protocols else 0, CHUNK)
        ]
        pieces = {protocol.name: [np.empty((0, protocol.info.dim), np.float32)] for protocol in protocols}
        added = 0
        if not workers.alone:
            share = [spans[place] for place in workers.share(len(spans))]
            added += sum(work.added for work in _made(source, share, count, report))
            workers.wait()
        for work in _made(source, spans, count, report):
            for chunk, array in zip(work.chunks, work.arrays(), strict=True):
                pieces[chunk.protocol.name].append(array)
            added += work.added
        if added:
            bound(self.root, self.limit, keep=folder)
        return {name: np.concatenate(arrays) for name, arrays in pieces.items()}

    def _folder_of(self, source: FeatureSource) -> Path:
        folder = self.root / hash_json(source.key)
        if not (folder / SOURCE).exists():
            try:
                write_json(folder / SOURCE, source.key)
            except BenchError as error:
                raise BenchError(f"{error} {CACHE_VARIABLE} names the folder of the cache.") from error
        if source.title and not (folder / TITLE).exists():
            with contextlib.suppress(BenchError):  # what is there is served also from a folder that cannot be written
                write_text(folder / TITLE, source.title + "\n")
        touch(folder)
        return folder


def _maker(protocol: AbstractProtocol, device: str) -> dict[str, Any]:
    """Return everything that decides a feature beside the image."""
    made = {
        "protocol": asdict(protocol.info),
        "versions": component_versions(plugin_distribution(PluginGroup.PROTOCOLS, protocol.name)),
        "threads": torch.get_num_threads(),
    }
    kind = device_kind(device)
    return made if kind == "cpu" else {**made, "device": kind}


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

    def read(self) -> _Features | None:
        """Return the features, or None where they are missing or damaged (which is logged)."""
        try:
            return read_features(self.path, self.address)
        except FileNotFoundError:
            return None
        except CorruptFileError as error:
            _log.warning("Cached features are extracted again: %s", error)
            return None

    def extract(self, scenes: SampleBatch) -> _Features:
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


class _Work:
    """Chunks of one span, by every protocol: looked up, claimed where some lack, and made."""

    def __init__(self, source: FeatureSource, chunks: Sequence[_Chunk]) -> None:
        self.chunks = chunks
        self.added = 0  #: bytes written
        self._source = source
        self._found = [chunk.read() for chunk in chunks]
        self._claim = contextlib.ExitStack()
        self._ahead: Future[SampleBatch] | None = None

    @property
    def lacks(self) -> bool:
        """Whether some protocol's features are not there."""
        return any(array is None for array in self._found)

    def claim(self, *, wait: bool) -> bool:
        """Make sure that nobody else makes what lacks; False if somebody does, and ``wait`` says not to wait."""
        first = self.chunks[0]
        if not self._claim.enter_context(locked(first.folder / f"{first.start:06d}-{first.stop:06d}", wait=wait)):
            return False
        self._found = [chunk.read() for chunk in self.chunks]  # another process may have been here meanwhile
        return True

    def begin(self, pool: ThreadPoolExecutor) -> None:
        """Have the scenes made by another thread, unless they are being made."""
        if self._ahead is None and self.lacks:
            self._ahead = pool.submit(self._scenes)

    def finish(self) -> None:
        """Make what lacks, keep it and let go of the scenes and of the claim."""
        scenes = None
        for index, chunk in enumerate(self.chunks):
            if self._found[index] is None:
                if scenes is None:
                    scenes = self._scenes() if self._ahead is None else self._ahead.result()
                features = self._found[index] = chunk.extract(scenes)
                self.added += write_features(chunk.path, features, chunk.address)
        self.drop()

    def drop(self) -> None:
        """Let go of the scenes and of the claim."""
        if self._ahead is not None:
            self._ahead.cancel()
        self._ahead = None
        self._claim.close()

    def arrays(self) -> list[_Features]:
        """Return the features by chunk, after ``finish``."""
        return [array for array in self._found if array is not None]

    def _scenes(self) -> SampleBatch:
        start, stop = self.chunks[0].start, self.chunks[0].stop
        scenes = self._source.scenes(start, stop)
        if len(scenes) != stop - start:
            raise BenchError(
                f"Images {start} to {stop - 1} were asked for, but the source has only {start + len(scenes)} images: "
                f"{json.dumps(self._source.key)[:200]}. Ask for fewer, or provide more."
            )
        return scenes


def _made(
    source: FeatureSource, spans: Sequence[Sequence[_Chunk]], count: int, report: Callable[[int, int], None]
) -> Iterator[_Work]:
    """Yield finished work for every span, and tell how far of ``count`` scenes that is."""
    with contextlib.closing(_in_turn(source, spans)) as works:
        for work in works:
            yield work
            touch(work.chunks[0].folder)
            report(work.chunks[0].stop, count)


def _in_turn(source: FeatureSource, spans: Sequence[Sequence[_Chunk]]) -> Generator[_Work, None, None]:
    """Yield finished work for every span; while one is being finished, the scenes of the next are made."""
    with contextlib.ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(1)) if source.concurrent else None
        work: _Work | None = None
        ahead: _Work | None = None
        try:
            for chunks, following in itertools.zip_longest(spans, spans[1:]):
                work, ahead = ahead, None
                if work is None:
                    work = _Work(source, chunks)
                    if work.lacks:
                        work.claim(wait=True)
                if pool is not None and work.lacks:
                    work.begin(pool)
                    ahead = _begun(source, following, pool) if following else None
                work.finish()
                yield work
        finally:
            for left in (work, ahead):
                if left is not None:
                    left.drop()


def _begun(source: FeatureSource, chunks: Sequence[_Chunk], pool: ThreadPoolExecutor) -> _Work | None:
    """Begin work whose turn has not come; None where another process is at it, or something is in the way."""
    work = _Work(source, chunks)
    try:
        free = not work.lacks or work.claim(wait=False)
    except BenchError:  # said when its turn comes, after what comes before is kept
        free = False
    if not free:
        work.drop()
        return None
    work.begin(pool)
    return work
