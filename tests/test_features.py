"""The feature store: what is kept is what would be computed, and nothing is computed twice."""

import itertools
import logging
from pathlib import Path

import numpy as np
import pytest
import torch
from feature_tools import Corner, Images

from sbgan_bench.errors import BenchError
from sbgan_bench.features import CHUNK, FeatureSource, FeatureStore
from sbgan_bench.locking import SUFFIX
from sbgan_bench.samples import SampleBatch


@pytest.fixture
def store(tmp_path: Path) -> FeatureStore:
    return FeatureStore(tmp_path / "features")


@pytest.mark.parametrize("concurrent", [False, True])
@pytest.mark.parametrize("count", [0, 1, CHUNK, CHUNK + 1, 3 * CHUNK - 1])
def test_features_are_those_of_the_protocol(store: FeatureStore, count: int, concurrent: bool) -> None:
    images, protocols = Images(), [Corner(), Corner("five", dim=5)]
    for _ in range(2):
        found = store.features(images.source(concurrent=concurrent), protocols, count)
        for protocol in protocols:
            assert np.array_equal(
                found[protocol.name], Corner(dim=protocol.dim).features(SampleBatch(images.all[:count]))
            )
            assert found[protocol.name].dtype == np.float32
    assert images.made == count
    assert [protocol.seen for protocol in protocols] == [count, count]


def test_a_smaller_count_is_a_prefix_of_a_larger_one_and_whole_chunks_are_not_made_again(store: FeatureStore) -> None:
    images, protocol = Images(), Corner()
    small = store.features(images.source(), [protocol], 2 * CHUNK)["corner"]
    large = store.features(images.source(), [protocol], 3 * CHUNK)["corner"]
    assert np.array_equal(small, large[: 2 * CHUNK])
    assert images.made == 3 * CHUNK


def test_what_is_kept_does_not_depend_on_what_was_asked_before(tmp_path: Path) -> None:
    contents = []
    for index, counts in enumerate([(CHUNK + 50,), (30, CHUNK + 20, 2 * CHUNK, CHUNK + 50)]):
        store = FeatureStore(tmp_path / str(index))
        for count in counts:
            store.features(Images().source(), [Corner()], count)
        files = sorted(store.root.rglob("*000000-000100*")) + sorted(store.root.rglob("*000100-000150*"))
        contents.append({path.name: path.read_bytes() for path in files})
    assert contents[0] == contents[1]


def test_a_new_protocol_source_or_weights_miss_and_the_rest_is_reused(store: FeatureStore) -> None:
    images, protocol = Images(), Corner()
    store.features(images.source(), [protocol], 50)
    store.features(images.source(), [protocol, Corner("other")], 50)
    assert (images.made, protocol.seen) == (100, 50)
    store.features(images.source("b"), [protocol], 50)
    store.features(images.source(), [Corner(weights_hash="v")], 50)
    assert images.made == 200


def test_other_threads_or_another_release_extract_anew(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    images = Images()
    store.features(images.source(), [Corner()], 50)
    with monkeypatch.context() as patch:
        patch.setattr(torch, "get_num_threads", lambda: 63)
        store.features(images.source(), [Corner()], 50)
    assert images.made == 100
    with monkeypatch.context() as patch:
        patch.setattr("sbgan_bench.versions._version", lambda name: "99")  # versions are looked up once a process
        store.features(images.source(), [Corner()], 50)
    assert images.made == 150
    store.features(images.source(), [Corner()], 50)
    assert images.made == 150


def test_another_kind_of_device_extracts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: f"GPU {torch.device(device).index}")
    images = Images()
    for _ in range(2):
        for device in ("cpu", "mps", "cuda:0", "cuda:1"):
            FeatureStore(tmp_path, device).features(images.source(), [Corner()], 50)
    assert images.made == 4 * 50


def test_a_folder_that_cannot_be_locked_is_one_clear_error_and_what_is_kept_is_served(store: FeatureStore) -> None:
    images = Images()
    kept = store.features(images.source(), [Corner()], 50)["corner"]
    (folder,) = store.root.iterdir()
    for span in ("000000-000050", "000000-000060"):
        (folder / f"{span}{SUFFIX}").mkdir()  # as good as read-only, also for the administrator
    assert np.array_equal(store.features(images.source(), [Corner()], 50)["corner"], kept)
    with pytest.raises(BenchError, match=r"Cannot write to the cache folder .*SBGAN_BENCH_CACHE"):
        store.features(images.source(), [Corner()], 60)


@pytest.mark.parametrize("where", [4, 60, -1])
def test_damage_is_noticed_said_and_mended(store: FeatureStore, where: int, caplog: pytest.LogCaptureFixture) -> None:
    images = Images()
    good = store.features(images.source(), [Corner()], 20)["corner"]
    (path,) = store.root.rglob("*.safetensors")
    content = bytearray(path.read_bytes())
    content[where] ^= 0x55
    path.write_bytes(bytes(content))
    with caplog.at_level(logging.WARNING):
        again = store.features(images.source(), [Corner()], 20)["corner"]
    assert str(path) in caplog.text
    assert np.array_equal(good, again)
    assert images.made == 40
    store.features(images.source(), [Corner()], 20)
    assert images.made == 40


def test_a_truncated_chunk_and_another_chunk_in_its_place_are_damage(store: FeatureStore) -> None:
    images = Images()
    good = store.features(images.source(), [Corner()], 2 * CHUNK)["corner"]
    first, second = sorted(store.root.rglob("*.safetensors"))
    first.write_bytes(second.read_bytes())
    second.write_bytes(second.read_bytes()[:-9])
    assert np.array_equal(store.features(images.source(), [Corner()], 2 * CHUNK)["corner"], good)
    assert images.made == 4 * CHUNK


@pytest.mark.parametrize("concurrent", [False, True])
def test_a_killed_extraction_goes_on_where_it_stopped(store: FeatureStore, concurrent: bool) -> None:
    images = Images()
    calls = itertools.count()

    def killed(start: int, stop: int) -> SampleBatch:
        if next(calls) == 2:
            raise KeyboardInterrupt
        return images.cut(start, stop)

    with pytest.raises(KeyboardInterrupt):
        store.features(FeatureSource({"name": "a"}, killed, concurrent=concurrent), [Corner()], 4 * CHUNK)
    done: list[tuple[int, int]] = []
    made = images.made  # perhaps with those of the chunk after the one at which it was killed
    store.features(images.source(), [Corner()], 4 * CHUNK, lambda *progress: done.append(progress))
    assert images.made == made + 2 * CHUNK
    assert done[-1] == (4 * CHUNK, 4 * CHUNK)


def test_too_few_images_are_an_error_with_the_numbers(store: FeatureStore) -> None:
    with pytest.raises(BenchError, match="Images 0 to 49 were asked for, but the source has only 40"):
        store.features(Images(40).source(), [Corner()], 50)


def test_a_protocol_with_the_wrong_shape_is_named(store: FeatureStore) -> None:
    with pytest.raises(BenchError, match=r"'corner' returned features of shape \(5, 24\)"):
        store.features(Images().source(), [Corner(dim=99)], 5)
