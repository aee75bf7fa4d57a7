"""ADE-Indoor (SB-GAN, section 4.1): ten kinds of room out of ADE20K, 95 classes.

Zhou et al., "Semantic understanding of scenes through the ADE20K dataset" (IJCV 2019). From either

- the folder that the authors of SB-GAN distribute, with ids as they stored them (0 to 94, no don't-care), or
- ADE20K itself (ADEChallengeData2016), selected by scene, its 150 classes turned into 95 by a table of this project
  (:mod:`sbgan_bench.datasets.ade_classes`), since the authors' is not published.

The two have other ids, other split names and other fingerprints, and their numbers never stand in one column.
"""

import enum
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from sbgan_bench.config import Settings
from sbgan_bench.dataset import AbstractDataset, DatasetInfo, Pair, Problem, PublishedCount, Resolution, Split
from sbgan_bench.datasets.ade_classes import ADE20K_IDS, CLASSES, class_names, class_table
from sbgan_bench.datasets.ade_files import AdeTree, find_folders, is_ade20k, read_ade20k, read_authors
from sbgan_bench.datasets.ade_scenes import SCENE_FILE, SCENES, TRAIN, VALIDATION
from sbgan_bench.datasets.held_out import SAME, SelectionFrom, deal
from sbgan_bench.datasets.pair_files import PairFiles, SizeRule
from sbgan_bench.datasets.palettes import distinct_palette
from sbgan_bench.datasets.reading import LabelIds
from sbgan_bench.errors import DataError

#: The first of every n training pairs of each scene is for selection: some 5 %, rooms of each kind in proportion.
_EVERY = 20
_OWN_CLASSES = (
    "ADE20K selected by scene, its 150 classes turned into 95 by this project's table, not by the authors' (which is "
    "not published): compare with no published number on ADE-Indoor"
)
_HALF = "every other of the published validation pairs; the rest chose the checkpoints"
_CENTRE = "rooms are cut to their centre, in training as well, where the release cuts at random"


class AdeSource(enum.StrEnum):
    """Whose label ids the files have."""

    AUTHORS = "authors"  #: ADE-Indoor as the authors of SB-GAN distribute it: ids 0 to 94
    SELECTED = "selected"  #: ADE20K: ids 0 to 150, selected and turned into 95 here


class AdeIndoorSettings(Settings):
    """Where the files lie and how they are split."""

    root: Path  #: ADEChallengeData2016/, or the authors' folder
    source: AdeSource | None = None  #: None: ``sceneCategories.txt`` and the ids tell
    selection: SelectionFrom = SelectionFrom.HELD_OUT


