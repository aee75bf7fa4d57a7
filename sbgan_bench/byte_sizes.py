"""Sizes of files and folders as people write them."""

import re
from fractions import Fraction

_UNITS = {
    "": 1, "B": 1, "K": 10**3, "KB": 10**3, "M": 10**6, "MB": 10**6, "G": 10**9, "GB": 10**9,
    "T": 10**12, "TB": 10**12, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40,
}  # fmt: skip
_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([A-Z]*)")


def parse_bytes(text: str) -> int:
    """Return the number of bytes that "20GB", "1.5 GiB" or "4096" means.

    Raises:
        ValueError: It means none; the message ends a sentence.
    """
    match = _SIZE.fullmatch(text.strip().upper())
    if match is None or match[2] not in _UNITS:
        raise ValueError('expected a size such as "20GB", "500MB" or "1.5GiB"')
    return int(Fraction(match[1]) * _UNITS[match[2]])


def bytes_text(size: float) -> str:
    """Return a size with three digits: "1.23 GB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 999.5:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"
