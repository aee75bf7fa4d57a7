"""State dicts that others published, read without running anything a file holds and checked name by name."""

import warnings
import zipfile
from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from sbgan_bench.errors import CorruptFileError

#: Counters of training steps, which evaluation never reads; files of early PyTorch lack them.
_COUNTER = "num_batches_tracked"


def is_torchscript(path: Path) -> bool:
    """Return whether a file is a TorchScript archive: a program, not a table of tensors."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.partition("/")[2] == "constants.pkl" for name in archive.namelist())


def read_state_dict(path: Path) -> dict[str, Tensor]:
    """Read a flat table of tensors, on the CPU.

    Args:
        path: ``.safetensors``, or a file of ``torch.save`` in either of its formats. It is read by PyTorch's
            weights-only reader, which runs no code that the file names.

    Raises:
        CorruptFileError: The file is damaged, a program, or holds something else than named tensors.
    """
    if is_torchscript(path):
        raise CorruptFileError(
            f"{path} is a TorchScript program: to use it is to run the code inside. Give a plain state dict."
        )
    try:
        if path.suffix == ".safetensors":
            content = load_file(path)
        else:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # what PyTorch has to say of foreign pickles helps nobody here
                content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever a foreign file makes its reader stumble over
        raise CorruptFileError(
            f"{path} cannot be read as a plain state dict: it is damaged, holds pickled code, or is no file of "
            "weights. Nothing in it was run; fetch the file once more, or save the network's state_dict alone."
        ) from error
    if not isinstance(content, Mapping) or not all(isinstance(value, Tensor) for value in content.values()):
        raise CorruptFileError(f"{path} holds something else than named tensors; save the network's state_dict alone.")
    return {str(name): tensor for name, tensor in content.items()}


def fitted(found: Mapping[str, Tensor], network: nn.Module, origin: Path) -> dict[str, Tensor]:
    """Return the tensors for ``network``, whose own may be on the meta device: they are only looked at.

    Counters of batches that the file lacks are filled in with zero.

    Args:
        found: The tensors by name.
        network: What they are to be loaded into.
        origin: The file they come from, for messages.

    Raises:
        CorruptFileError: A name is missing or unknown, or a shape differs; names the first ones, with both shapes.
    """
    wanted = network.state_dict()
    counters = {name: torch.tensor(0) for name in wanted if name.endswith(_COUNTER)}
    state = {**counters, **found}
    faults = tensor_differences(state, wanted)
    if faults:
        raise CorruptFileError(f"{origin} holds the weights of another network: {faults}.")
    return state


def tensor_differences(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor]) -> str:
    """Return the first names and shapes that differ between two tables of tensors, in words; "" if none do."""
    faults = [
        *(f"{name} is missing" for name in wanted if name not in found),
        *(f"{name} is unknown" for name in found if name not in wanted),
        *(
            f"{name} is {list(found[name].shape)} instead of {list(tensor.shape)}"
            for name, tensor in wanted.items()
            if name in found and found[name].shape != tensor.shape
        ),
    ]
    return "; ".join(faults[:3]) + (f" and {len(faults) - 3} more" if len(faults) > 3 else "")
