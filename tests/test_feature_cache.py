"""A bounded store: the longest unused sets go, never the one in use, and no reader ever notices."""

import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
import pytest
from feature_tools import Corner, Images

from sbgan_bench.byte_sizes import bytes_text, parse_bytes
from sbgan_bench.errors import ConfigError
from sbgan_bench.feature_cache import cache_limit, remove_set, stored_sets
from sbgan_bench.features import CHUNK, FeatureSource, FeatureStore


def fill(store: FeatureStore, *names: str) -> None:
    for name in names:
        store.features(Images().source(name), [Corner()], CHUNK)
        (folder,) = (one.folder for one in stored_sets(store.root) if time.time() - one.last_used < 1_000_000)
        os.utime(folder / "source.json", (time.time() - 2_000_000 + len(stored_sets(store.root)),) * 2)


def kept(store: FeatureStore, *names: str) -> set[str]:
    found = set()
    for name in names:
        images = Images()
        folder = store.root / Images().folder(name)
        if list(folder.glob("*.safetensors")):
            found.add(name)
        del images
    return found


def test_the_longest_unused_go_first_and_reading_is_using(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path, limit=None)
    fill(store, "a", "b", "c")
    size = stored_sets(tmp_path)[0].size
    assert kept(store, "a", "b", "c") == {"a", "b", "c"}
    store.features(Images().source("a"), [Corner()], CHUNK)
    FeatureStore(tmp_path, limit=3 * size).features(Images().source("d"), [Corner()], CHUNK)
    assert kept(store, "a", "b", "c", "d") == {"a", "c", "d"}
    FeatureStore(tmp_path, limit=1).features(Images().source("e"), [Corner()], 3 * CHUNK)
    assert kept(store, "a", "c", "d", "e") == {"e"}
    assert stored_sets(tmp_path)[0].images == 3 * CHUNK


def test_a_call_that_adds_nothing_removes_nothing(tmp_path: Path) -> None:
    fill(FeatureStore(tmp_path, limit=None), "a", "b")
    FeatureStore(tmp_path, limit=1).features(Images().source("a"), [Corner()], CHUNK)
    assert len(stored_sets(tmp_path)) == 2


def test_the_store_is_looked_over_once_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks = []
    monkeypatch.setattr("sbgan_bench.features.bound", lambda *given, **named: looks.append(given))
    FeatureStore(tmp_path, limit=5).features(Images().source(), [Corner(), Corner("other")], 5 * CHUNK)
    assert looks == [(tmp_path, 5)]


def test_removing_under_a_reader_makes_it_extract_again(tmp_path: Path) -> None:
    store, images = FeatureStore(tmp_path), Images()
    good = store.features(images.source(), [Corner()], 4 * CHUNK)["corner"]

    def prune(done: int, total: int) -> None:
        if done == 2 * CHUNK:
            remove_set(stored_sets(tmp_path)[0])

    assert np.array_equal(store.features(images.source(), [Corner()], 4 * CHUNK, prune)["corner"], good)
    assert images.made == 6 * CHUNK


def test_a_folder_goes_only_when_nobody_was_there_for_a_day(tmp_path: Path) -> None:
    store = FeatureStore(tmp_path)
    store.features(Images().source(), [Corner()], CHUNK)
    (stored,) = stored_sets(tmp_path)
    remove_set(stored)
    assert {path.suffix for path in stored.folder.iterdir()} == {".json"}
    os.utime(stored.folder / "source.json", (1e9, 1e9))
    store.features(Images().source("other"), [Corner()], CHUNK)
    assert not stored.folder.exists()


def hammer(root: str, seed: int) -> None:
    """Read two sets over and over while the limit allows none to stay."""
    store = FeatureStore(Path(root), limit=1)
    numbers = np.random.default_rng(seed)
    for name in numbers.choice(["a", "b", "c"], 25):
        images = Images(2 * CHUNK)
        source = FeatureSource({"name": str(name)}, images.cut, concurrent=bool(numbers.integers(2)))
        expected = images.all.reshape(-1, 24)[:, :3]
        if not np.array_equal(store.features(source, [Corner()], 2 * CHUNK)["corner"], expected):
            raise SystemExit(1)


def test_processes_that_prune_under_each_other_all_get_their_features(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=hammer, args=(str(tmp_path), seed)) for seed in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        (None, 20 * 10**9),
        ("", 20 * 10**9),
        ("none", None),
        ("0", None),
        ("0 GB", None),
        ("500MB", 5 * 10**8),
        ("1.5GiB", 3 << 29),
    ],
)
def test_the_limit_is_read_from_the_environment(
    text: str | None, limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SBGAN_BENCH_CACHE_LIMIT", raising=False)
    if text is not None:
        monkeypatch.setenv("SBGAN_BENCH_CACHE_LIMIT", text)
    assert cache_limit() == FeatureStore(Path("x")).limit == limit


@pytest.mark.parametrize("text", ["much", "-5GB", "20 parsecs", "1e3", "GB"])
def test_a_bad_limit_is_named(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE_LIMIT", text)
    with pytest.raises(ConfigError, match=r"SBGAN_BENCH_CACHE_LIMIT = .*expected a size such as \"20GB\".*none"):
        FeatureStore(Path("x"))


@pytest.mark.parametrize("size", [0, 7, 999, 1000, 123_456, 20 * 10**9, 5 * 10**13])
def test_sizes_are_printed_so_that_they_can_be_typed(size: int) -> None:
    assert parse_bytes(bytes_text(size)) == pytest.approx(size, rel=0.005)
