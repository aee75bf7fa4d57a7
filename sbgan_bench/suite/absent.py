"""Datasets whose data is not on this machine: enough of them to say what a suite would do with it."""

from collections.abc import Mapping
from typing import Any, Self, final

from sbgan_bench.config import Settings
from sbgan_bench.dataset import AbstractDataset, DatasetInfo, Pair, Problem, PublishedCount, Resolution, Split
from sbgan_bench.errors import DataError
from sbgan_bench.suite.plan import SPLITS


@final
class AbsentDataset(AbstractDataset):
    """Stands in for a dataset in plans that are described and never run."""

    Settings = Settings

    def __init__(self, name: str, reason: str) -> None:
        self._name = name
        self._reason = reason

    @classmethod
    def open(cls, settings: Any) -> Self:
        """Refuse: it is no dataset to be opened."""
        raise DataError(f"{settings!r} describes data that is not here.")

    @property
    def info(self) -> DatasetInfo:
        """The name, and two classes: how many there are is unknown."""
        return DatasetInfo(
            name=self._name,
            class_names=("unknown", "other"),
            palette=((0, 0, 0), (255, 255, 255)),
            ignore_index=None,
            licence="unknown",
            redistributable=False,
        )

    @property
    def split_name(self) -> str:
        """Unknown."""
        return ""

    def splits(self) -> Mapping[str, Split]:
        """Nothing in any of the three."""
        return {split: Split(split, ()) for split in SPLITS}

    def unsupported(self, resolution: Resolution) -> str:
        """Whether it has this size is seen when the data is there."""
        del resolution
        return ""

    def fingerprint(self) -> str:
        """Unknown."""
        return ""

    def read(self, key: str, resolution: Resolution) -> Pair:
        """Say what is missing."""
        raise DataError(self._reason)

    def counts(self) -> tuple[PublishedCount, ...]:
        """Nothing to count."""
        return ()

    def problems(self) -> list[Problem]:
        """That it is not here."""
        return [Problem(".", self._reason)]
