"""The hash of a suite, from its plain values: as a suite has them, and as ``suite.json`` keeps them."""

from collections.abc import Mapping
from typing import Any

from sbgan_bench.hashing import hash_json

#: What changes no number, or is said by the rows themselves.
_WORDS = frozenset({"name", "title", "summary", "estimate", "estimate_basis", "entries", "columns", "grid", "tables"})


def suite_hash(values: Mapping[str, Any]) -> str:
    """Return the sha256 of everything in a suite that can change a number.

    Raises:
        ValueError: A number is infinite, or none.
    """
    return hash_json({key: value for key, value in values.items() if key not in _WORDS})
