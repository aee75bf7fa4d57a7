"""The hash of a configuration that rows and ``run.json`` bear, from the plain values that ``suite.json`` keeps."""

from collections.abc import Mapping
from typing import Any

from sbgan_bench.hashing import hash_json

#: What changes no number, or is said by the rows themselves.
_WORDS = frozenset({"name", "title", "summary", "estimate", "estimate_basis", "entries", "columns", "grid", "tables"})


def config_hash_of(values: Mapping[str, Any]) -> str:
    """Return the sha256 of everything in a suite that can change a number.

    Raises:
        ValueError: A number is infinite, or none.
    """
    return hash_json({key: value for key, value in values.items() if key not in _WORDS})
