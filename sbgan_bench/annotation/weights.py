"""Trained segmenters on disk: a folder with ``drn.json`` (what it is) and ``drn.safetensors`` (the official keys)."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import torch
from pydantic import Field, model_validator
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from sbgan_bench.annotation.confusion import Evaluation
from sbgan_bench.config import Settings
from sbgan_bench.errors import ConfigError, CorruptFileError
from sbgan_bench.hashing import hash_file
from sbgan_bench.networks.drn import DRNArch, DRNSegmenter
from sbgan_bench.state_dicts import tensor_differences
from sbgan_bench.storage import read_json, write_json
from sbgan_bench.tensors import write_tensors

#: Version of the folder's layout; a reader refuses any other.
FORMAT = 1
FACTS, WEIGHTS = "drn.json", "drn.safetensors"


class SegmenterFacts(Settings):
    """What ``drn.json`` says of its segmenter."""

    format: int = FORMAT
    arch: DRNArch
    num_classes: int = Field(ge=1)  #: output channels; channel c is class id c
    class_names: tuple[str, ...]  #: one per class id
    palette: tuple[tuple[int, int, int], ...]  #: RGB 0-255 per class id
    ignore_index: int | None  #: id that label maps of these classes give to unlabelled pixels; it is never predicted
    input_scale: float = Field(1.0, gt=0, le=1)  #: images are reduced to this share before the network sees them
    source: str  #: in words: "trained on camvid", "imported from drn_d_22_cityscapes.pth"
    source_sha256: str = ""  #: of the file it was imported from; "" if trained here
    training: Mapping[str, Any] | None = None  #: recipe, dataset and length, as plain values; None if unknown
    evaluation: Evaluation | None = None  #: on held-out pairs; None if nobody measured
    weights_sha256: str = ""  #: of ``drn.safetensors``; filled in when saving

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        for what, length in (("class_names", len(self.class_names)), ("palette", len(self.palette))):
            if length != self.num_classes:
                raise ValueError(f"{what} has {length} entries for {self.num_classes} classes")
        if self.ignore_index is not None and self.ignore_index < self.num_classes:
            raise ValueError(f"ignore_index {self.ignore_index} is also a class (there are {self.num_classes})")
        return self


@dataclass(frozen=True, slots=True)
class SavedSegmenter:
    """A segmenter ready for use."""

    facts: SegmenterFacts
    network: DRNSegmenter  #: on the CPU, in evaluation mode


def save_segmenter(folder: Path, network: DRNSegmenter, facts: SegmenterFacts) -> SegmenterFacts:
    """Write a segmenter; ``drn.json`` comes last, so that a folder with it is complete.

    Args:
        folder: May hold other files, those of training, say.
        network: Its state dict is written as it is, with the official keys.
        facts: What to say of it; ``weights_sha256`` is filled in.

    Returns:
        The facts as written.

    Raises:
        ConfigError: The facts are of another architecture or number of classes than the network.
        CannotWriteError: The folder is read-only or the disk is full.
    """
    if (network.arch, network.num_classes) != (facts.arch, facts.num_classes):
        raise ConfigError(
            f"The network is {network.arch} with {network.num_classes} classes, its description says {facts.arch} "
            f"with {facts.num_classes}."
        )
    write_tensors(folder / WEIGHTS, network.state_dict())
    complete = facts.model_copy(update={"weights_sha256": hash_file(folder / WEIGHTS)})
    write_json(folder / FACTS, complete.to_json())
    return complete


def read_facts(folder: Path) -> SegmenterFacts:
    """Read ``drn.json``.

    Raises:
        ConfigError: There is no segmenter in the folder, or one of another version.
        CorruptFileError: The file is damaged.
    """
    path = folder / FACTS
    if not path.is_file():
        raise ConfigError(
            f"No segmenter in {folder}: there is no {FACTS}. Make one with 'sbgan-bench annotate train', or turn a "
            "released checkpoint into one with 'sbgan-bench import'."
        )
    values = read_json(path)
    version = values.get("format") if isinstance(values, dict) else None
    if version != FORMAT:
        raise ConfigError(f"{path} has format {version}, this version reads {FORMAT}; make the segmenter again.")
    return SegmenterFacts.parse(values, str(path))


def load_segmenter(folder: Path) -> SavedSegmenter:
    """Read what ``save_segmenter`` wrote.

    Raises:
        ConfigError: There is no segmenter in the folder, or its weights are another network's.
        CorruptFileError: The weights are not those that ``drn.json`` speaks of.
    """
    facts = read_facts(folder)
    path = folder / WEIGHTS
    if not path.is_file() or hash_file(path) != facts.weights_sha256:
        raise CorruptFileError(
            f"{path} is missing or is not what {FACTS} speaks of (sha256 {facts.weights_sha256[:12]}…); "
            "copy the folder once more from where it came, or make it again."
        )
    try:
        state = load_file(path)
    except SafetensorError as error:
        raise CorruptFileError(f"{path} is damaged ({error}); make the segmenter again.") from error
    network = DRNSegmenter(facts.arch, facts.num_classes)
    check_state(state, network.state_dict(), str(path))
    network.load_state_dict(state)
    return SavedSegmenter(facts, network.eval())


def check_state(found: Mapping[str, Tensor], wanted: Mapping[str, Tensor], origin: str) -> None:
    """Refuse weights whose keys or shapes are not the network's.

    Raises:
        ConfigError: Names the first keys that differ, with both shapes.
    """
    faults = tensor_differences(found, wanted)
    if faults:
        raise ConfigError(f"{origin} does not fit the network: {faults}.")


def counted_parameters(network: torch.nn.Module) -> int:
    """Return the number of parameters that training changes."""
    return sum(parameter.numel() for parameter in network.parameters() if parameter.requires_grad)
