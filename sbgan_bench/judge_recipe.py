"""The judges that ship with the package, and how to make them again."""

from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import torch

from sbgan_bench.config import Settings, read_toml
from sbgan_bench.dataset import AbstractDataset, Resolution, resolution_text
from sbgan_bench.datasets.cache import cache_root, prepare
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.judge import JudgeSettings, train_judge
from sbgan_bench.reporting import no_report


class JudgeRecipe(Settings):
    """What a bundled judge is trained on, and how."""

    dataset: str
    resolution: tuple[int, int]  #: (H, W)
    data: dict[str, Any]  #: settings of the dataset; missing ones take their defaults
    judge: JudgeSettings

    def open(self) -> AbstractDataset:
        """Open the dataset.

        Raises:
            BenchError: It is not installed or its settings do not fit.
        """
        return open_dataset(self.dataset, self.data, f"recipe of the {self.dataset} judge")


def _asset(dataset_name: str, resolution: Resolution, suffix: str) -> Path:
    name = f"{dataset_name}-{resolution_text(resolution)}{suffix}"
    return Path(str(resources.files("sbgan_bench"))) / "assets" / "judges" / name


def bundled_recipe(dataset_name: str, resolution: Resolution) -> JudgeRecipe:
    """Return the recipe that lies beside a bundled judge.

    Raises:
        ConfigError: No judge ships for this dataset and size, or its recipe cannot be read.
    """
    path = _asset(dataset_name, resolution, ".toml")
    return JudgeRecipe.parse(read_toml(path), str(path))


def make_bundled_judge(
    dataset_name: str,
    resolution: Resolution,
    *,
    out: Path | None = None,
    cache: Path | None = None,
    report: Callable[[int, int], None] = no_report,
) -> Path:
    """Train a bundled judge on the CPU, in one thread, by the recipe that ships with it.

    Args:
        dataset_name: Registered dataset.
        resolution: (H, W).
        out: The file to write; None replaces the one in the package.
        cache: Where decoded splits are kept; None for the usual place.
        report: Told the training images shown so far and in all.

    Returns:
        The file.

    Raises:
        ConfigError: No judge ships for this dataset and size.
        BenchError: Whatever stops the data or the training.
    """
    recipe = bundled_recipe(dataset_name, resolution)
    dataset = recipe.open()
    folder = cache or cache_root()
    train, selection = (prepare(dataset, split, recipe.resolution, folder) for split in ("train", "selection"))
    target = out or _asset(dataset_name, resolution, ".safetensors")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        return train_judge(
            train, target, settings=recipe.judge, device=torch.device("cpu"), selection=selection, report=report
        )
    finally:
        torch.set_num_threads(threads)