class AdeIndoor(AbstractDataset):
    """Rooms of any size and shape, of which the centre is used."""

    Settings = AdeIndoorSettings
    requires = (
        "ADE_indoor.tar.gz of SB-GAN's authors, or ADEChallengeData2016.zip of the MIT Scene Parsing Benchmark "
        "(sceneparsing.csail.mit.edu)"
    )

    def __init__(self, settings: AdeIndoorSettings, source: AdeSource, tree: AdeTree, files: PairFiles):
        self._settings = settings
        self._source = source
        self._tree = tree
        self._files = files

    @classmethod
    def open(cls, settings: AdeIndoorSettings) -> Self:
        """List the files; see the base class."""
        root = settings.root.expanduser()
        folders = find_folders(root)
        found = AdeSource.SELECTED if is_ade20k(root, folders) else AdeSource.AUTHORS
        source = settings.source or found
        tree = read_authors(root, folders) if source is AdeSource.AUTHORS else read_ade20k(root, folders)
        files = PairFiles(root, tree.pairs, _label_ids(source), tree.problems, SizeRule.LARGER)
        files.warn_of_faults("ade-indoor")
        return cls(settings, source, tree, files)

    @property
    def info(self) -> DatasetInfo:
        """The 95 classes. What the authors' ids stand for is not published, so they go by their numbers."""
        authors = self._source is AdeSource.AUTHORS
        return DatasetInfo(
            name="ade-indoor",
            class_names=tuple(f"id {i}" for i in range(CLASSES)) if authors else class_names(),
            palette=distinct_palette(CLASSES),
            ignore_index=None,
            licence="ADE20K: images for non-commercial research and education, annotations BSD 3-Clause",
            redistributable=False,
        )

    @property
    def split_name(self) -> str:
        """Whose classes, and what serves selection: ``authors``, ``selected``, ``selected-validation``, …."""
        words = self._source.value
        return words if self._settings.selection is SelectionFrom.HELD_OUT else f"{words}-{self._settings.selection}"

    def splits(self) -> Mapping[str, Split]:
        """The three splits in force.

        Raises:
            DataError: ADE20K without the file that says which images show which scene.
        """
        if not self._tree.selectable:
            raise DataError(f"{self._tree.root / SCENE_FILE} {self._tree.problems[0].message}.")
        return self._splits

    @cached_property
    def _splits(self) -> dict[str, Split]:
        train = tuple(key for key in self._tree.pairs if key.startswith("train/"))
        test = selection = tuple(key for key in self._tree.pairs if key.startswith("val/"))
        words = [_OWN_CLASSES] if self._source is AdeSource.SELECTED else []
        match self._settings.selection:
            case SelectionFrom.HELD_OUT:
                train, selection = self._held_out(train)
            case SelectionFrom.VALIDATION:
                test, selection = deal(test, 2)
                words.append(_HALF)
            case SelectionFrom.TEST:
                words.append(SAME)
        return {
            "train": Split("train", train),
            "selection": Split("selection", selection, SAME if selection == test else ""),
            "test": Split("test", test, "; ".join([*words, _CENTRE])),
        }

    def _held_out(self, train: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Set some training pairs of each scene apart."""
        by_scene: dict[str, list[str]] = {}
        for key in train:
            by_scene.setdefault(self._tree.scenes.get(key, ""), []).append(key)
        apart = {key for keys in by_scene.values() for key in deal(keys, _EVERY)[1]}
        return tuple(key for key in train if key not in apart), tuple(key for key in train if key in apart)

    def unsupported(self, resolution: Resolution) -> str:
        """Any size will do: pairs are cropped and resized. The paper's are square."""
        return ""

    def fingerprint(self) -> str:
        """Digest of the pairs in use and of what their ids mean."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        ids = list(range(CLASSES)) if self._source is AdeSource.AUTHORS else class_table().tolist()
        return self._files.fingerprint([self._source.value, ids])

    def read(self, key: str, resolution: Resolution) -> Pair:
        """Read one room at the larger of the sizes of image and label map; ``resolution`` is left to the cache."""
        pair = self._files.read(key)
        return pair if self._source is AdeSource.AUTHORS else Pair(pair.image, class_table()[pair.layout])

    def counts(self) -> tuple[PublishedCount, ...]:
        """Pairs in all and, where the scenes are known, training pairs by scene."""
        lists = "lists of SB-GAN's release"
        halves = Counter(key.split("/")[0] for key in self._tree.pairs if self._tree.selectable)
        totals = (
            PublishedCount("training pairs", halves["train"], TRAIN, lists),
            PublishedCount("validation pairs", halves["val"], VALIDATION, lists),
        )
        shown = Counter(scene for key, scene in self._tree.scenes.items() if key.startswith("train/"))
        scenes = [
            PublishedCount(f"training pairs, {name.replace('_', ' ')}", shown[name], SCENES[name], lists)
            for name in (SCENES if shown else ())
        ]
        return (*totals, *scenes)

    def problems(self) -> list[Problem]:
        """Faults of the files and of the list of scenes, and splits without pairs."""
        return [*self._files.problems(), *self._empty_splits()]

    def quick_problems(self) -> list[Problem]:
        """The same, without decoding."""
        return [*self._files.quick_problems(), *self._empty_splits()]

    def _empty_splits(self) -> list[Problem]:
        if not self._tree.selectable:
            return []
        return [
            Problem(".", f"split {name!r} of {self.split_name!r} has no pairs; restore the missing files", stops=True)
            for name, split in self._splits.items()
            if not split.keys
        ]


def _label_ids(source: AdeSource) -> LabelIds:
    if source is AdeSource.SELECTED:
        return LabelIds(ADE20K_IDS, remedy="ADE20K has 0 to 150: restore the file from ADEChallengeData2016.zip")
    return LabelIds(
        CLASSES,
        remedy="the authors' label maps have 0 to 94: restore the file. If this is ADE20K itself, put its "
        f"{SCENE_FILE} beside images/",
    )
