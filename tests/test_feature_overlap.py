"""Scenes are made while networks work and by one process only, and nothing that was finished is lost."""

import multiprocessing
import threading
import time
import weakref
from pathlib import Path

import numpy as np
import pytest
from feature_tools import Corner, Images
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.features import CHUNK, FeatureSource, FeatureStore
from sbgan_bench.locking import locked
from sbgan_bench.samples import SampleBatch


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "features")


class Slow(Corner):
    """Takes its time, and lets other threads have theirs."""

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        time.sleep(0.1)
        return super().features(scenes)


def test_scenes_are_made_while_the_network_works(store: FeatureStore) -> None:
    def slow(start: int, stop: int) -> SampleBatch:
        time.sleep(0.1)
        return images.cut(start, stop)

    images = Images()
    seconds = {}
    for concurrent in (False, True):
        source = FeatureSource({"name": str(concurrent)}, slow, concurrent=concurrent)
        started = time.perf_counter()
        store.features(source, [Slow()], 8 * CHUNK)
        seconds[concurrent] = time.perf_counter() - started
    assert seconds[True] < 0.75 * seconds[False], seconds  # 9 steps of 16


def test_never_are_there_more_than_two_chunks_of_scenes(store: FeatureStore) -> None:
    alive: list[int] = []
    batches: weakref.WeakSet[NDArray[np.uint8]] = weakref.WeakSet()

    class Batch(np.ndarray):  # can be referred to weakly and counted
        __hash__ = object.__hash__

    def counted(start: int, stop: int) -> SampleBatch:
        batch = images.all[start:stop].copy().view(Batch)
        batches.add(batch)
        alive.append(len(batches))
        return SampleBatch(batch)

    images = Images()
    store.features(FeatureSource({"name": "a"}, counted, concurrent=True), [Slow()], 9 * CHUNK)
    assert max(alive) == 2


def test_models_are_never_asked_from_another_thread(store: FeatureStore) -> None:
    threads = set()

    def told(start: int, stop: int) -> SampleBatch:
        threads.add(threading.current_thread())
        return images.cut(start, stop)

    images = Images()
    store.features(FeatureSource({"name": "a"}, told), [Corner()], 3 * CHUNK)
    assert threads == {threading.main_thread()}
    store.features(FeatureSource({"name": "b"}, told, concurrent=True), [Corner()], 3 * CHUNK)
    assert len(threads) == 2


@pytest.mark.parametrize("concurrent", [False, True])
def test_only_what_lacks_is_made_and_an_error_waits_for_its_turn(store: FeatureStore, concurrent: bool) -> None:
    images = Images()
    store.features(images.source(), [Corner()], 6 * CHUNK)
    for path in store.root.rglob("corner-*"):
        if any(f"-{start:06d}-" in path.name for start in (100, 300, 400)):
            path.unlink()

    def faulty(start: int, stop: int) -> SampleBatch:
        if start == 4 * CHUNK:
            raise BenchError("the fifth chunk is missing")
        return images.cut(start, stop)

    done: list[tuple[int, int]] = []
    with pytest.raises(BenchError, match="fifth"):
        store.features(
            FeatureSource({"name": "a"}, faulty, concurrent=concurrent),
            [Corner()], 6 * CHUNK, lambda *progress: done.append(progress),
        )  # fmt: skip
    assert done[-1] == (4 * CHUNK, 6 * CHUNK)
    assert images.made == 8 * CHUNK
    store.features(images.source(concurrent=concurrent), [Corner()], 6 * CHUNK)
    assert images.made == 9 * CHUNK


def test_a_chunk_that_another_process_makes_is_not_begun(store: FeatureStore) -> None:
    """The claim on a chunk ahead is tried, never waited for, so that two processes cannot wait for each other."""
    images = Images()
    folder = store.root / Images.folder("a")
    begun = []

    def told(start: int, stop: int) -> SampleBatch:
        begun.append(start)
        return images.cut(start, stop)

    def other() -> None:
        with locked(folder / "000100-000200"):
            held.set()
            time.sleep(0.3)
            at_release.extend(begun)

    held, at_release = threading.Event(), list[int]()
    process = threading.Thread(target=other)  # as good as another process: it has a lock of its own
    process.start()
    held.wait()
    store.features(FeatureSource({"name": "a"}, told, concurrent=True), [Slow()], 3 * CHUNK)
    process.join()
    assert (at_release, begun) == ([0], [0, 100, 200])


def _count(root: str, counter: str) -> None:
    images = Images(6 * CHUNK)

    def told(start: int, stop: int) -> SampleBatch:
        time.sleep(0.05)
        with open(counter, "a", encoding="utf-8") as stream:
            stream.write(f"{start}\n")
        return images.cut(start, stop)

    FeatureStore(Path(root)).features(FeatureSource({"name": "a"}, told, concurrent=True), [Slow()], 6 * CHUNK)


def test_two_processes_at_once_make_every_chunk_once(store: FeatureStore, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    counter = tmp_path / "counter"
    workers = [context.Process(target=_count, args=(str(store.root), str(counter))) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert sorted(map(int, counter.read_text().split())) == [index * CHUNK for index in range(6)]


def test_a_process_killed_in_the_middle_loses_no_chunk_that_it_finished(store: FeatureStore, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    process = multiprocessing.get_context("fork").Process(target=_count, args=(str(store.root), str(counter)))
    process.start()
    while len(list(store.root.rglob("*.safetensors"))) < 2:
        time.sleep(0.01)
    process.kill()
    process.join()
    finished = len(list(store.root.rglob("*.safetensors")))
    images = Images(6 * CHUNK)
    found = store.features(images.source(concurrent=True), [Corner()], 6 * CHUNK)["corner"]
    assert images.made == (6 - finished) * CHUNK
    assert np.array_equal(found, images.all.reshape(-1, 24)[:, :3])
