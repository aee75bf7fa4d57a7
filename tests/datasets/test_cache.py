import json
import logging
import os
import signal
import subprocess
import sys
import threading
import tracemalloc
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from dataset_trees import folder_tree
from PIL import Image

from sbgan_bench.dataset import Pair
from sbgan_bench.datasets import cache as cache_module
from sbgan_bench.datasets.cache import cache_root, prepare
from sbgan_bench.datasets.digests import file_digests
from sbgan_bench.datasets.folder import Folder, FolderSettings
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.datasets.transforms import fit_to
from sbgan_bench.errors import BenchError, DataError

SIZE = (8, 16)


def opened(root):
    return open_dataset("folder", {"root": str(root)}, "test")


@pytest.fixture
def dataset(tmp_path):
    return opened(folder_tree(tmp_path / "data"))


@pytest.fixture
def folder(tmp_path) -> Path:
    return tmp_path / "cache"


def entries(folder):
    return sorted(path for path in (folder / "pairs").iterdir() if path.is_dir())


def later(path, content):
    """Replace a file's bytes with a later date, as any real change would."""
    path.write_bytes(content)
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))


def forbid_reading(monkeypatch):
    monkeypatch.setattr(Folder, "read", lambda self, key, resolution: pytest.fail("read although cached"))


def test_the_table_is_every_pair_fitted_in_order(dataset, folder):
    table = prepare(dataset, "train", SIZE, folder)
    assert table.resolution == SIZE
    assert table.images.dtype == table.layouts.dtype == np.uint8
    assert table.split.keys == dataset.splits()["train"].keys
    for key, image, layout in zip(table.split.keys, table.images, table.layouts, strict=True):
        pair = fit_to(dataset.read(key, SIZE), SIZE)
        assert np.array_equal(image.transpose(1, 2, 0), pair.image)
        assert np.array_equal(layout, pair.layout)


@pytest.mark.parametrize("workers", [2, 3, 20])
def test_any_number_of_workers_makes_the_same_bytes(dataset, tmp_path, workers):
    made = []
    for name, count in (("serial", 1), ("parallel", workers)):
        seen = []
        prepare(dataset, "train", SIZE, tmp_path / name, lambda done, total, seen=seen: seen.append(done), count)
        (entry,) = entries(tmp_path / name)
        made.append({path.name: path.read_bytes() for path in entry.iterdir()})
        assert seen == list(range(1, len(seen) + 1))
    assert made[0] == made[1]


@pytest.mark.parametrize("workers", [1, 4])
def test_the_first_bad_pair_is_named_whatever_the_number_of_workers(dataset, folder, tmp_path, workers):
    keys = dataset.splits()["train"].keys
    for key in keys[3:]:
        Image.fromarray(np.full((18, 24), 200, np.uint8)).save(tmp_path / "data" / "labels" / f"{key}.png")
    with pytest.raises(DataError, match=rf"{keys[3]}\.png: label id 200"):
        prepare(opened(tmp_path / "data"), "train", SIZE, folder, workers=workers)
    assert entries(folder) == []


def test_an_interruption_leaves_nothing_and_no_thread(dataset, folder):
    def interrupt(done, total):
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare(dataset, "train", SIZE, folder, interrupt, workers=3)
    assert entries(folder) == []
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]
    prepare(dataset, "train", SIZE, folder, workers=3)


