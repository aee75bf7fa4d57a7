"""Resumable checkpoints: atomic folders of safetensors and JSON, checked by sha256, never pickle."""

import logging
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from safetensors.torch import load_file
from torch import nn

from sbgan_bench.errors import ConfigError, CorruptFileError
from sbgan_bench.hashing import hash_file
from sbgan_bench.storage import atomic_folder, read_json, write_json
from sbgan_bench.tensors import write_tensors

_log = logging.getLogger(__name__)
_MANIFEST = "manifest.json"
#: Checkpoints kept; the older one is what a damaged newest falls back to.
KEPT = 2


class Kept(Protocol):
    """What a checkpoint holds: a ``TrainingTask``, or anything else with networks and optimisers by name."""

    @property
    def modules(self) -> Mapping[str, nn.Module]:
        """Saved and restored whole."""

    @property
    def optimizers(self) -> Mapping[str, torch.optim.Optimizer]:
        """Their state is saved and restored."""


@dataclass(frozen=True, slots=True)
class TrainingState:
    """What must survive a restart beside weights, optimisers and torch's random state."""

    step: int = 0  #: steps done
    seconds: float = 0.0  #: spent training, restarts added up
    best_diversity: float = 0.0  #: see ``training.health``
    collapsed: bool = False  #: see ``training.health``


def checkpoint_folders(folder: Path) -> list[Path]:
    """Return the complete checkpoints of a run, newest first."""
    parent = folder / "checkpoints"
    found = parent.iterdir() if parent.is_dir() else ()
    return sorted((path for path in found if re.fullmatch(r"\d{9}", path.name)), reverse=True)


def save_checkpoint(folder: Path, task: Kept, state: TrainingState, identity: Mapping[str, Any]) -> Path:
    """Write ``checkpoints/<step>`` atomically and remove all but the last ``KEPT``.

    Args:
        folder: Of the run.
        task: Whose modules and optimisers are kept.
        state: What else to keep.
        identity: What the run is (plain JSON); a checkpoint of another run is refused when loading.

    Raises:
        CannotWriteError: The disk is full, say; earlier checkpoints stay.
    """
    target = folder / "checkpoints" / f"{state.step:09d}"
    with atomic_folder(target) as temporary:
        for name, module in task.modules.items():
            write_tensors(temporary / f"module.{name}.safetensors", module.state_dict())
        for name, optimizer in task.optimizers.items():
            tensors, rest = _split_optimizer(optimizer.state_dict())
            write_tensors(temporary / f"optimizer.{name}.safetensors", tensors)
            write_json(temporary / f"optimizer.{name}.json", rest)
        write_tensors(temporary / "random.safetensors", _random_state())
        write_json(temporary / "state.json", {"identity": identity, **asdict(state)})
        files = {path.name: hash_file(path) for path in sorted(temporary.iterdir())}
        write_json(temporary / _MANIFEST, {"files": files})
    for old in checkpoint_folders(folder)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return target


def load_checkpoint(folder: Path, task: Kept, identity: Mapping[str, Any]) -> TrainingState:
    """Restore the newest sound checkpoint into ``task`` and torch's random state.

    A damaged one is passed over with a logged warning; a run without checkpoints starts at step 0.

    Raises:
        CorruptFileError: There are checkpoints and all are damaged.
        ConfigError: The checkpoint belongs to a run with other phases, seed, precision or networks.
    """
    for leftover in (folder / "checkpoints").glob(".*"):  # of a process killed while writing
        shutil.rmtree(leftover, ignore_errors=True)
    found = checkpoint_folders(folder)
    for path in found:
        fault = _fault(path)
        if not fault:
            return _restore(path, task, identity)
        _log.warning("Checkpoint %s is damaged (%s); falling back to the one before.", path, fault)
    if found:
        raise CorruptFileError(
            f"All checkpoints of {folder} are damaged ({found[0].name}: {_fault(found[0])}). "
            f"Delete {folder / 'checkpoints'} and run the command again to train from the start."
        )
    return TrainingState()


def _fault(path: Path) -> str:
    try:
        files = read_json(path / _MANIFEST)["files"]
    except (CorruptFileError, KeyError, TypeError) as error:
        return f"no sound manifest: {error}"
    for name, expected in files.items():
        if not (path / name).is_file():
            return f"{name} is missing"
        if hash_file(path / name) != expected:
            return f"the sha256 of {name} is not the one in its manifest"
    return ""


def _restore(path: Path, task: Kept, identity: Mapping[str, Any]) -> TrainingState:
    facts = read_json(path / "state.json")
    kept = facts.pop("identity")
    if kept != identity:
        differing = next(key for key in {**kept, **identity} if kept.get(key) != identity.get(key))
        raise ConfigError(
            f"Checkpoint {path} belongs to another run: its {differing} is {kept.get(differing)!r}, "
            f"this run's is {identity.get(differing)!r}. Use another output folder, or delete this one."
        )
    for name, module in task.modules.items():
        _load_module(module, path / f"module.{name}.safetensors")
    for name, optimizer in task.optimizers.items():
        tensors = load_file(path / f"optimizer.{name}.safetensors")
        _load_optimizer(optimizer, tensors, read_json(path / f"optimizer.{name}.json"))
    _set_random_state(load_file(path / "random.safetensors"))
    return TrainingState(**facts)


def _load_module(module: nn.Module, path: Path) -> None:
    try:
        module.load_state_dict(load_file(path))
    except RuntimeError as error:
        raise ConfigError(
            f"Checkpoint {path} does not fit the network: {error} Use another output folder, or delete this one."
        ) from error


def _split_optimizer(state: dict[str, Any]) -> tuple[dict[str, torch.Tensor], dict[str, Any]]:
    """Separate the tensors of an optimiser's state dict from what JSON can hold."""
    tensors, numbers = {}, []
    for index, values in state["state"].items():
        for name, value in values.items():
            if isinstance(value, torch.Tensor):
                tensors[f"{index}/{name}"] = value
            else:
                numbers.append([index, name, value])
    return tensors, {"numbers": numbers, "param_groups": state["param_groups"]}


def _load_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor], rest: dict[str, Any]) -> None:
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Any]] = {}
    for key, tensor in tensors.items():
        index, name = key.split("/")
        like = parameters[int(index)]
        if tensor.shape == like.shape:  # in the memory format of its parameter, as when it was made
            tensor = torch.empty_like(like, dtype=tensor.dtype).copy_(tensor)
        state.setdefault(int(index), {})[name] = tensor
    for index, name, value in rest["numbers"]:
        state.setdefault(index, {})[name] = value
    groups = [
        {key: tuple(value) if key == "betas" else value for key, value in group.items()}
        for group in rest["param_groups"]
    ]
    optimizer.load_state_dict({"state": state, "param_groups": groups})


def _random_state() -> dict[str, torch.Tensor]:
    states = {"cpu": torch.get_rng_state()}
    if torch.cuda.is_available():
        states["cuda"] = torch.cuda.get_rng_state()
    return states


def _set_random_state(states: Mapping[str, torch.Tensor]) -> None:
    torch.set_rng_state(states["cpu"])
    if "cuda" in states and torch.cuda.is_available():
        torch.cuda.set_rng_state(states["cuda"])
