"""Result rows: one schema for everything measured, kept as JSON Lines, one row per cell."""

import enum
import math
from collections.abc import Iterable
from pathlib import Path

from pydantic import Field, field_validator

from sbgan_bench.config import Settings
from sbgan_bench.errors import BenchError
from sbgan_bench.json_lines import read_lines, write_lines
from sbgan_bench.samples import LayoutSource


class Status(enum.StrEnum):
    """What became of a cell."""

    DONE = "done"
    SKIPPED = "skipped"  #: the cell cannot be; ``reason`` says why
    FAILED = "failed"  #: the cell broke; ``reason`` says how


class Origin(enum.StrEnum):
    """Where the weights, or the images, came from."""

    REAL = "real"  #: the dataset itself (the floor)
    TRAINED = "trained"
    UNTRAINED = "untrained"
    IMPORTED = "imported"
    SIMULATED = "simulated"


class Reals(enum.StrEnum):
    """Which held-out reals generated images are compared with."""

    DISJOINT = "disjoint"  #: N drawn anew in every trial, and N others set apart for layouts and the floor
    WHOLE = "whole"  #: the same N in every trial; given layouts are their own
    ALL = "all"  #: every real against every generated image, once, however many they are: what other tools print


#: What the note begins with that says how much of a value is the bias of a small sample.
SMALL_SAMPLE = "small sample: "

#: The pseudo-model of the floor row: reference reals against other reals.
FLOOR = "real"
#: The recipe that every model has without declaring it: built and initialised, never trained.
UNTRAINED = "untrained"
#: What the note of a human score begins with that says what it would be with the raters who were excluded.
WITH_EXCLUDED = "with the excluded raters: "
#: Metric of the rows that people made: the mean of scores from 1 (terrible) to 4 (high quality), the paper's Table 3.
HUMAN_SCORE = "human-score"


class ResultRow(Settings):
    """One measured (or skipped, or failed) cell.

    A row with ``trial`` is one repetition; a row without is the summary over its trials: ``value`` is their mean,
    ``spread`` their standard deviation (None where there is a single value), ``low`` and ``high`` a 95 % interval.
    Of human scores there are no trials: ``spread`` is the standard error of the mean, from variance components.
    """

    schema_version: int = 1
    suite: str
    # which cell
    model: str  #: registered name, or "real" for the floor
    recipe: str = ""
    variant: str = ""  #: label of settings that differ from the suite's own
    preset: str = ""
    dataset: str
    fingerprint: str = ""  #: of the dataset
    split: str = ""  #: name of the way of splitting
    resolution: str  #: "HxW"
    layout_source: LayoutSource = LayoutSource.NONE
    layout_draw: str = ""  #: how layouts were drawn from probabilities
    protocol: str
    weights_hash: str = ""  #: of the protocol's network
    published: bool = True  #: False if the user vouched for other weights than those the protocol is known by
    metric: str
    trial: int | None = None
    training_seed: int | None = None
    training_images: int | None = None
    # what was measured
    value: float | None = None
    spread: float | None = None
    low: float | None = None
    high: float | None = None
    trials: int = 0  #: number of trials behind a summary
    better: str = "lower"
    num_real: int = 0
    num_generated: int = 0
    num_ratings: int = 0  #: scores that people gave, behind a human score
    num_raters: int = 0  #: people who gave them
    dim: int = 0  #: feature dimension; with num_real < dim the covariance is singular
    floor: float | None = None  #: the same metric of N other reals against the same references: a perfect model's
    floor_pool: str = ""  #: which reals stood for that perfect model; "" where there was no floor
    unranked: str = ""  #: why this value may not be printed as the best of its column; "" if it may
    # where it came from
    sampling_seeds: str = ""  #: "first..last" of the seeds of the generated images
    reals: Reals = Reals.DISJOINT  #: which reals are the reference
    split_seed: int | None = None  #: of the draws of reals; None where nothing was drawn
    train_fingerprint: str = ""  #: of training images that floors or metrics looked at; "" if those are the dataset's
    real_pool: str = ""  #: the same in words, with the size of the pool
    images_hash: str = ""  #: sha256 of generated images (or layouts) that were given as files; "" for models
    checkpoint_hash: str = ""
    checkpoint_step: int | None = None
    selection: str = ""  #: "last" or "best (...)"
    ema: str = ""
    perceptual: str = ""  #: network behind the perceptual loss, "none" without one; "" for models that never use one
    origin: Origin = Origin.TRAINED
    images_seen: int | None = None  #: real images shown in training, earlier stages included
    train_seconds: float | None = None  #: wall seconds of training, earlier stages included
    parameters: int | None = None
    config_hash: str = ""
    versions: dict[str, str] = Field(default_factory=dict)
    git_revision: str = ""
    device: str = ""
    threads: int = 0
    status: Status = Status.DONE
    reason: str = ""
    notes: tuple[str, ...] = ()  #: what a reader must know: collapse, overlap, caution

    @field_validator("value", "spread", "low", "high", "floor")
    @classmethod
    def _finite(cls, value: float | None) -> float | None:
        if value is not None and not math.isfinite(value):
            message = "must be a finite number; a cell without one is a skipped or failed row"
            raise ValueError(message)
        return value

    def cell(self) -> tuple[str, ...]:
        """Identify the cell: two rows with the same key are two measurements of the same thing."""
        return (
            self.dataset, self.resolution, str(self.training_images), self.model, self.recipe,
            self.variant, self.layout_source, str(self.training_seed), self.selection, self.protocol, self.metric,
            str(self.trial) if self.trial is not None else "summary",
        )  # fmt: skip