def test_arrays_are_mapped_read_only(dataset, folder):
    table = prepare(dataset, "train", SIZE, folder)
    assert isinstance(table.images, np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        table.images[0] = 0


def test_the_second_time_nothing_is_read(dataset, folder, monkeypatch):
    first = prepare(dataset, "train", SIZE, folder)
    forbid_reading(monkeypatch)
    second = prepare(dataset, "train", SIZE, folder, report=lambda done, total: pytest.fail("made again"))
    assert np.array_equal(first.images, second.images)


def test_progress_counts_every_pair(dataset, folder):
    seen = []
    table = prepare(dataset, "train", SIZE, folder, report=lambda done, total: seen.append((done, total)))
    assert seen == [(i, len(table)) for i in range(1, len(table) + 1)]


def test_what_changes_pixels_changes_the_entry(dataset, folder, tmp_path, monkeypatch):
    prepare(dataset, "train", SIZE, folder)
    prepare(dataset, "test", SIZE, folder)
    prepare(dataset, "train", (4, 8), folder)
    changed = folder_tree(tmp_path / "data", count=21)
    prepare(opened(changed), "train", SIZE, folder)
    monkeypatch.setattr(cache_module, "TRANSFORM_VERSION", "another")
    prepare(dataset, "train", SIZE, folder)
    assert len(entries(folder)) == 5


def test_the_same_data_elsewhere_is_the_same_entry(dataset, folder, tmp_path, monkeypatch):
    prepare(dataset, "train", SIZE, folder)
    (tmp_path / "data").rename(tmp_path / "moved")
    moved = opened(tmp_path / "moved")
    forbid_reading(monkeypatch)
    prepare(moved, "train", SIZE, folder)


def flip_a_byte(path):
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    later(path, bytes(content))


def truncate(path):
    later(path, path.read_bytes()[:-5])


def spoil_json(path):
    later(path, path.read_bytes()[:20])


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("images.npy", flip_a_byte),
        ("layouts.npy", flip_a_byte),
        ("images.npy", truncate),
        ("layouts.npy", truncate),
        ("layouts.npy", Path.unlink),
        ("meta.json", Path.unlink),
        ("meta.json", spoil_json),
        ("meta.json", lambda path: later(path, b"[]")),
        ("meta.json", lambda path: later(path, json.dumps({**json.loads(path.read_text()), "files": {}}).encode())),
    ],
)
def test_a_damaged_entry_is_said_and_made_again(dataset, folder, caplog, name, damage):
    sound = prepare(dataset, "train", SIZE, folder).images.copy()
    (entry,) = entries(folder)
    damage(entry / name)
    with caplog.at_level(logging.WARNING):
        again = prepare(dataset, "train", SIZE, folder)
    assert np.array_equal(again.images, sound)
    assert str(entry) in caplog.text
    assert "damaged" in caplog.text
    caplog.clear()
    prepare(dataset, "train", SIZE, folder)
    assert not caplog.records
    assert entries(folder) == [entry]


def test_a_bad_label_stops_with_file_id_and_count_and_leaves_nothing(dataset, folder, tmp_path):
    key = dataset.splits()["train"].keys[-1]
    Image.fromarray(np.full((18, 24), 200, np.uint8)).save(tmp_path / "data" / "labels" / f"{key}.png")
    with pytest.raises(DataError, match=rf"{key}\.png: label id 200 \(432 pixels\)"):
        prepare(opened(tmp_path / "data"), "train", SIZE, folder)
    assert entries(folder) == []


def test_ids_are_checked_even_if_the_dataset_does_not(dataset, folder, monkeypatch):
    wild = Pair(np.zeros((8, 16, 3), np.uint8), np.full((8, 16), 77, np.uint8))
    monkeypatch.setattr(Folder, "read", lambda self, key, resolution: wild)
    with pytest.raises(DataError, match=r"label id 77 \(128 pixels\).*0 to 2"):
        prepare(dataset, "train", SIZE, folder)


def test_unknown_and_empty_splits_are_refused(folder, tmp_path):
    tiny = opened(folder_tree(tmp_path / "tiny", count=2))
    with pytest.raises(DataError, match=r"no split 'validation'.*train, selection, test"):
        prepare(tiny, "validation", SIZE, folder)
    with pytest.raises(DataError, match="empty"):
        prepare(tiny, "selection", SIZE, folder)


def test_a_cache_that_cannot_be_written_is_one_clear_error(dataset, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BenchError, match="SBGAN_BENCH_CACHE"):
        prepare(dataset, "train", SIZE, tmp_path / "file")


@pytest.mark.skipif(os.geteuid() == 0, reason="the administrator may write to read-only folders")
def test_a_read_only_cache_serves_what_it_has(dataset, folder):
    table = prepare(dataset, "train", SIZE, folder)
    (folder / "pairs").chmod(0o555)
    try:
        assert np.array_equal(prepare(dataset, "train", SIZE, folder).images, table.images)
        with pytest.raises(BenchError, match="SBGAN_BENCH_CACHE"):
            prepare(dataset, "test", SIZE, folder)
    finally:
        (folder / "pairs").chmod(0o755)


