"""The contract of a checkpoint format: what a file of it looks like, what is in it, and what it can become."""

import abc
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from torch import Tensor

from sbgan_bench.config import Settings
from sbgan_bench.dataset import AbstractDataset, Resolution
from sbgan_bench.importing.source import Source
from sbgan_bench.model import Provenance
from sbgan_bench.presets import Preset


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One network of a file."""

    role: str  #: what it is for: "layout-generator"; parts are put together by their roles
    source: Source
    tensors: Mapping[str, Tensor]  #: by official key; on the CPU
    facts: Mapping[str, Any] = field(default_factory=dict)  #: what the file says of it beside its tensors
    inside: str = ""  #: key of the state dict within the file, for messages; "" if the file is the state dict

    @property
    def place(self) -> str:
        """Where it was found, for messages."""
        return f"{self.source.path}" + (f" ({self.inside})" if self.inside else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the user says that no tensor does."""

    resolution: Resolution | None = None  #: (H, W) of the images
    preset: Preset = Preset.RELEASED  #: whose choices, where tensors leave them open
    settings: Mapping[str, Any] = field(default_factory=dict)  #: settings of the model, nested; they win over all
    dataset: AbstractDataset | None = None  #: what the checkpoint is held against


class Finding(Settings):
    """One line of what was found."""

    what: str  #: "classes"
    value: str  #: "35"
    how: str  #: how one knows: "shape of blocks.0.to_mask.weight", "--resolution"


class Design(abc.ABC):
    """What parts make together, checked and ready to be written."""

    title: str  #: for people: "SB-GAN"
    found: tuple[Finding, ...]
    notes: tuple[str, ...]  #: what a user of the model must know

    @abc.abstractmethod
    def check(self, dataset: AbstractDataset) -> tuple[str, ...]:
        """Hold the design against a dataset.

        Returns:
            Notes on what differs and matters less.

        Raises:
            CheckpointError: They do not go together; the message names both values.
        """

    @abc.abstractmethod
    def save(self, folder: Path, provenance: Provenance) -> Mapping[str, Any]:
        """Write what ``sbgan-bench sample``, ``evaluate`` or ``annotate`` reads.

        Args:
            folder: Made or replaced.
            provenance: Where it comes from; written with it.

        Returns:
            Facts for ``training.json``.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Assembly:
    """One thing that parts of certain roles make together."""

    makes: str  #: registered model, or another name for what is no model
    needs: frozenset[str]  #: roles that must be there
    takes: frozenset[str] = frozenset()  #: roles that may be there
    design: Callable[[Mapping[str, Part], Request], Design]  #: parts by role


class AbstractFormat(abc.ABC):
    """A checkpoint format. Final subclasses are registered under ``sbgan_bench.formats`` and built without arguments.

    A format is told by the keys of its tensors, never by a file's name. No two formats recognise the same file.
    """

    name: ClassVar[str]  #: as registered
    title: ClassVar[str]  #: whose files they are
    files: ClassVar[tuple[str, ...]]  #: their names as distributed, for people

    @abc.abstractmethod
    def parts(self, source: Source) -> tuple[Part, ...]:
        """Return the networks in a file; () if it is not of this format.

        Raises:
            CheckpointError: It is of this format, but of a kind that no network here can be; says which.
        """

    @abc.abstractmethod
    def assemblies(self) -> tuple[Assembly, ...]:
        """What its parts can become, alone or with those of other formats; the first that fits is chosen."""

    @abc.abstractmethod
    def examples(self) -> Mapping[str, Any]:
        """Return small files of the format, by name, as given to ``torch.save``: at least one; random weights.

        The contract suite reads them, spoils them, and shows them to all other formats.
        """
