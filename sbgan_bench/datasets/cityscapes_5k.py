"""Cityscapes-5K (SB-GAN, section 4.1): the 2,975 + 500 finely annotated street scenes, 35 channels as released.

Cordts et al., "The Cityscapes dataset for semantic urban scene understanding" (CVPR 2016). Paper and release differ in
what the channels are; see :class:`sbgan_bench.datasets.cityscapes_labels.Channels`.
"""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from sbgan_bench.config import Settings
from sbgan_bench.dataset import AbstractDataset, DatasetInfo, Pair, Problem, PublishedCount, Resolution, Split
from sbgan_bench.datasets.cityscapes_files import Part
from sbgan_bench.datasets.cityscapes_fine import LICENCE, FineFiles
from sbgan_bench.datasets.cityscapes_labels import Channels, classes_of
from sbgan_bench.datasets.cityscapes_splits import deal_cities, empty_splits
from sbgan_bench.datasets.held_out import SelectionFrom

_NAME = "cityscapes-5k"


class Cityscapes5KSettings(Settings):
    """Where Cityscapes lies, what its channels are and how it is split."""

    root: Path  #: folder with leftImg8bit/ and gtFine/
    channels: Channels = Channels.RELEASED
    selection: SelectionFrom = SelectionFrom.HELD_OUT


class Cityscapes5K(AbstractDataset):
    """Cityscapes' fine annotations: 2048 x 1024 photographs of 21 cities."""

    Settings = Cityscapes5KSettings
    requires = "leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip of cityscapes-dataset.com (registration)"

    def __init__(self, settings: Cityscapes5KSettings, fine: FineFiles):
        self._settings = settings
        self._fine = fine

    @classmethod
    def open(cls, settings: Cityscapes5KSettings) -> Self:
        """List the files; see the base class."""
        fine = FineFiles.open(settings.root.expanduser(), classes_of(settings.channels))
        fine.files.warn_of_faults(_NAME)
        return cls(settings, fine)

    @property
    def info(self) -> DatasetInfo:
        """The channels in force. Where there are 35, the last is also what has no label: raw 255."""
        classes = self._fine.classes
        return DatasetInfo(
            name=_NAME,
            class_names=classes.names,
            palette=classes.palette,
            ignore_index=classes.ignore_index,
            licence=LICENCE,
            redistributable=False,
        )

    @property
    def split_name(self) -> str:
        """What serves selection, and the channels unless they are the released ones."""
        channels = "" if self._settings.channels is Channels.RELEASED else f", {self._settings.channels} channels"
        return f"{self._settings.selection}{channels}"

    def splits(self) -> Mapping[str, Split]:
        """The three splits in force."""
        return self._splits

    @cached_property
    def _splits(self) -> dict[str, Split]:
        fine = self._fine
        return deal_cities(fine.keys(Part.TRAIN), fine.keys(Part.VAL), self._settings.selection)

    def unsupported(self, resolution: Resolution) -> str:
        """Any size will do: pairs are cropped and resized. The paper's are twice as wide as high, and not cropped."""
        return ""

    def fingerprint(self) -> str:
        """Digest of all pairs and of what their ids become."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        classes = self._fine.classes
        return self._fine.files.fingerprint([list(classes.names), list(classes.channel_of)])

    def read(self, key: str, resolution: Resolution) -> Pair:
        """Read one scene at its native size; ``resolution`` is left to the cache."""
        return self._fine.read(key)

    def counts(self) -> tuple[PublishedCount, ...]:
        """Pairs beside those of the release: 2,975 and 500 (the paper rounds to 3,000)."""
        return self._fine.counts()

    def problems(self) -> list[Problem]:
        """Faults of the files, missing cities, copies, and splits without pairs."""
        return [*self._fine.problems(), *empty_splits(self._splits, self.split_name)]

    def quick_problems(self) -> list[Problem]:
        """The same, without decoding and without looking for copies."""
        return [*self._fine.quick_problems(), *empty_splits(self._splits, self.split_name)]
