"""Sets of images to be scored, saved models, and the command line as a function."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import tiny_models
from click.testing import CliRunner, Result
from numpy.typing import NDArray
from scenery import scenery

from sbgan_bench.cli import main
from sbgan_bench.model import AbstractModel, SceneSpec
from sbgan_bench.plugins import PluginGroup, load_plugin

SIZE = (32, 64)


def pictures(count: int, seed: int, size: tuple[int, int] = SIZE) -> NDArray[np.uint8]:
    """``(count, 3, H, W)`` images of one distribution."""
    return scenery(count, *size, seed=seed)


def run(*words: object) -> Result:
    """Run a command on the processor."""
    return CliRunner().invoke(main, [*map(str, words), "--device", "cpu"])


def summaries(result: Result) -> list[dict[str, Any]]:
    """The rows that a command printed as JSON."""
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = json.loads(result.stdout)
    return rows


def scores(result: Result, model: str) -> dict[tuple[str, str], float]:
    """The values of one set, by protocol and metric."""
    return {(row["protocol"], row["metric"]): row["value"] for row in summaries(result) if row["model"] == model}


def row_of(result: Result, model: str, metric: str = "frechet-distance") -> dict[str, Any]:
    """The summary of one set and metric."""
    return next(row for row in summaries(result) if (row["model"], row["metric"]) == (model, metric))


def is_one_line(result: Result, *words: str) -> bool:
    """Whether a command ended in a mistake of the user's, in one line that says all of the words."""
    said = all(word in result.output for word in words)
    return result.exit_code == 2 and result.output.count("\n") == 1 and said


def saved_model(name: str, folder: Path, seed: int = 0, classes: int = 12, **changes: object) -> Path:
    """An untrained model for 32x64."""
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, name)
    values = {**tiny_models.TINY.get(name, {}), **changes}
    kind.build(kind.Settings.parse(values, "test"), SceneSpec(classes, (32, 64)), seed).save(folder)
    return folder