#: What must be equal for two numbers to stand in one column, with the words for the error.
COMPARABLE = {
    "resolution": "resolution",
    "dataset": "dataset",
    "fingerprint": "dataset fingerprint",
    "split": "split",
    "protocol": "protocol",
    "weights_hash": "protocol weights",
    "metric": "metric",
    "reals": "choice of real images",
    "num_real": "number of real images",
    "num_generated": "number of generated images",
    "selection": "checkpoint selection",
}
#: The same for human scores: a study shows all its images alike, and their number biases no mean.
COMPARABLE_RATINGS = ("dataset", "protocol", "weights_hash", "metric")


def check_comparable(rows: Iterable[ResultRow]) -> None:
    """Refuse rows that mean nothing side by side.

    Rows without a value, and the floor's and untrained models' empty ``selection``, are not held against the rest.

    Raises:
        BenchError: Names the first difference, both values and both rows.
    """
    seen: dict[str, tuple[str, ResultRow]] = {}
    for row in rows:
        if row.value is None:
            continue
        for key in COMPARABLE_RATINGS if row.metric == HUMAN_SCORE else COMPARABLE:
            value = str(getattr(row, key))
            if key == "selection" and not value:
                continue
            first, owner = seen.setdefault(key, (value, row))
            if first != value:
                raise BenchError(
                    f"These numbers cannot stand in one column: {COMPARABLE[key]} is {first!r} for {_who(owner)} and "
                    f"{value!r} for {_who(row)}. Report them in separate tables."
                )


def check_publishable(rows: Iterable[ResultRow]) -> None:
    """Refuse rows that no person and no model is behind.

    Raises:
        BenchError: A row was made by simulated raters; names it.
    """
    for row in rows:
        if row.origin is Origin.SIMULATED:
            raise BenchError(
                f"{row.metric} of {_who(row)} on {row.dataset} ({row.protocol}) comes from simulated raters, who are "
                "there to test programs: it cannot be published. Leave these rows out, or run the study with people."
            )


def _who(row: ResultRow) -> str:
    return f"{row.model} {row.recipe}".strip()


def write_rows(path: Path, rows: Iterable[ResultRow]) -> None:
    """Write rows as JSON Lines, atomically, ordered by cell."""
    write_lines(path, rows, ResultRow.cell)


def read_rows(path: Path) -> list[ResultRow]:
    """Read rows; of two rows of one cell the later line wins.

    Raises:
        CorruptFileError: The file is missing, or a line is not a row (with its number).
    """
    return read_lines(path, ResultRow, ResultRow.cell, "result row")
