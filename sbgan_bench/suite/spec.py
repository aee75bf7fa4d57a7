"""A suite as written: models, recipes, datasets, sizes, seeds and protocols, validated before anything starts."""

import enum
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, field_validator

from sbgan_bench.config import Settings, did_you_mean, read_toml
from sbgan_bench.dataset import Resolution
from sbgan_bench.errors import ConfigError
from sbgan_bench.plugins import PluginGroup, installed
from sbgan_bench.precision import Precision
from sbgan_bench.presets import Preset
from sbgan_bench.samples import LayoutSource
from sbgan_bench.suite.files import bundled_suites

Count = Annotated[int, Field(ge=1)]
Seed = Annotated[int, Field(ge=0)]
Label = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]*$")]


class Selection(enum.StrEnum):
    """Which checkpoint of a training run is measured."""

    LAST = "last"  #: the end of training
    BEST = "best"  #: the snapshot with the lowest distance to the selection split, disjoint from the test reals


def parse_resolution(text: str) -> Resolution:
    """Turn "32x64" (height x width) into (32, 64).

    Raises:
        ValueError: The text is not two positive integers.
    """
    match = re.fullmatch(r"([1-9]\d*)x([1-9]\d*)", text)
    if match is None:
        message = f"{text!r} is not HEIGHTxWIDTH in pixels, like 32x64"
        raise ValueError(message)
    return int(match[1]), int(match[2])


class Grid(Settings):
    """The axes of the experiment; every combination is a cell."""

    datasets: tuple[str, ...] = Field(min_length=1)  #: registered names; their settings are in ``[datasets.NAME]``
    resolutions: tuple[str, ...] = Field(min_length=1)  #: "HEIGHTxWIDTH"
    training_seeds: tuple[Seed, ...] = Field(default=(0,), min_length=1)
    training_images: tuple[Count, ...] = ()  #: sizes of the training set; empty: all of the train split

    @field_validator("resolutions")
    @classmethod
    def _sizes(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            parse_resolution(value)
        return values


class Evaluation(Settings):
    """How the cells are measured."""

    num_samples: Count = 500  #: N real against N generated images, in each trial
    trials: Count = 5
    protocols: tuple[str, ...] = ("scene", "texture")
    metrics: tuple[str, ...] = ("frechet-distance", "diversity")
    selection: Selection = Selection.LAST
    selection_protocol: str = "scene"  #: what "best" is judged by
    selection_samples: Count = 200  #: generated images per snapshot, for "best"
    snapshots: Count = 1  #: evenly spaced models kept in training; "best" chooses among them
    split_seed: Seed = 0  #: which reals are reference, which are set apart
    sampling_seed: Seed = 1_000_000  #: image i of every model is sampled with this + i
    gallery: Count = 16  #: pictures per model kept for the report


class Execution(Settings):
    """What changes numbers in how the machine works; the device is not here on purpose."""

    threads: Count = 1  #: per job
    precision: Precision = Precision.FLOAT32


class Entry(Settings):
    """A model of the table."""

    model: str  #: registered name
    recipes: tuple[str, ...] = ("default",)  #: "untrained" exists for every model
    layout_sources: tuple[LayoutSource, ...] = ()  #: empty: whatever the model can do
    variant: Label = ""  #: label of an entry with settings of its own
    models: dict[str, dict[str, Any]] = Field(default_factory=dict)  #: over the suite's, for this entry alone

    @property
    def title(self) -> str:
        """Model and variant, as in messages: "sbgan (no-root)"."""
        return f"{self.model} ({self.variant})" if self.variant else self.model


class Suite(Settings):
    """A whole benchmark."""

    name: str  #: stem of the file
    title: str
    summary: str = ""
    preset: Preset = Preset.PAPER
    grid: Grid
    evaluation: Evaluation = Evaluation()
    execution: Execution = Execution()
    datasets: dict[str, dict[str, Any]] = Field(default_factory=dict)  #: settings by dataset
    judge: dict[str, Any] = Field(default_factory=dict)  #: settings of the segmenter that judges
    models: dict[str, dict[str, Any]] = Field(default_factory=dict)  #: settings by model
    entries: tuple[Entry, ...] = Field(min_length=1)
    estimate: dict[str, float] = Field(default_factory=dict)  #: seconds by job prefix, measured, for --dry-run


def _extended(path: Path) -> dict[str, Any]:
    """Read a suite over the bundled one that its ``extends`` names, if any."""
    values = read_toml(path)
    base = values.pop("extends", None)
    if base is None:
        return values
    bundled = bundled_suites()
    if base not in bundled:
        known = ", ".join(bundled)
        raise ConfigError(f"suite {path.name}: extends = {base!r} is not a bundled suite ({known}).")
    return merged(_extended(bundled[base]), values)


def merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return ``below`` with the values of ``above`` over it, table by table; lists are replaced whole."""
    result = dict(below)
    for key, value in above.items():
        beneath = below.get(key)
        result[key] = merged(beneath, value) if isinstance(beneath, dict) and isinstance(value, dict) else value
    return result


def read_suite(reference: str, overrides: Mapping[str, Any] | None = None) -> Suite:
    """Read a suite by the name of a bundled one or the path of a TOML file.

    Args:
        reference: "demo", or "my-suite.toml".
        overrides: Tables and values over those of the file, from the command line.

    Raises:
        ConfigError: No such suite, or a fault in it: every misspelt key and unknown name is reported.
    """
    bundled = bundled_suites()
    path = bundled.get(reference, Path(reference))
    if not path.is_file():
        raise ConfigError(
            f"No suite {reference!r}. Bundled: {', '.join(bundled)}; or give the path of a TOML file."
            f"{did_you_mean(reference, list(bundled))}"
        )
    values = merged(_extended(path), dict(overrides or {}))
    suite = Suite.parse({"name": path.stem, **values}, f"suite {path.name}")
    _check_names(suite, path.name)
    _check_variants(suite, path.name)
    return suite


def _check_names(suite: Suite, origin: str) -> None:
    """Compare every name with what is installed, without importing any of it."""
    asked = {
        PluginGroup.MODELS: [
            *(entry.model for entry in suite.entries),
            *suite.models,
            *(name for entry in suite.entries for name in entry.models),
        ],
        PluginGroup.DATASETS: list(suite.grid.datasets) + list(suite.datasets),
        PluginGroup.PROTOCOLS: [*suite.evaluation.protocols, suite.evaluation.selection_protocol],
        PluginGroup.METRICS: list(suite.evaluation.metrics),
    }
    faults = []
    for group, names in asked.items():
        known = list(installed(group))
        faults += [
            f"no {group.noun} named {name!r} (installed: {', '.join(known)}).{did_you_mean(name, known)}"
            for name in dict.fromkeys(names)
            if name not in known
        ]
    if faults:
        raise ConfigError(f"suite {origin}: {' '.join(faults)}")


def _check_variants(suite: Suite, origin: str) -> None:
    """See that settings of an entry's own are told apart by a label of its own."""
    settings: dict[tuple[str, str], dict[str, Any]] = {}
    for entry in suite.entries:
        if entry.models and not entry.variant:
            raise ConfigError(
                f"suite {origin}: an entry of {entry.model!r} has settings of its own and no label; "
                'add variant = "..." so that its rows can be told from the others.'
            )
        if settings.setdefault((entry.model, entry.variant), entry.models) != entry.models:
            raise ConfigError(
                f"suite {origin}: two entries are both {entry.title!r}, with different settings; "
                "give each a variant of its own."
            )
