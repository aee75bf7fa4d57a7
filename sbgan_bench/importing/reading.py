"""Files of tensors from strangers, read without importing or calling anything that they name.

A checkpoint written by ``torch.save`` is a pickle, a small program. PyTorch's own weights-only reader runs none that
names more than tensors and plain containers; but some honest files do, BigGAN-PyTorch's ``state_dict.pth``, say, which
holds the whole configuration and in it an activation function. Those are read a second time here, by an unpickler
that knows a few names, all of them functions of this file, and that turns every other one into an inert
``Placeholder``: nothing is looked up, so nothing foreign can be called.

This is the only file of the project that may use ``pickle``; a test sees to that.
"""

import pickle
import types
import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from sbgan_bench.errors import CheckpointError

#: How a file of ``torch.save`` from before PyTorch 1.6 begins: pickle's protocol, then PyTorch's magic number.
_LEGACY_MAGIC = b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19."


class Placeholder:
    """What stands for an object of a foreign kind: it keeps its name and does nothing, whatever is done to it."""

    origin: str = ""  #: "module.name" of what the file names
    dump_patches: bool = False  #: asked for by PyTorch where an old file holds a module with its source

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        del args, kwargs

    def __call__(self, *args: Any, **kwargs: Any) -> "Placeholder":
        """Take arguments, to no effect."""
        del args, kwargs
        return self

    def __setstate__(self, state: Any) -> None:
        del state

    def __setitem__(self, key: Any, value: Any) -> None:
        del key, value

    def append(self, value: Any) -> None:
        """Take a value, to no effect."""
        del value

    def extend(self, values: Any) -> None:
        """Take values, to no effect."""
        del values

    def add(self, value: Any) -> None:
        """Take a value, to no effect."""
        del value

    def __repr__(self) -> str:
        return f"<{self.origin}>"


def read_checkpoint(path: Path) -> Any:
    """Read a file of ``torch.save`` (either format) or safetensors, on the CPU.

    Args:
        path: The file. What ends in ``.safetensors`` is read as such.

    Returns:
        What was saved: tensors, plain values, containers, and a ``Placeholder`` for anything else.

    Raises:
        CheckpointError: The file is missing, truncated, of another kind, or a bare pickle.
    """
    if not path.is_file():
        raise CheckpointError(f"No file {path}.")
    if path.suffix == ".safetensors":
        return _read_safetensors(path)
    _check_container(path)
    try:
        return torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a foreign file provokes; the second reader has the last word
        return _read_inert(path, error)


def _read_safetensors(path: Path) -> Mapping[str, Tensor]:
    try:
        return dict(load_file(path))
    except (SafetensorError, OSError) as error:
        raise CheckpointError(f"{path} cannot be read as safetensors ({error}); fetch it once more.") from error


def _check_container(path: Path) -> None:
    """Refuse what ``torch.save`` did not write, before anything reads it."""
    with path.open("rb") as stream:
        head = stream.read(2 + len(_LEGACY_MAGIC))
    if head[:2] == b"\x80\x02" and head[2:] == _LEGACY_MAGIC:
        return
    if head[:4] == b"PK\x03\x04":
        _check_archive(path)
        return
    if head[:1] == b"\x80" or (head[:1] in b"(c}]" and head):
        raise CheckpointError(
            f"{path} is a bare pickle: reading it would run whatever program it holds, and nothing in it is needed. "
            "(SPADE's opt.pkl holds the options of a training run; say here what is asked for.) Give the .pth files."
        )
    raise CheckpointError(
        f"{path} was written neither by torch.save nor as safetensors (it begins with {head[:8]!r}); "
        "give the checkpoint itself, unpacked, and check that the download is whole."
    )


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError) as error:
        raise CheckpointError(
            f"{path} is a truncated or damaged file of torch.save ({error}); fetch it once more."
        ) from error
    inner = {name.partition("/")[2] for name in names}
    if "constants.pkl" in inner:
        raise CheckpointError(
            f"{path} is a TorchScript program, not a checkpoint; export its state_dict with torch.save."
        )
    if "data.pkl" not in inner:
        raise CheckpointError(f"{path} is a ZIP archive but not one of torch.save; unpack it and give what is in it.")


def _read_inert(path: Path, first: Exception) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that the source of a module in the file differs from the placeholder's
            # Not the weights-only reader: ``_READER`` below finds nothing but what this file defines.
            return torch.load(path, map_location="cpu", pickle_module=_READER, weights_only=False)
    except Exception as error:  # as above
        reason = f"{type(error).__name__}: {_first_line(error)}"
        raise CheckpointError(
            f"{path} cannot be read: it is truncated, damaged, or no checkpoint ({reason}). Fetch it once more; "
            "if it is whole, load it where it was made and save its state_dict alone."
        ) from first


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0][:200]


def _rebuild_tensor(storage: Any, offset: int, size: Any, stride: Any, *rest: Any) -> Tensor:
    """Return a view of a storage that the file holds; PyTorch checks that it lies inside."""
    del rest  # whether it wants a gradient, hooks, metadata
    return torch.tensor([], dtype=storage.dtype).set_(storage._untyped_storage, offset, tuple(size), tuple(stride))


def _rebuild_parameter(data: Tensor, *rest: Any) -> Tensor:
    """Return a parameter as the plain tensor it is."""
    del rest
    return data


class _Dict(dict[Any, Any]):
    """An ordered dictionary of a file, ours so that nothing the file sets on it reaches another's."""


class _InertUnpickler(pickle.Unpickler):
    """Finds a few things of this file, new ones each time, and a ``Placeholder`` for every other name."""

    def find_class(self, module: str, name: str) -> Any:
        """Return what a file gets that names ``module.name``; nothing is imported."""
        match module, name:
            case "collections", "OrderedDict":
                return type("OrderedDict", (_Dict,), {})
            case "torch._utils", "_rebuild_tensor" | "_rebuild_tensor_v2":
                return lambda *args: _rebuild_tensor(*args)
            case "torch._utils", "_rebuild_parameter":
                return lambda *args: _rebuild_parameter(*args)
        return type("Placeholder", (Placeholder,), {"origin": f"{module}.{name}"})


def _load(stream: Any, **options: Any) -> Any:
    return _InertUnpickler(stream, **options).load()


#: What ``torch.load`` takes for a pickle module.
_READER = types.SimpleNamespace(__name__="inert", Unpickler=_InertUnpickler, load=_load)
