"""Images are the same whatever they are kept in, and what could be read two ways is refused by name."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from image_trees import archive, folder, pixels
from PIL import Image

from sbgan_bench.errors import DataError
from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.image_sets import Kind, compression_note, kind_of, open_images, open_layouts
from sbgan_bench.protocol import Content

IMAGES = pixels(7)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))


def npz(path: Path, **arrays: np.ndarray) -> Path:
    np.savez(path, **arrays)
    return path


def compressed(path: Path, **arrays: np.ndarray) -> Path:
    np.savez_compressed(path, **arrays)
    return path


CONTAINERS: dict[str, Callable[[Path], Path]] = {
    "folder": lambda root: folder(root / "a", IMAGES),
    "folder with images/": lambda root: folder(root / "a" / "images", IMAGES).parent,
    "upper case": lambda root: folder(root / "a", IMAGES, ".PNG"),
    "class folders": lambda root: (
        (folder(root / "a" / "x", IMAGES[:4]), folder(root / "a" / "y", IMAGES[4:]))[0].parent
    ),
    "tiff": lambda root: folder(root / "a", IMAGES, ".tif"),
    "zip": lambda root: archive(root / "a.zip", folder(root / "a", IMAGES)),
    "deflated zip": lambda root: archive(root / "a.zip", folder(root / "a", IMAGES), method=zipfile.ZIP_DEFLATED),
    "zip with a folder": lambda root: archive(root / "a.ZIP", folder(root / "a", IMAGES), "samples/images/"),
    "zip from Windows": lambda root: archive(root / "a.zip", folder(root / "a", IMAGES), "samples\\"),
    "zip that climbs": lambda root: archive(root / "a.zip", folder(root / "a", IMAGES), "../../"),
    "pack": lambda root: npz(root / "a.npz", arr_0=IMAGES, arr_1=np.arange(7)),
    "compressed pack": lambda root: compressed(root / "a.npz", arr_0=IMAGES),
}


@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("make", CONTAINERS.values(), ids=CONTAINERS)
def test_images_are_the_same_whatever_they_are_kept_in(
    tmp_path: Path, make: Callable[[Path], Path], workers: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sbgan_bench.image_sets.files.usable_workers", lambda: workers)
    images = open_images(make(tmp_path))
    assert (len(images), images.size, images.lossy, images.name.lower()[0]) == (7, (8, 16), 0.0, "a")
    expected = IMAGES.transpose(0, 3, 1, 2)
    for start, stop in [(0, 7), (2, 5), (6, 7), (3, 3)]:
        found = images.images(start, stop)
        assert found.dtype == np.uint8
        assert np.array_equal(found, expected[start:stop])
    source = images.source()
    assert (source.holds, source.concurrent) == ({Content.IMAGES}, True)
    assert np.array_equal(source.scenes(1, 4).images, expected[1:4])
    assert len(source.scenes(5, 9)) == 2
    assert len(source.scenes(8, 9)) == 0


def test_the_fingerprint_is_that_of_the_contents_in_order(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", IMAGES)
    expected = hash_json([hash_file(path) for path in sorted(root.iterdir())])
    assert open_images(root).fingerprint() == expected
    assert open_images(root).source().key == {"files": expected}
    assert open_images(archive(tmp_path / "b.zip", root, "top/")).fingerprint() == expected
    (root / "0000.png").rename(root / "9999.png")
    assert open_images(root).fingerprint() != expected
    packs = [npz(tmp_path / "a.npz", arr_0=IMAGES), compressed(tmp_path / "b.npz", arr_0=IMAGES)]
    assert len({open_images(pack).fingerprint() for pack in packs}) == 1
    assert (
        open_images(npz(tmp_path / "c.npz", arr_0=IMAGES[::-1])).fingerprint() != open_images(packs[0]).fingerprint()
    )


def test_hidden_files_and_strays_are_passed_over_and_links_are_followed_once(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", IMAGES)
    for name in ("notes.txt", ".0009.png", "Thumbs.db", "labels.npy"):
        (root / name).write_bytes(b"no image")
    folder(root / "__MACOSX", IMAGES[:1])
    folder(root / ".cache", IMAGES[:1])
    assert len(open_images(root)) == 7
    assert len(open_images(archive(tmp_path / "a.zip", root))) == 7
    linked = tmp_path / "linked"
    linked.mkdir()
    (linked / "x").symlink_to(root)
    (linked / "loop").symlink_to(linked)
    assert len(open_images(linked)) == 7


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda root: folder(root / "a", IMAGES[:0]), "No images in .*a .looked for"),
        (lambda root: folder(folder(root / "a", IMAGES) / "more", IMAGES).parent, r"7 images, and 7 more in folders"),
        (lambda root: folder(folder(root / "a", IMAGES) / "images", IMAGES).parent, "not clear which are meant"),
        (lambda root: folder(root / "a" / "layouts", IMAGES[..., 0]).parent, "such folders or layouts/ deeper down"),
        (
            lambda root: (folder(root / "a/r/images", IMAGES), folder(root / "a/s/images", IMAGES), root / "a")[2],
            "give the one folder",
        ),
        (lambda root: npz(folder(root / "a", IMAGES[:0]) / "b.npz", arr_0=IMAGES).parent, r"It holds b\.npz"),
        (lambda root: root / "nothing", "does not exist; give a folder"),
        (lambda root: folder(root / "a", IMAGES) / "0000.png", "single picture; give the folder"),
    ],
)
def test_what_is_unclear_is_refused(tmp_path: Path, make: Callable[[Path], Path], words: str) -> None:
    with pytest.raises(DataError, match=words):
        open_images(make(tmp_path))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("a.pkl", "run code"),
        ("a.pt", "run code"),
        ("a.tar.gz", "make it a .zip"),
        ("a.npy", "savez"),
        ("a.txt", "none of"),
    ],
)
def test_other_files_are_refused_with_the_way_out(tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / name).write_bytes(b"content")
    with pytest.raises(DataError, match=words):
        kind_of(tmp_path / name)


def test_kinds_are_told_apart(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", IMAGES)
    assert kind_of(root) is Kind.FOLDER
    assert kind_of(archive(tmp_path / "a.zip", root)) is Kind.ARCHIVE
    assert kind_of(npz(tmp_path / "a.npz", arr_0=IMAGES, mu=np.zeros(2), sigma=np.eye(2))) is Kind.PACK
    assert kind_of(npz(tmp_path / "b.npz", mu=np.zeros(2), sigma=np.eye(2))) is Kind.STATISTICS
    with pytest.raises(DataError, match="serve the plain distance alone"):
        open_images(tmp_path / "b.npz")
    with pytest.raises(DataError, match="holds x; expected arr_0"):
        kind_of(npz(tmp_path / "c.npz", x=np.zeros(2)))


def test_layouts_come_along_by_name(tmp_path: Path) -> None:
    ids = (np.arange(7 * 32) % 5).astype(np.uint8).reshape(7, 4, 8)
    root = tmp_path / "a"
    folder(root / "images", IMAGES, ".jpg")
    folder(root / "layouts", ids)
    for path in (root, archive(tmp_path / "a.zip", root), archive(tmp_path / "b.zip", root, "top/")):
        images = open_images(path)
        scenes = images.source().scenes(2, 6)
        assert images.source().holds == set(Content)
        assert np.array_equal(scenes.layouts, ids[2:6])
        assert scenes.images.shape == (4, 3, 8, 16)
        layouts = open_layouts(path)
        assert (len(layouts), layouts.size, layouts.source().holds) == (7, (4, 8), {Content.LAYOUTS})
        assert np.array_equal(layouts.source().scenes(0, 7).layouts, ids)
        assert layouts.source().scenes(0, 7).images is None
    assert np.array_equal(open_layouts(root / "layouts").layouts(0, 7), ids)
    assert open_images(root / "images").source().key == {"files": open_images(root).fingerprint()}


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (
            lambda root: (root / "layouts/0002.png").unlink(),
            "0002 in .* has no layout.*images to measure images alone",
        ),
        (lambda root: (root / "images/0002.png").unlink(), "0002 in .* has no image"),
        (lambda root: Image.new("L", (8, 4)).save(root / "layouts/0002.bmp"), "have the stem 0002"),
        (lambda root: Image.new("L", (8, 5)).save(root / "layouts/0002.png"), "5x8 but .* bring all layouts"),
        (lambda root: Image.new("RGB", (8, 4)).save(root / "layouts/0002.png"), "holds one class id per pixel"),
        (lambda root: folder(root / "layouts", np.zeros((7, 3, 8), np.uint8)), "no whole factor enlarges"),
    ],
)
def test_layouts_that_do_not_fit_are_refused(tmp_path: Path, spoil: Callable[[Path], object], words: str) -> None:
    folder(tmp_path / "a" / "images", IMAGES)
    folder(tmp_path / "a" / "layouts", np.zeros((7, 4, 8), np.uint8))
    spoil(tmp_path / "a")
    with pytest.raises(DataError, match=words):
        open_images(tmp_path / "a")


def test_compression_on_one_side_is_said(tmp_path: Path) -> None:
    png, jpeg = open_images(folder(tmp_path / "a", IMAGES)), open_images(folder(tmp_path / "b", IMAGES, ".jpg"))
    assert compression_note(png, png) == compression_note(jpeg, jpeg) == ""
    assert "real images are in no lossy format, generated ones JPEG files" in compression_note(png, jpeg)
    (tmp_path / "b" / "0000.jpg").unlink()
    Image.fromarray(IMAGES[0]).save(tmp_path / "b" / "0000.png")
    assert "JPEG files (86% of them)" in compression_note(open_images(tmp_path / "b"), png)
