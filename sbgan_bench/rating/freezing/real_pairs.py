"""The test split of a registered dataset: real images as controls, and real layouts for models that paint them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import AbstractDataset, Pair, Resolution, resolution_text
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.datasets.reading import LabelIds
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.rating.freezing.cell_images import AbstractCellImages
from sbgan_bench.rating.freezing.spec_file import name_of
from sbgan_bench.rating.freezing.titles import title_of
from sbgan_bench.rating.study import Cell, CellIdentity
from sbgan_bench.results import FLOOR, Origin


@dataclass(frozen=True, slots=True)
class RealPairs:
    """Test pairs at one size, exactly as everything else in this project prepares them."""

    dataset: AbstractDataset
    size: Resolution
    keys: tuple[str, ...]

    @classmethod
    def of(cls, dataset: AbstractDataset, size: Resolution) -> "RealPairs":
        """Look at the test split.

        Raises:
            DataError: There is none, or not at this size.
        """
        refusal = dataset.unsupported(size)
        if refusal:
            raise DataError(refusal)
        split = dataset.splits().get("test")
        if split is None or not split.keys:
            raise DataError(f"{dataset.info.name} has no test pairs; `sbgan-bench data check` says why.")
        return cls(dataset, size, split.keys)

    def read(self, member: int) -> Pair:
        """Read one pair.

        Raises:
            DataError: It cannot be used.
        """
        from sbgan_bench.datasets.transforms import fit_to

        pair = self.dataset.read(self.keys[member], self.size)
        ids = LabelIds(self.dataset.info.num_classes, remedy=f"mend the dataset {self.dataset.info.name!r}")
        ids.apply(pair.layout, self.keys[member])
        return fit_to(pair, self.size)


@final
class RealImages(AbstractCellImages):
    """Test images as controls."""

    sampled = False

    def __init__(self, cell: Cell, pairs: RealPairs) -> None:
        self._pairs = pairs
        self.name = name_of(cell)
        self.place = f"the test split of {cell.dataset}"
        self.size = pairs.size
        self.available = len(pairs.keys)
        self.identity = CellIdentity(
            dataset=cell.dataset,
            model=FLOOR,
            title=title_of(FLOOR, cell.recipe, cell.variant, None),
            recipe=cell.recipe,
            variant=cell.variant,
            fingerprint=pairs.dataset.fingerprint(),
            resolution=resolution_text(pairs.size),
            origin=Origin.REAL,
        )

    def read(self, members: Sequence[int], device: str) -> Iterator[NDArray[np.uint8]]:
        """Yield images of the split."""
        del device
        for member in members:
            yield np.ascontiguousarray(self._pairs.read(member).image)

    def source(self, member: int) -> str:
        """Return the number and key of the pair."""
        return f"member {member}: {self._pairs.keys[member]}"


def open_test_data(cell: Cell, base: Path, settings: Mapping[str, Any]) -> AbstractDataset:
    """Open the registered dataset of a cell.

    Args:
        cell: Its ``data`` is the dataset's folder, "" for one that is drawn by a program.
        base: The folder that paths are relative to.
        settings: Of the dataset, where a run has its own.

    Raises:
        ConfigError: The folder is missing or was not given.
        BenchError: No such dataset, or it cannot be opened.
    """
    kind: type[AbstractDataset] = load_plugin(PluginGroup.DATASETS, cell.dataset)
    values = {key: value for key, value in settings.items() if key != "root"}
    if "root" in kind.Settings.model_fields:
        if not cell.data:
            raise ConfigError(f'{name_of(cell)} needs the dataset {cell.dataset!r}: add data = "FOLDER".')
        folder = base / Path(cell.data).expanduser()
        if not folder.is_dir():
            raise ConfigError(f"{name_of(cell)}: data = {cell.data!r}: {folder} is not a folder; mend the path.")
        values["root"] = str(folder)
    elif cell.data:
        raise ConfigError(f"{name_of(cell)}: {cell.dataset} is not read from a folder; leave out data.")
    return open_dataset(cell.dataset, values, name_of(cell))
