"""Cells whose images come from a finished run: which of its models is meant, and what its rows say of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sbgan_bench.errors import ConfigError
from sbgan_bench.hashing import hash_file
from sbgan_bench.manifest import RESULTS
from sbgan_bench.rating.freezing.spec_file import name_of
from sbgan_bench.rating.study import Cell
from sbgan_bench.results import FLOOR, ResultRow, Status, read_rows
from sbgan_bench.storage import read_json

#: What tells the models of one kind apart, in messages.
_AXES = ("recipe", "variant", "resolution", "training_images", "selection")


@dataclass(frozen=True, slots=True)
class RunModel:
    """A model of a run."""

    folder: Path  #: the saved model
    facts: dict[str, Any]  #: fields of a cell's identity


@dataclass(frozen=True, slots=True)
class Run:
    """A finished run."""

    folder: Path
    rows: Sequence[ResultRow]

    @classmethod
    def open(cls, cell: Cell, base: Path) -> "Run":
        """Read the rows of the run that a cell names.

        Raises:
            ConfigError: There is no such run, or it measured nothing of the cell's dataset.
            CorruptFileError: The rows are damaged.
        """
        folder = base / Path(cell.run).expanduser()
        if not (folder / RESULTS).is_file():
            raise ConfigError(
                f"{name_of(cell)}: run = {cell.run!r}: {folder} is no finished run, it has no {RESULTS}; mend the "
                "path or let the run finish."
            )
        rows = [row for row in read_rows(folder / RESULTS) if row.status is Status.DONE]
        datasets = sorted({row.dataset for row in rows})
        if cell.dataset not in datasets:
            raise ConfigError(
                f"{name_of(cell)}: {folder} has nothing on dataset {cell.dataset!r}; it has "
                f"{', '.join(datasets) or 'no results at all'}."
            )
        return cls(folder, [row for row in rows if row.dataset == cell.dataset])

    def settings(self, dataset: str) -> dict[str, Any]:
        """Return the settings that the run opened a dataset with; its folder is not among them."""
        suite = read_json(self.folder / "suite.json")
        return dict(suite.get("datasets", {}).get(dataset, {})) if isinstance(suite, dict) else {}

    def resolutions(self) -> set[str]:
        """Return the sizes of the reals, "HxW"."""
        return {row.resolution for row in self.rows if row.model == FLOOR}

    def find(self, cell: Cell) -> RunModel:
        """Find the model of a cell; of several training seeds the lowest.

        Raises:
            ConfigError: There is none, or more than one that fits.
        """
        models = [row for row in self.rows if row.checkpoint_hash]
        fitting = [
            row
            for row in models
            if row.model == cell.model and cell.recipe in ("", row.recipe) and cell.variant == row.variant
        ]
        if not fitting:
            there = sorted({_words(row, ("recipe", "variant")) for row in models})
            raise ConfigError(
                f"{name_of(cell)}: {self.folder} has no such model; it has: {'; '.join(there) or 'none'}."
            )
        seed = min((row.training_seed for row in fitting if row.training_seed is not None), default=None)
        chosen = {row.checkpoint_hash: row for row in fitting if row.training_seed == seed}
        if len(chosen) > 1:
            there = sorted({_words(row, _AXES) for row in chosen.values()})
            raise ConfigError(
                f"{name_of(cell)}: {self.folder} has {len(chosen)} models that fit: {'; '.join(there)}. Say which by "
                "recipe or variant, or name its folder by saved."
            )
        row = next(iter(chosen.values()))
        return RunModel(self._folder_of(cell, row.checkpoint_hash), _facts(row))

    def _folder_of(self, cell: Cell, checkpoint_hash: str) -> Path:
        for header in sorted(self.folder.glob("jobs/*/model/model.json")):
            if hash_file(header) == checkpoint_hash:
                return header.parent
        raise ConfigError(
            f"{name_of(cell)}: {self.folder} has rows of this model, but its weights are gone (sha256 "
            f"{checkpoint_hash[:12]}); run the suite again."
        )


def _facts(row: ResultRow) -> dict[str, Any]:
    names = ("recipe", "variant", "preset", "fingerprint", "training_seed", "training_images", "origin")
    return {name: getattr(row, name) for name in names}


def _words(row: ResultRow, axes: Sequence[str]) -> str:
    return ", ".join([row.model, *(str(value) for axis in axes if (value := getattr(row, axis)) not in ("", None))])
