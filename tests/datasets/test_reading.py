import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sbgan_bench.datasets.reading import LabelIds, glance, load, read_image, read_layout
from sbgan_bench.errors import DataError


def saved(path, array, **options):
    Image.fromarray(array).save(path, **options)
    return path


def test_rgb_is_read_as_stored(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), np.uint8)
    assert np.array_equal(read_image(saved(tmp_path / "a.png", pixels)), pixels)


def test_grey_is_repeated_into_three_channels_and_known_as_grey(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7), np.uint8)
    path = saved(tmp_path / "a.png", pixels)
    assert np.array_equal(read_image(path), pixels[..., None].repeat(3, axis=2))
    assert load(path).is_grey


def test_a_palette_label_gives_its_indices_and_a_palette_image_its_colours(tmp_path):
    ids = np.arange(6, dtype=np.uint8).reshape(2, 3)
    picture = Image.fromarray(ids)
    picture.putpalette([value for i in range(256) for value in (i, 255 - i, 7)])
    picture.save(tmp_path / "a.png")
    assert np.array_equal(read_layout(tmp_path / "a.png"), ids)
    assert read_image(tmp_path / "a.png")[1, 2].tolist() == [5, 250, 7]


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_label_maps_of_few_bits_keep_their_ids(tmp_path, bits):
    """Optimisers pack small ids into fewer bits; decoders stretch them to 0-255."""
    ids = (np.arange(16) % 2**bits).astype(np.uint8).reshape(4, 4)
    path = tmp_path / "a.png"
    path.write_bytes(grey_png(ids, bits))
    assert np.array_equal(read_layout(path), ids)


