"""The contract of a model: every generator in a table is built, fitted, saved, loaded and sampled alike."""

import abc
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self, final

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn

from sbgan_bench.config import Settings
from sbgan_bench.dataset import PairTable, Resolution
from sbgan_bench.errors import ConfigError, CorruptFileError, UnsupportedError
from sbgan_bench.hashing import hash_file
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.presets import Preset
from sbgan_bench.quantities import Positive
from sbgan_bench.results import Origin
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.storage import atomic_folder, read_json, write_json
from sbgan_bench.tensors import write_tensors
from sbgan_bench.training.run import TrainingRun


@dataclass(frozen=True, slots=True)
class SceneSpec:
    """What a network must know of the data to be built."""

    num_classes: int
    resolution: Resolution  #: (H, W) of the images


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """One named way to arrive at a trained model."""

    summary: str  #: one line for tables of contents
    starts_from: Mapping[str, str] = field(default_factory=dict)  #: role -> registered model trained before it


class SourceFile(Settings):
    """A file that weights were imported from."""

    name: str  #: without its folder
    sha256: str


class Provenance(Settings):
    """Where the weights of a model come from; it is saved with them and decides what they may be scored against."""

    origin: Origin | None = None  #: None: nobody noted it, as in folders of older versions
    dataset: str = ""  #: name of the dataset they know; "" if nobody said
    fingerprint: str = ""  #: of the dataset they were trained on; "" if unknown, as for imported weights
    class_names: tuple[str, ...] = ()  #: one per class id; empty if unknown
    steps: int | None = None  #: that an imported checkpoint says it was trained for, in its own counting
    sources: tuple[SourceFile, ...] = ()  #: of imported weights


class AbstractModel(abc.ABC):
    """A generator of scenes. Subclasses are final and registered under ``sbgan_bench.models``.

    ``recipes`` names the ways to train it; a recipe may start from other registered models (trained once,
    shared by every recipe that names them). ``save`` and ``load`` are common to all and keep ``networks()``.
    """

    name: ClassVar[str]  #: as registered
    title: ClassVar[str]  #: as printed in tables, "SB-GAN"
    Settings: ClassVar[type[Settings]]
    layout_sources: ClassVar[frozenset[LayoutSource]]  #: which of none, real, generated ``sample`` can serve
    recipes: ClassVar[Mapping[str, Recipe]]
    presets: ClassVar[Mapping[Preset, Mapping[str, Any]]] = {}  #: settings that a preset changes
    origin: ClassVar[Origin] = Origin.TRAINED  #: of what its recipes leave; IMPORTED where nothing is learnt here
    draws_images: ClassVar[bool] = True  #: False for a stage that draws layouts alone; nothing scores its images
    sampling_settings: ClassVar[frozenset[str]] = frozenset()  #: settings that ``fit`` never reads, "stage.setting"

    settings: Any  #: an instance of ``Settings``
    spec: SceneSpec
    provenance: Provenance = Provenance()  #: set by whoever trains or imports; saved and loaded with the weights

    @classmethod
    @abc.abstractmethod
    def build(cls, settings: Any, spec: SceneSpec, seed: int) -> Self:
        """Build with freshly initialised networks on the CPU, a function of the arguments alone.

        Args:
            settings: An instance of ``cls.Settings``.
            spec: Number of classes and image resolution.
            seed: Training seed, which fixes the initial weights.

        Raises:
            UnsupportedError: ``unsupported`` would have said why.
        """

    @classmethod
    @abc.abstractmethod
    def unsupported(cls, settings: Any, spec: SceneSpec) -> str:
        """Return why this model cannot be built for ``spec``, for readers of a table; "" if it can."""

    @abc.abstractmethod
    def fit(self, recipe: str, data: PairTable, run: TrainingRun, starts: Mapping[str, "AbstractModel"]) -> None:
        """Train in place.

        Args:
            recipe: A key of ``recipes``.
            data: The training pairs.
            run: Folder, seed, device, progress; training resumes from the folder's last checkpoint.
            starts: The models named by the recipe's ``starts_from``, by role, trained.

        Raises:
            TrainingDivergedError: A loss became non-finite.
        """

    @abc.abstractmethod
    def networks(self) -> Mapping[str, nn.Module]:
        """Every network that must be kept, by name; their state dicts are the saved weights."""

    @abc.abstractmethod
    def sampler(self) -> Mapping[str, str]:
        """Facts that belong in a row: "ema" ("" or a decay), "layout_draw" ("" or a LayoutDraw).

        Where training may have compared features of a fixed network, also "perceptual": which ("vgg19 dcbb9e9d"),
        "none", or "" if that is not known.
        """

    @abc.abstractmethod
    def sample(self, seeds: Sequence[int], layouts: NDArray[np.uint8] | None = None) -> Iterator[SampleBatch]:
        """Generate one scene per seed, in batches, in evaluation mode, without gradients.

        Args:
            seeds: One non-negative integer per scene; scene i depends on ``seeds[i]`` (and ``layouts[i]``) alone.
            layouts: ``(N, H, W)`` uint8 class ids to condition on (layout source ``real``), or None.

        Raises:
            UnsupportedError: Layouts given to a model that takes none, or missing for one that needs them.
        """

    def scenes(self) -> range | None:
        """The sampling seeds that there are scenes for; None, as for every generator, if there are no others."""
        return None

    def sources(self) -> frozenset[LayoutSource]:
        """Those of ``layout_sources`` that this instance is scored with."""
        return self.layout_sources

    @final
    def parameters(self) -> int:
        """Number of trainable parameters over all networks, discriminators included, moving averages not."""
        trained = (network for name, network in self.networks().items() if not name.endswith("_ema"))
        return sum(parameter.numel() for network in trained for parameter in network.parameters())

    @final
    def to(self, device: torch.device) -> Self:
        """Move every network to ``device``."""
        for network in self.networks().values():
            network.to(device)
        return self

    @final
    def save(self, folder: Path) -> None:
        """Write ``model.json`` and one safetensors file per network, atomically."""
        with atomic_folder(folder) as temporary:
            digests = {}
            for name, network in self.networks().items():
                path = temporary / f"{name}.safetensors"
                write_tensors(path, network.state_dict())
                digests[name] = hash_file(path)
            header = _Header(
                model=self.name,
                settings=self.settings.to_json(),
                num_classes=self.spec.num_classes,
                resolution=self.spec.resolution,
                weights=digests,
                provenance=self.provenance,
            )
            write_json(temporary / _HEADER, header.to_json())

    @final
    @classmethod
    def load(cls, folder: Path, device: torch.device) -> Self:
        """Read what ``save`` wrote.

        Raises:
            CorruptFileError: A file is missing, damaged, or does not fit the networks.
        """
        header = _read_header(folder)
        try:
            settings = cls.Settings.parse(header.settings, "settings")
            model = cls.build(settings, SceneSpec(header.num_classes, header.resolution), seed=0)
        except (ConfigError, UnsupportedError) as error:
            raise CorruptFileError(f"{folder / _HEADER} describes no model ({error}). {_REMEDY}") from error
        for name, network in model.networks().items():
            _load_weights(network, folder / f"{name}.safetensors", header.weights.get(name, ""))
        model.provenance = header.provenance
        return model.to(device)


