import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from sbgan_bench.datasets import png
from sbgan_bench.datasets.png import decode_plain
from sbgan_bench.datasets.reading import load, read_image, read_layout
from sbgan_bench.errors import DataError

pytest.importorskip("imagecodecs")


def encoded(array, **options):
    stream = io.BytesIO()
    Image.fromarray(array).save(stream, "PNG", **options)
    return stream.getvalue()


def noise(seed, *shape):
    return np.random.default_rng(seed).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("size", [(1, 1), (7, 13), (64, 40)])
@pytest.mark.parametrize("level", [0, 1, 9])
def test_plain_files_are_decoded_as_stored(size, level):
    rgb, grey = noise(0, *size, 3), noise(1, *size)
    assert np.array_equal(decode_plain(encoded(rgb, compress_level=level), 3), rgb)
    assert np.array_equal(decode_plain(encoded(grey, compress_level=level), 1), grey)


def palette(grey):
    image = Image.fromarray(grey)
    image.putpalette([value for i in range(256) for value in (i, 255 - i, 7)])
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"just text",
        encoded(noise(0, 5, 5, 4)),
        encoded(noise(0, 5, 5).astype(np.uint16)),
        encoded(noise(0, 5, 5) > 99),
        palette(noise(0, 5, 5)),
        encoded(noise(0, 5, 5, 3), transparency=(1, 2, 3)),
        encoded(noise(0, 5, 5), transparency=7),
        encoded(noise(0, 5, 5, 3)) + b"appended",
    ],
)
def test_whatever_is_not_plain_is_left_to_the_careful_reader(content):
    assert decode_plain(content, 3) is None
    assert decode_plain(content, 1) is None


def test_the_other_kind_is_left_to_the_careful_reader():
    assert decode_plain(encoded(noise(0, 5, 5)), 3) is None
    assert decode_plain(encoded(noise(0, 5, 5, 3)), 1) is None


def test_a_flipped_bit_or_a_missing_end_never_passes(tmp_path):
    whole = encoded(noise(0, 9, 9, 3))
    for place in range(8, len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << place % 8
        assert decode_plain(bytes(damaged), 3) is None
        assert decode_plain(whole[:place], 3) is None


def test_pixels_that_do_not_unpack_are_refused_in_the_words_of_the_careful_reader(tmp_path):
    body = zlib.compress(noise(0, 9 * 28).tobytes())[:-40]
    header = struct.pack(">IIBBBBB", 9, 9, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", body), (b"IEND", b""))
    parts = (
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    assert decode_plain(path.read_bytes(), 3) is None
    with pytest.raises(DataError, match=r"a\.png: is truncated"):
        read_image(path)


def test_reading_gives_the_same_with_and_without_the_fast_decoder(tmp_path, monkeypatch):
    rgb, grey = tmp_path / "rgb.png", tmp_path / "grey.png"
    rgb.write_bytes(encoded(noise(0, 20, 30, 3)))
    grey.write_bytes(encoded(noise(1, 20, 30)))
    fast = read_image(rgb), read_layout(grey), read_image(grey)
    monkeypatch.setattr(png, "_decoder", lambda: None)
    slow = read_image(rgb), read_layout(grey), read_image(grey)
    assert all(np.array_equal(a, b) for a, b in zip(fast, slow, strict=True))
    assert load(grey).is_grey
