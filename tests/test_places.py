"""Sizes as text: what a suite writes is read back, and what a stranger writes is a size or nothing."""

import pytest

from sbgan_bench.places import covers, size_of


@pytest.mark.parametrize("size", [(1, 1), (64, 128), (256, 512), (999_999, 7)])
def test_what_is_written_is_read_back(size: tuple[int, int]) -> None:
    assert size_of("{}x{}".format(*size)) == size


@pytest.mark.parametrize(
    "text", ["", "x", "64", "64x", "x64", "64x64x3", "-1x2", "+1x2", " 1x2", "1x2\n", "1_0x2", "²x³", "٣x٤", "64×128",
             "9" * 5000 + "x1"],
    ids=lambda text: ascii(text[:8]),
)  # fmt: skip
def test_what_is_no_size_is_none(text: str) -> None:
    assert size_of(text) is None


def test_a_place_is_meant_at_one_size_or_at_all() -> None:
    assert covers("camvid", "camvid", "64x128")
    assert covers("camvid/64x128", "camvid", "64x128")
    assert not covers("camvid/64x128", "camvid", "128x256")
