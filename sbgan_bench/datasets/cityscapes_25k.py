"""Cityscapes-25K (SB-GAN, section 4.1): 2,975 finely annotated scenes and 19,997 with predicted labels, 19 classes.

An epoch shows each fine scene seven times and each extra one once, as the list of the release does: 40,822 images of
22,972 scenes (the paper says 23,000). Extra scenes are cropped, and their labels are those of a segmenter; both follow
the release, whose own predictions are not published.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Self

from sbgan_bench.config import Settings
from sbgan_bench.dataset import AbstractDataset, DatasetInfo, Pair, Problem, PublishedCount, Resolution, Split
from sbgan_bench.datasets.cityscapes_files import Part
from sbgan_bench.datasets.cityscapes_fine import LICENCE, FineFiles
from sbgan_bench.datasets.cityscapes_labels import Channels, classes_of
from sbgan_bench.datasets.cityscapes_pseudo import USUAL_FOLDER, ExtraFiles
from sbgan_bench.datasets.cityscapes_splits import deal_cities, empty_splits
from sbgan_bench.datasets.held_out import SelectionFrom
from sbgan_bench.hashing import hash_json

_NAME = "cityscapes-25k"
#: How often an epoch shows each finely annotated scene.
FINE_REPEATS = 7
#: Images, and lines of the training list, of SB-GAN's release.
EXTRA_IMAGES, TRAINING_IMAGES, TRAINING_LINES = 19_997, 22_972, 40_822
_LISTS = "lists of SB-GAN's release"


class Cityscapes25KSettings(Settings):
    """Where Cityscapes and the pseudo-labels lie, and how it is split."""

    root: Path  #: folder with leftImg8bit/ (train_extra included) and gtFine/
    pseudo_labels: Path | None = None  #: what ``annotate run`` wrote; None for pseudo_labels/ under ``root``
    selection: SelectionFrom = SelectionFrom.HELD_OUT


class Cityscapes25K(AbstractDataset):
    """Cityscapes' fine annotations in 19 classes, and pseudo-labels of the images that have only coarse ones."""

    Settings = Cityscapes25KSettings
    requires = (
        "leftImg8bit_trainvaltest.zip, gtFine_trainvaltest.zip and leftImg8bit_trainextra.zip of "
        "cityscapes-dataset.com (registration), and pseudo-labels of the extra images by `annotate run`"
    )

    def __init__(self, settings: Cityscapes25KSettings, fine: FineFiles, extra: ExtraFiles):
        self._settings = settings
        self._fine = fine
        self._extra = extra

    @classmethod
    def open(cls, settings: Cityscapes25KSettings) -> Self:
        """List the files; see the base class."""
        root = settings.root.expanduser()
        labels = root / USUAL_FOLDER if settings.pseudo_labels is None else settings.pseudo_labels.expanduser()
        fine = FineFiles.open(root, classes_of(Channels.TRAIN_IDS))
        extra = ExtraFiles.open(root, labels)
        for files in (fine.files, extra.files):
            files.warn_of_faults(_NAME)
        return cls(settings, fine, extra)

    @property
    def info(self) -> DatasetInfo:
        """The 19 evaluated classes, and ``unknown`` for everything else."""
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
        """What serves selection."""
        return self._settings.selection.value

    def splits(self) -> Mapping[str, Split]:
        """The three splits in force. Selection and test have fine annotations only."""
        return self._splits

    @cached_property
    def _splits(self) -> dict[str, Split]:
        fine, extra, labels = self._fine, self._extra.keys(), self._extra.manifest.describe()
        words = f"labels of the extra images are predicted by {labels}; the authors' predictions are not published"
        splits = deal_cities(fine.keys(Part.TRAIN), fine.keys(Part.VAL), self._settings.selection, words)
        taught = splits["train"].keys
        train = replace(
            splits["train"],
            keys=(*taught, *extra),
            repeats=(FINE_REPEATS,) * len(taught) + (1,) * len(extra),
            caution=f"{len(extra)} of {len(taught) + len(extra)} label maps are predicted by {labels}",
        )
        return {**splits, "train": train}

    def unsupported(self, resolution: Resolution) -> str:
        """Any size will do: pairs are cropped and resized. The paper's are twice as wide as high."""
        return ""

    def fingerprint(self) -> str:
        """Digest of all pairs, of whose predictions they are, and of how often an epoch shows them."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        classes = self._fine.classes
        fine = self._fine.files.fingerprint([list(classes.names), list(classes.channel_of), FINE_REPEATS])
        return hash_json([fine, self._extra.files.fingerprint(dict(self._extra.identity()))])

    def read(self, key: str, resolution: Resolution) -> Pair:
        """Read one scene, extra ones cropped; ``resolution`` is left to the cache."""
        return self._extra.read(key) if key.startswith(f"{Part.EXTRA}/") else self._fine.read(key)

    def counts(self) -> tuple[PublishedCount, ...]:
        """Scenes and lines of the list beside those of the release, before any are set apart for selection."""
        train, extra = len(self._fine.keys(Part.TRAIN)), len(self._extra.keys())
        totals, cities = self._fine.counts()[:2], self._fine.counts()[2:]
        return (
            *totals,
            PublishedCount("extra images with pseudo-labels", extra, EXTRA_IMAGES, _LISTS),
            PublishedCount("training images in all", train + extra, TRAINING_IMAGES, _LISTS),
            PublishedCount("images of an epoch", FINE_REPEATS * train + extra, TRAINING_LINES, _LISTS),
            *cities,
        )

    def problems(self) -> list[Problem]:
        """Faults of all files, missing cities, copies, and splits without pairs."""
        return [*self._fine.problems(), *self._extra.problems(), *self._empty()]

    def quick_problems(self) -> list[Problem]:
        """The same, without decoding and without looking for copies."""
        return [*self._fine.quick_problems(), *self._extra.quick_problems(), *self._empty()]

    def _empty(self) -> list[Problem]:
        alone = [] if self._extra.keys() else [Problem(".", "no extra image has a pseudo-label; annotate", stops=True)]
        return [*alone, *empty_splits(self._splits, self.split_name)]