class _Header(Settings):
    """What ``model.json`` says; it comes before the weights."""

    model: str  #: as registered
    settings: dict[str, Any]
    num_classes: Positive
    resolution: tuple[Positive, Positive]  #: (H, W) of the images
    weights: dict[str, str]  #: sha256 of the file of every network
    provenance: Provenance = Provenance()


_HEADER = "model.json"
_REMEDY = "Delete its folder and run the command again to make it anew."


def _read_header(folder: Path) -> _Header:
    values = read_json(folder / _HEADER)
    try:
        return _Header.parse(values, "header")
    except ConfigError as error:
        raise CorruptFileError(f"{folder / _HEADER} is damaged ({error}). {_REMEDY}") from error


def _load_weights(network: nn.Module, path: Path, expected: str) -> None:
    if not path.is_file():
        raise CorruptFileError(f"Checkpoint file {path} is missing. {_REMEDY}")
    if hash_file(path) != expected:
        raise CorruptFileError(
            f"Checkpoint file {path} is damaged: its sha256 is not the one in model.json. {_REMEDY}"
        )
    try:
        network.load_state_dict(load_file(path))
    except (SafetensorError, RuntimeError, OSError) as error:
        raise CorruptFileError(f"Checkpoint file {path} does not fit the network: {error} {_REMEDY}") from error


def load_model(folder: Path, device: torch.device) -> AbstractModel:
    """Load a saved model of whatever registered kind ``model.json`` names.

    Raises:
        CorruptFileError: Something is missing or damaged.
        BenchError: The model's plug-in is not installed.
    """
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, _read_header(folder).model)
    return kind.load(folder, device)


def content_hash(folder: Path) -> str:
    """Return the sha256 that identifies a saved model: of ``model.json``, which holds those of the weights."""
    return hash_file(folder / _HEADER)
