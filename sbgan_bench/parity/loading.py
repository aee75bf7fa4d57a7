"""Weights of a checkpoint in the place of filled ones: for cases recorded with networks that were really trained."""

from pathlib import Path

from torch import nn

from sbgan_bench.errors import DataError
from sbgan_bench.importing.keys import check_keys, complete
from sbgan_bench.importing.source import Source


def load_weights(network: nn.Module, folder: Path, reference: str) -> None:
    """Give a network the weights of a checkpoint file, read without running code in it.

    Args:
        network: What gets them.
        folder: What the file's path is relative to.
        reference: "latest_net_G.pth", or "298900.pth#G_state_dict" for a state dict within a dictionary.

    Raises:
        CheckpointError: The file is missing or damaged, or its keys or shapes are others than the network's.
        DataError: It holds no such state dict.
    """
    path, _, name = reference.partition("#")
    found = Source.read(folder / path).tensors(name)
    if not found:
        what = f"no state dict under {name!r}" if name else "no bare state dict; name one inside it as FILE#KEY"
        raise DataError(f"{folder / path} holds {what}.")
    expected = network.state_dict()
    tensors, _ = complete(found, expected)
    check_keys(str(folder / path), tensors, expected)
    network.load_state_dict(tensors)
