"""Sample packs and statistics: numbers are read, code never, and memory stays small."""

import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from image_trees import pixels

from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.image_sets import open_images, open_statistics

IMAGES = pixels(5)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))


def pack(path: Path, save: Callable[..., None] = np.savez, **arrays: Any) -> Path:
    save(path, **arrays)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_memory_does_not_grow_with_the_pack(tmp_path: Path, save: Callable[..., None]) -> None:
    path = pack(tmp_path / "a.npz", save, arr_0=np.tile(pixels(100, (32, 64)), (40, 1, 1, 1)))  # 25 MB
    tracemalloc.start()
    try:
        images = open_images(path)
        images.fingerprint()
        total = sum(int(images.images(start, start + 100).sum(dtype=np.int64)) for start in range(0, 4000, 100))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert total == 40 * int(pixels(100, (32, 64)).sum(dtype=np.int64))
    assert peak < 6e6, peak


def test_a_compressed_pack_leaves_nothing_behind(tmp_path: Path) -> None:
    images = open_images(pack(tmp_path / "a.npz", np.savez_compressed, arr_0=IMAGES))
    assert np.array_equal(images.images(0, 5), IMAGES.transpose(0, 3, 1, 2))
    assert not [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]


def test_a_pack_that_finds_no_room_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = pack(tmp_path / "a.npz", np.savez_compressed, arr_0=IMAGES)
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 10})())
    with pytest.raises(BenchError, match=r"1,920 bytes are needed, 10 are free.*SBGAN_BENCH_CACHE.*savez"):
        open_images(path)


@pytest.mark.parametrize(
    ("arrays", "words"),
    [
        ({"images": IMAGES}, "expected arr_0"),
        ({"arr_0": IMAGES.astype(np.float32)}, "is float32 of shape"),
        ({"arr_0": IMAGES.transpose(0, 3, 1, 2)}, "channels last"),
        ({"arr_0": IMAGES[..., 0]}, "expected uint8"),
        ({"arr_0": IMAGES[:0]}, "at least one image"),
        ({"arr_0": np.asfortranarray(IMAGES)}, "Fortran order"),
        ({"arr_0": np.array([{}, {}], object)}, "Python objects, which are never read"),
    ],
)
def test_other_arrays_are_refused_by_name(tmp_path: Path, arrays: dict[str, Any], words: str) -> None:
    with pytest.raises(DataError, match=rf"a\.npz.*{words}"):
        open_images(pack(tmp_path / "a.npz", **arrays))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_damage_is_named(tmp_path: Path, save: Callable[..., None]) -> None:
    path = pack(tmp_path / "a.npz", save, arr_0=IMAGES)
    content = bytearray(path.read_bytes())
    content[900] ^= 0x55
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"a\.npz is damaged"):
        open_images(path).fingerprint()
    for share in (0, 10, len(content) // 2):
        path.write_bytes(content[:share])
        with pytest.raises(DataError, match=r"a\.npz is damaged"):
            open_images(path)


def test_a_pack_shorter_or_longer_than_it_says_is_refused(tmp_path: Path) -> None:
    source = pack(tmp_path / "a.npz", arr_0=IMAGES)
    with zipfile.ZipFile(source) as file:
        array = file.read("arr_0.npy")
    for content in (array[:-1], array + b"\0", array[:50], array.replace(b"(5, 8,", b"(5,-8,")):
        with zipfile.ZipFile(tmp_path / "b.npz", "w") as file:
            file.writestr("arr_0.npy", content)
        with pytest.raises(DataError, match=r"b\.npz"):
            open_images(tmp_path / "b.npz")
    images = open_images(source)
    source.write_bytes(source.read_bytes()[:600])
    with pytest.raises(DataError, match="became shorter"):
        images.images(0, 5)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_pack_that_is_replaced_by_another_of_its_size_is_not_taken_for_it(
    tmp_path: Path, save: Callable[..., None]
) -> None:
    path = pack(tmp_path / "a.npz", save, arr_0=IMAGES)
    measured, looked_at = open_images(path), open_images(path)
    looked_at.fingerprint()
    other = pack(tmp_path / "b.npz", save, arr_0=255 - IMAGES)
    os.utime(other, (1, 1))
    other.replace(path)
    with pytest.raises(DataError, match="changed while it was being measured"):
        looked_at.images(0, 5)
    with pytest.raises(DataError, match="changed while it was being measured"):
        measured.fingerprint()


def gaussian(dim: int = 6) -> tuple[np.ndarray, np.ndarray]:
    features = np.random.default_rng(0).normal(size=(50, dim))
    return features.mean(0), np.cov(features, rowvar=False)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_statistics_are_read_as_they_were_saved(tmp_path: Path, save: Callable[..., None], kind: type) -> None:
    mu, sigma = (array.astype(kind) for array in gaussian())
    found = open_statistics(pack(tmp_path / "a.npz", save, mu=mu, sigma=sigma, arr_0=IMAGES))
    assert (found.dim, found.mu.dtype, found.sigma.dtype) == (6, np.float64, np.float64)
    assert np.array_equal(found.mu, mu)
    assert np.allclose(found.sigma, sigma, rtol=1e-6)
    assert np.array_equal(found.sigma, found.sigma.T)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"mu": None}, "has no array 'mu', but sigma"),
        ({"sigma": np.eye(5)}, r"'sigma' \(5, 5\)"),
        ({"mu": np.zeros((6, 1))}, r"'mu' has shape \(6, 1\)"),
        ({"mu": np.full(6, np.nan)}, "NaN or infinite"),
        ({"sigma": np.triu(np.ones((6, 6)))}, "not symmetric"),
        ({"sigma": -np.eye(6)}, "variances of at least 0"),
        ({"mu": np.zeros(6, np.int64)}, "expected floating-point"),
        ({"mu": np.array([None] * 6, object)}, "Python objects"),
        ({"mu": np.zeros(0), "sigma": np.zeros((0, 0))}, "expected"),
    ],
)
def test_what_is_no_gaussian_is_refused(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    mu, sigma = gaussian()
    arrays = {name: array for name, array in ({"mu": mu, "sigma": sigma} | change).items() if array is not None}
    with pytest.raises(DataError, match=words):
        open_statistics(pack(tmp_path / "a.npz", **arrays))