def test_a_sound_entry_is_served_without_the_right_to_lock(dataset, folder, monkeypatch):
    prepare(dataset, "train", SIZE, folder)
    monkeypatch.setattr(cache_module, "locked", lambda path: pytest.fail("locked"))
    prepare(dataset, "train", SIZE, folder)


def test_a_full_disk_is_one_clear_error_and_the_next_try_succeeds(dataset, folder, monkeypatch):
    class Full:
        def __enter__(self):
            return self

        def __exit__(self, *args):
            return None

        def write(self, data):
            raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "_array_file", lambda path, shape: Full())
        with pytest.raises(BenchError, match="No space left"):
            prepare(dataset, "train", SIZE, folder)
    assert entries(folder) == []
    prepare(dataset, "train", SIZE, folder)


KILLED = """
import os, signal, sys
from pathlib import Path
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.folder import Folder, FolderSettings
def stop(done, total):
    if done == 5:
        os.kill(os.getpid(), signal.SIGKILL)
prepare(Folder.open(FolderSettings(root=Path(sys.argv[1]))), "train", (8, 16), Path(sys.argv[2]), stop)
"""


def test_a_killed_preparation_leaves_nothing_in_the_way(dataset, folder, tmp_path):
    arguments = [sys.executable, "-c", KILLED, str(tmp_path / "data"), str(folder)]
    assert subprocess.run(arguments, check=False, timeout=120).returncode == -signal.SIGKILL
    assert any(path.suffix == ".part" for path in entries(folder))
    table = prepare(dataset, "train", SIZE, folder)
    assert len(table) == len(dataset.splits()["train"].keys)
    assert [path.suffix for path in entries(folder)] == [""]


def prepare_and_count(root, folder, barrier, counts):
    made = []
    dataset = Folder.open(FolderSettings(root=root))
    barrier.wait()
    table = prepare(dataset, "train", SIZE, folder, lambda done, total: made.append(done))
    counts.put((len(made), int(table.images.sum())))


def test_two_processes_at_once_make_one_entry(dataset, folder, tmp_path):
    context = get_context("fork")
    barrier, counts = context.Barrier(2), context.Queue()
    workers = [
        context.Process(target=prepare_and_count, args=(tmp_path / "data", folder, barrier, counts)) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    (made_a, sum_a), (made_b, sum_b) = counts.get(timeout=60), counts.get(timeout=60)
    for worker in workers:
        worker.join(60)
    assert sorted([made_a, made_b]) == [0, len(dataset.splits()["train"].keys)]
    assert sum_a == sum_b
    assert len(entries(folder)) == 1


@pytest.mark.parametrize("workers", [1, 3])
def test_memory_does_not_grow_with_the_dataset(tmp_path, folder, workers):
    size = (128, 256)
    peaks = []
    for count in (10, 40):
        dataset = opened(folder_tree(tmp_path / str(count), count=count))
        dataset.fingerprint()
        tracemalloc.start()
        prepare(dataset, "train", size, folder, workers=workers)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    table_bytes = 0.6 * 40 * 128 * 256 * 4
    assert peaks[1] < table_bytes / 2
    assert peaks[1] < 1.5 * peaks[0]


def test_the_cache_root_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path))
    assert cache_root() == tmp_path
    monkeypatch.delenv("SBGAN_BENCH_CACHE")
    assert "sbgan-bench" in str(cache_root())


def test_digests_are_remembered_until_a_file_changes(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    os.utime(path, ns=(0, 10**18))
    first = file_digests(tmp_path, [path])
    with monkeypatch.context() as patch:
        patch.setattr("sbgan_bench.datasets.digests.hash_file", lambda path: pytest.fail("hashed again"))
        assert file_digests(tmp_path, [path]) == first
    path.write_bytes(b"two")
    assert file_digests(tmp_path, [path]) != first


def test_a_damaged_or_unwritable_memory_of_digests_changes_nothing(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"one")
    os.utime(path, ns=(0, 10**18))
    first = file_digests(tmp_path, [path])
    (memo,) = (cache_root() / "digests").iterdir()
    memo.write_text("[1, 2")
    assert file_digests(tmp_path, [path]) == first
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(path))
    assert file_digests(tmp_path, [path]) == first