def png(width, height, bits, colour_type, rows):
    """Encode a PNG by hand, for kinds that Pillow does not write."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, bits, colour_type, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def grey_png(ids, bits):
    digits = (ids[..., None] >> np.arange(bits - 1, -1, -1)) & 1
    packed = np.packbits(digits.reshape(len(ids), -1).astype(np.uint8), axis=1)
    return png(ids.shape[1], ids.shape[0], bits, 0, [row.tobytes() for row in packed])


def encoded(image, **options):
    stream = io.BytesIO()
    image.save(stream, **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (encoded(Image.new("RGBA", (4, 4)), format="PNG"), "transparency"),
        (encoded(Image.new("LA", (4, 4)), format="PNG"), "transparency"),
        (encoded(Image.new("I;16", (4, 4)), format="PNG"), "more than 8 bits"),
        (png(4, 4, 16, 2, [bytes(24)] * 4), "more than 8 bits"),
        (encoded(Image.new("F", (4, 4)), format="TIFF"), "more than 8 bits"),
        (encoded(Image.new("CMYK", (4, 4)), format="JPEG"), "CMYK"),
        (encoded(Image.new("RGB", (64, 64), "red"), format="JPEG")[:500], "truncated"),
        (b"", "not an image"),
        (b"just text", "not an image"),
    ],
)
def test_what_is_not_understood_is_refused_by_name(tmp_path, content, message):
    path = tmp_path / "odd.png"
    path.write_bytes(content)
    with pytest.raises(DataError, match=rf"odd\.png: .*{message}"):
        read_image(path)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_several_pictures_in_a_file_are_refused(tmp_path, kind):
    frames = [Image.new("L", (4, 4), value) for value in (0, 9)]
    frames[0].save(tmp_path / "a.png", kind, save_all=True, append_images=frames[1:], lossless=True)
    for read in (read_image, read_layout):
        with pytest.raises(DataError, match=r"a\.png: holds 2 pictures"):
            read(tmp_path / "a.png")
    frames[0].save(tmp_path / "b.png", "MPO", save_all=True, append_images=frames[1:])
    assert read_image(tmp_path / "b.png").max() == 0  # of a photograph with previews, the photograph


@pytest.mark.parametrize("orientation", [0, 1, 3, 6, 9])
def test_a_turned_photograph_is_read_as_it_is_stored_and_can_be_told(tmp_path, orientation):
    """Label maps are drawn on the pixels as stored, so that pairs of a dataset are not turned."""
    exif = Image.Exif()
    exif[274] = orientation
    (tmp_path / "a.jpg").write_bytes(encoded(Image.new("RGB", (8, 4)), format="JPEG", exif=exif))
    assert read_image(tmp_path / "a.jpg").shape == (4, 8, 3)
    turned = orientation in (3, 6)
    for raster in (load(tmp_path / "a.jpg"), glance(tmp_path / "a.jpg")):
        assert raster.orientation == (orientation if turned else 1)
        if turned:
            with pytest.raises(DataError, match=rf"a\.jpg: .*EXIF orientation {orientation}"):
                raster.check_upright()
        else:
            raster.check_upright()


def test_damaged_remarks_of_a_camera_are_no_damage(tmp_path):
    content = encoded(Image.new("RGB", (8, 4)), format="JPEG", exif=b"Exif\0\0garbage")
    (tmp_path / "a.jpg").write_bytes(content)
    assert load(tmp_path / "a.jpg").orientation == 1
    assert read_image(tmp_path / "a.jpg").shape == (4, 8, 3)


@pytest.mark.parametrize(
    ("name", "options", "word"),
    [
        ("a.jpg", {"format": "JPEG", "quality": 100}, "JPEG"),
        ("a.png", {"format": "JPEG"}, "JPEG"),
        ("a.tif", {"format": "TIFF", "compression": "jpeg"}, "TIFF with"),
        ("a.webp", {"format": "WEBP"}, "WEBP"),
    ],
)
def test_a_lossy_label_map_is_refused_whatever_its_name_says(tmp_path, name, options, word):
    path = tmp_path / name
    Image.fromarray(np.zeros((16, 16), np.uint8)).save(path, **options)
    with pytest.raises(DataError, match=rf"{name}: is {word}.*PNG"):
        read_layout(path)
    assert read_image(path).shape == (16, 16, 3)


@pytest.mark.parametrize(
    "options", [{"format": "BMP"}, {"format": "TIFF"}, {"format": "TIFF", "compression": "tiff_lzw"}]
)
def test_lossless_formats_keep_every_id(tmp_path, options):
    ids = np.arange(256, dtype=np.uint8).reshape(16, 16)
    Image.fromarray(ids).save(tmp_path / "a.tif", **options)
    assert np.array_equal(read_layout(tmp_path / "a.tif"), ids)


def test_a_truncated_png_is_refused_wherever_it_ends(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    whole = encoded(Image.fromarray(pixels), format="PNG")
    for share in (0.01, 0.3, 0.6, 0.95):
        path = tmp_path / "cut.png"
        path.write_bytes(whole[: int(len(whole) * share)])
        with pytest.raises(DataError, match=r"cut\.png: is"):
            read_image(path)


def test_colours_are_not_ids_and_a_missing_file_is_said_to_be(tmp_path):
    path = saved(tmp_path / "a.png", np.zeros((4, 4, 3), np.uint8))
    with pytest.raises(DataError, match="one class id per pixel"):
        read_layout(path)
    with pytest.raises(DataError, match="is missing"):
        read_layout(tmp_path / "b.png")


@given(st.lists(st.integers(0, 255), min_size=1, max_size=40), st.integers(1, 200))
def test_ids_are_kept_mapped_or_named_with_their_number_of_pixels(values, classes):
    stored = np.array([values], np.uint8)
    ids = LabelIds(classes, ignore_id=255)
    strange = sorted({v for v in values if classes <= v < 255})
    if strange:
        with pytest.raises(DataError) as caught:
            ids.apply(stored, "x.png")
        assert f"{strange[0]} ({values.count(strange[0])} pixels)" in str(caught.value)
    else:
        assert ids.apply(stored, "x.png").tolist() == [[classes if v == 255 else v for v in values]]


@pytest.mark.parametrize("suffix", [".png", ".jpg"])
def test_a_glance_tells_a_whole_file_from_one_cut_short_without_decoding(tmp_path, suffix):
    pixels = np.random.default_rng(0).integers(0, 256, (40, 50, 3), np.uint8)
    path = saved(tmp_path / f"a{suffix}", pixels)
    seen, whole = glance(path), load(path)
    assert (seen.size, seen.storage, seen.decoded) == (whole.size, whole.storage, False)
    path.write_bytes(path.read_bytes() + b"appended by a camera")
    assert glance(path).decoded
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(DataError, match="truncated"):
        glance(path)
    path.write_bytes(b"")
    with pytest.raises(DataError, match="not an image"):
        glance(path)
