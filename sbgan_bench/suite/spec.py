"""A suite as written: models, recipes, datasets, sizes, seeds and protocols, validated before anything starts."""

import enum
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, field_validator, model_validator

from sbgan_bench.config import Settings, did_you_mean
from sbgan_bench.dataset import Resolution
from sbgan_bench.errors import ConfigError
from sbgan_bench.manifest import TableRecord
from sbgan_bench.places import covers
from sbgan_bench.precision import Precision
from sbgan_bench.presets import Preset
from sbgan_bench.results import Reals
from sbgan_bench.samples import FIRST_SAMPLING_SEED, LayoutSource
from sbgan_bench.suite.checks import check_entries, check_names, check_tables
from sbgan_bench.suite.files import bundled_suites
from sbgan_bench.suite.layers import extended, merged, overridden

Count = Annotated[int, Field(ge=1)]
NonNegative = Annotated[int, Field(ge=0)]
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

    datasets: tuple[str, ...] = ()  #: registered names; their settings are in ``[datasets.NAME]``
    resolutions: tuple[str, ...] = ()  #: "HEIGHTxWIDTH"; every dataset at every one of them
    columns: tuple[str, ...] = ()  #: instead of these two: "DATASET/HEIGHTxWIDTH" each
    training_seeds: tuple[Seed, ...] = Field(default=(0,), min_length=1)
    training_images: tuple[Count, ...] = ()  #: sizes of the training set; empty: all of the train split

    @field_validator("resolutions")
    @classmethod
    def _sizes(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            parse_resolution(value)
        return values

    @field_validator("columns")
    @classmethod
    def _places(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        for value in values:
            dataset, slash, size = value.partition("/")
            if not dataset or not slash:
                message = f"{value!r} is not DATASET/HEIGHTxWIDTH, like toy-streets/32x64"
                raise ValueError(message)
            parse_resolution(size)
        return values

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if bool(self.columns) == bool(self.datasets or self.resolutions):
            message = "give datasets and resolutions, or columns in place of both"
            raise ValueError(message)
        if bool(self.datasets) != bool(self.resolutions):
            message = "datasets and resolutions go together"
            raise ValueError(message)
        return self

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Dataset and size of every column of the tables."""
        if not self.columns:
            return tuple((dataset, size) for dataset in self.datasets for size in self.resolutions)
        places = (column.partition("/")[::2] for column in self.columns)
        return tuple(dict.fromkeys((dataset, size) for dataset, size in places))

    @property
    def dataset_names(self) -> tuple[str, ...]:
        """Every dataset once."""
        return tuple(dict.fromkeys(dataset for dataset, _ in self.places))


class Evaluation(Settings):
    """How the cells are measured."""

    num_samples: Count = 500  #: N real against N generated images, in each trial
    reals: Reals = Reals.DISJOINT  #: which reals are the reference
    trials: Count = 5
    protocols: tuple[str, ...] = ("scene", "texture")
    metrics: tuple[str, ...] = ("frechet-distance", "diversity")
    gan_train: NonNegative = 0  #: pairs that segmenters are trained on to see what they are worth; 0: not asked
    compared: tuple[str, ...] = ("frechet-distance",)  #: metrics by which models are tested against the best
    relabellings: Count = 1000  #: draws of each such test
    selection: Selection = Selection.LAST
    selection_protocol: str = "scene"  #: what snapshots are judged by
    selection_samples: Count = 200  #: generated images per snapshot
    snapshots: Count = 1  #: evenly spaced models kept in training; more than one are scored, "best" chooses among them
    split_seed: Seed = 0  #: which reals are reference, which are set apart
    sampling_seed: Seed = FIRST_SAMPLING_SEED  #: image i of every model is sampled with this + i
    gallery: Count = 16  #: pictures per model kept for the report

    @property
    def follows_snapshots(self) -> bool:
        """Whether models are scored on their way."""
        return self.snapshots > 1


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
    saved: str = ""  #: folder of a saved model that is loaded instead of being trained
    only: tuple[str, ...] = ()  #: datasets, or "DATASET/HEIGHTxWIDTH"; empty: all columns
    why: str = ""  #: why only there, for readers of a table

    def stands_in(self, dataset: str, resolution: str) -> bool:
        """Whether this column has the entry."""
        return not self.only or any(covers(pattern, dataset, resolution) for pattern in self.only)

    @property
    def title(self) -> str:
        """Model and variant, as in messages: "sbgan (no-root)"."""
        return f"{self.model} ({self.variant})" if self.variant else self.model


class ColumnSettings(Settings):
    """What is different for one dataset, or for one dataset at one size."""

    models: dict[str, dict[str, Any]] = Field(default_factory=dict)
    evaluation: dict[str, Any] = Field(default_factory=dict)
    judge: dict[str, Any] = Field(default_factory=dict)


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
    columns: dict[str, ColumnSettings] = Field(default_factory=dict)  #: by "DATASET" or "DATASET/HEIGHTxWIDTH"
    entries: tuple[Entry, ...] = Field(min_length=1)
    tables: tuple[TableRecord, ...] = ()  #: tables of its own in place of Tables 1, 2 and 4 of all columns
    estimate: dict[str, float] = Field(default_factory=dict)  #: seconds by job prefix, for --dry-run
    estimate_basis: str = ""  #: how the estimate came about; "" if its seconds were measured

    def at(self, dataset: str, resolution: str) -> "Suite":
        """Return the suite as one column sees it: its own settings over those of its dataset over those of all.

        Raises:
            ConfigError: A key or value of ``[columns...evaluation]`` is wrong.
        """
        models, evaluation, judge = self.models, self.evaluation.to_json(), self.judge
        for place in (dataset, f"{dataset}/{resolution}"):
            own = self.columns.get(place, ColumnSettings())
            models, judge = merged(models, own.models), merged(judge, own.judge)
            evaluation = merged(evaluation, own.evaluation)
        origin = f"suite {self.name}, evaluation of {dataset}/{resolution}"
        update = {"models": models, "evaluation": Evaluation.parse(evaluation, origin), "judge": judge}
        return self.model_copy(update=update)


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
    values = overridden(_found(extended(path), path.parent), dict(overrides or {}))
    suite = Suite.parse({"name": path.stem, **values}, f"suite {path.name}")
    check_names(suite, path.name)
    check_entries(suite, path.name)
    check_tables(suite, path.name)
    return suite


def _found(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Resolve saved models that lie beside the suite's file rather than in the current folder."""
    entries = values.get("entries", [])
    if not isinstance(entries, list):
        return values
    return {**values, "entries": [_found_entry(entry, folder) for entry in entries]} if entries else values


def _found_entry(entry: Any, folder: Path) -> Any:
    saved = entry.get("saved") if isinstance(entry, dict) else None
    if not isinstance(saved, str) or not saved or Path(saved).exists() or not (folder / saved).exists():
        return entry
    return {**entry, "saved": str(folder / saved)}
