"""Tensors on disk."""

from collections.abc import Mapping
from pathlib import Path

from safetensors.torch import save
from torch import Tensor

from sbgan_bench.storage import atomic_file


def write_tensors(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str] | None = None) -> None:
    """Write named tensors, wherever they are, to a safetensors file, atomically.

    Args:
        path: The file.
        tensors: Of any dtype and memory format; no two may share memory.
        metadata: Text kept in the header.

    Raises:
        BenchError: The folder is read-only, the disk is full, or another operating-system refusal.
    """
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    content = save(plain, metadata=None if metadata is None else dict(metadata))
    with atomic_file(path) as temporary:
        temporary.write_bytes(content)
