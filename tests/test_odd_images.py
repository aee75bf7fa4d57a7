"""Odd files: each is read as all libraries read it, or refused by name with what to do."""

import io
import re
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from image_trees import archive, folder, pixels
from PIL import Image

from sbgan_bench.errors import DataError
from sbgan_bench.image_sets import open_images

IMAGES = pixels(7)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))


def test_grey_and_palette_images_become_rgb(tmp_path: Path) -> None:
    grey = np.arange(128, dtype=np.uint8).reshape(1, 8, 16)
    assert np.array_equal(open_images(folder(tmp_path / "g", grey)).images(0, 1), grey[:, None].repeat(3, 1))
    picture = Image.fromarray(grey[0] % 4)
    picture.putpalette([9, 8, 7, 1, 2, 3, 4, 5, 6, 0, 0, 0])
    (tmp_path / "p").mkdir()
    picture.save(tmp_path / "p" / "a.png")
    assert open_images(tmp_path / "p").images(0, 1)[0, :, 0, :3].T.tolist() == [[9, 8, 7], [1, 2, 3], [4, 5, 6]]


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[274] = orientation
    return exif


RGB = Image.new("RGB", (16, 8), "red")
TWO = {"save_all": True, "append_images": [Image.new("RGB", (16, 8), "blue")]}
REFUSED = [
    ("a.png", saved(Image.new("RGB", (16, 9)), "PNG"), "is 9x16 but .*0000.png is 8x16; bring all images to one size"),
    ("a.png", saved(Image.new("I;16", (16, 8)), "PNG"), "more than 8 bits per channel"),
    ("a.png", saved(RGB.convert("RGBA"), "PNG"), "has transparency"),
    ("a.png", saved(RGB, "PNG", **TWO), "holds 2 pictures"),
    ("a.png", saved(RGB, "PNG", exif=turned(3)), "stored turned or mirrored .EXIF orientation 3."),
    ("a.webp", saved(RGB, "WEBP", **TWO), "holds 2 pictures"),
    ("a.webp", saved(RGB, "WEBP", exif=turned(2)), "EXIF orientation 2"),
    ("a.tiff", saved(RGB, "TIFF", **TWO), "holds 2 pictures"),
    ("a.JPG", saved(RGB.convert("CMYK"), "JPEG"), "colour mode CMYK"),
    ("a.jpeg", saved(RGB, "JPEG", exif=turned(6)), "mogrify -auto-orient"),
    ("a.png", b"", "not an image that can be read"),
    ("a.png", saved(RGB, "PNG")[:20], "truncated or damaged|not an image"),
    ("a.gif", saved(RGB, "GIF"), r"\.gif files are not read"),
    ("a.avif", b"whatever", r"\.avif files are not read"),
]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(("name", "content", "words"), REFUSED)
def test_what_cannot_be_measured_is_refused_by_name_before_anything_else(
    tmp_path: Path, name: str, content: bytes, words: str, packed: bool
) -> None:
    root = folder(tmp_path / "a", IMAGES)
    (root / name).write_bytes(content)
    path = archive(tmp_path / "a.zip", root) if packed else root
    with pytest.raises(DataError, match=rf"{re.escape(name)}.*({words})"):
        open_images(path)


def test_a_file_cut_short_is_named_when_it_is_read(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", IMAGES)
    content = (root / "0003.png").read_bytes()
    (root / "0003.png").write_bytes(content[:-30])
    images = open_images(root)
    assert len(images.images(0, 3)) == 3
    with pytest.raises(DataError, match=r"0003\.png: is truncated or damaged"):
        images.images(0, 7)


def test_photographs_from_telephones_are_read_as_all_libraries_do(tmp_path: Path) -> None:
    """Upright tags, wrong ones, several pictures of which the first is meant, and TIFF files that Pillow turns."""
    (tmp_path / "a").mkdir()
    for name, content in {
        "upright.jpg": saved(RGB, "JPEG", exif=turned(1)),
        "unknown.jpg": saved(RGB, "JPEG", exif=turned(0)),
        "second.jpg": saved(RGB, "MPO", **TWO),
        "turned.tif": saved(RGB.rotate(90, expand=True), "TIFF", exif=turned(6)),
    }.items():
        (tmp_path / "a" / name).write_bytes(content)
    images = open_images(tmp_path / "a")
    files = sorted((tmp_path / "a").iterdir())
    for path, found in zip(files, images.images(0, 4), strict=True):
        with Image.open(path) as picture:
            assert np.array_equal(found, np.asarray(picture.convert("RGB")).transpose(2, 0, 1))
    assert (images.lossy, images.formats) == (0.75, {"JPEG": 3})


def test_files_that_change_meanwhile_are_noticed(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", IMAGES)
    source = open_images(root).source()
    Image.fromarray(IMAGES[0]).save(root / "0001.png")
    with pytest.raises(DataError, match=r"0001\.png: changed while it was being measured"):
        source.scenes(0, 7)


def damaged_archive(path: Path, spoil: Callable[[bytearray], None]) -> Path:
    content = bytearray(path.read_bytes())
    spoil(content)
    path.write_bytes(content)
    return path


def test_damaged_and_hostile_archives_are_one_error_each(tmp_path: Path) -> None:
    root = folder(tmp_path / "a", IMAGES)
    path = archive(tmp_path / "a.zip", root)
    flipped = damaged_archive(path, lambda content: content.__setitem__(200, content[200] ^ 0x55))
    with pytest.raises(DataError, match=r"a\.zip:0006\.png: is (damaged|truncated)"):
        open_images(flipped).images(0, 7)
    (tmp_path / "cut.zip").write_bytes(path.read_bytes()[:300])
    with pytest.raises(DataError, match="not a whole zip archive"):
        open_images(tmp_path / "cut.zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("a.png", bytes(2 << 20))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sbgan_bench.image_sets.containers.MOST_BYTES", 1 << 20)
        with pytest.raises(DataError, match=r"a\.png: unpacks to 2,097,152 bytes"):
            open_images(tmp_path / "bomb.zip")
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as file:
        file.writestr("b/a.png", b"1")
        file.writestr("b\\a.png", b"2")
    with pytest.raises(DataError, match=r"holds b/a\.png twice"):
        open_images(tmp_path / "two.zip")
    with zipfile.ZipFile(tmp_path / "names.zip", "w") as file:
        file.writestr("evil\x1b[2J\n.png", b"")
    with pytest.raises(DataError, match=r"names\.zip:evil\?\[2J\?\.png"):
        open_images(tmp_path / "names.zip")
    locked = archive(tmp_path / "locked.zip", root)
    place = struct.pack("<I", 0x02014B50)
    damaged_archive(locked, lambda content: content.__setitem__(content.index(place) + 8, 1))
    with pytest.raises(DataError, match="is encrypted"):
        open_images(locked)
