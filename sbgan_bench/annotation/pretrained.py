"""Starting from ImageNet weights: flat DRN files as their authors published them, read without executing anything."""

import re
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from sbgan_bench.annotation.weights import check_state
from sbgan_bench.errors import ConfigError
from sbgan_bench.hashing import hash_file
from sbgan_bench.networks.drn import DRNSegmenter

#: The classifier of the ImageNet network, and the head of a segmenter with other classes.
_HEADS = ("fc.", "seg.", "up.")
_COUNTER = "num_batches_tracked"  #: files older than PyTorch 0.4 lack it


def load_pretrained(network: DRNSegmenter, path: Path) -> str:
    """Load the weights of everything but the head into ``network``.

    Accepted are ImageNet files (``layer0.0.weight`` … ``fc.bias``) and segmenters (``base.0.0.weight`` …), flat or as
    a training checkpoint (``state_dict`` with ``module.`` before every key).

    Returns:
        The file's sha256.

    Raises:
        ConfigError: No such file, not a file of weights, or those of another network (first differing keys named).
    """
    if not path.is_file():
        raise ConfigError(f"--pretrained {path}: no such file. Leave the option out to start from random weights.")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # whatever the reader meets in a foreign file
        first = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ConfigError(f"--pretrained {path}: cannot be read as PyTorch weights ({first}).") from error
    found = _flat(content, path)
    wanted = {key: tensor for key, tensor in network.state_dict().items() if not key.startswith(_HEADS)}
    for key, tensor in wanted.items():
        if key.endswith(_COUNTER):
            found.setdefault(key, tensor)
    check_state(found, wanted, f"--pretrained {path}")
    network.load_state_dict(found, strict=False)
    return hash_file(path)


def _flat(content: Any, path: Path) -> dict[str, Tensor]:
    """Return the tensors under the segmenter's keys, without any head."""
    state = content.get("state_dict", content) if isinstance(content, dict) else content
    if not isinstance(state, dict) or not all(isinstance(value, Tensor) for value in state.values()):
        raise ConfigError(f"--pretrained {path}: holds no table of weights; give a DRN file of github.com/fyu/drn.")
    renamed = {re.sub(r"^layer(\d+)\.", r"base.\1.", str(key).removeprefix("module.")): state[key] for key in state}
    return {key: tensor for key, tensor in renamed.items() if not key.startswith(_HEADS)}
