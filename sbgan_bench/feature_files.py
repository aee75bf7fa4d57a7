"""One file of features: safetensors with a seal that says what is inside and where it belongs."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from sbgan_bench.errors import CorruptFileError
from sbgan_bench.hashing import canonical_json, hash_arrays, hash_json
from sbgan_bench.storage import atomic_file


def write_features(path: Path, features: NDArray[np.float32], address: dict[str, Any]) -> int:
    """Keep features, atomically.

    Args:
        path: The file.
        features: ``(N, dim)`` float32.
        address: Plain JSON of all that decided the numbers.

    Returns:
        The size of the file in bytes.
    """
    content = save({"features": features}, metadata={"seal": _seal(features, hash_json(address))})
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)
    return len(content)


def read_features(path: Path, address: dict[str, Any] | None = None) -> NDArray[np.float32]:
    """Return features as they were written.

    Args:
        path: The file.
        address: As for :func:`write_features`; None to read a file wherever it belongs.

    Raises:
        FileNotFoundError: There is no such file (any more).
        CorruptFileError: It is damaged, or belongs elsewhere.
    """
    try:
        with safe_open(path, framework="numpy") as file:
            features: NDArray[np.float32] = file.get_tensor("features")
            seal = str((file.metadata() or {}).get("seal"))
        belongs = str(json.loads(seal)["address"]) if address is None else hash_json(address)
        whole = seal == _seal(features, belongs)
    except FileNotFoundError:
        raise
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise CorruptFileError(f"{path} is damaged: {error}") from error
    if not whole:
        raise CorruptFileError(f"{path} is damaged: its checksum is not that of its content")
    return features


def _seal(features: NDArray[np.float32], address: str) -> str:
    return canonical_json({"address": address, "features": hash_arrays([("features", features)])})
