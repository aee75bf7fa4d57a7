"""Three ``folder`` datasets that differ in the labels of their training pairs alone."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from PIL import Image

from sbgan_bench.annotation.halves import Halves
from sbgan_bench.annotation.label_maps import write_label_map
from sbgan_bench.annotation.pairs import predicted_classes
from sbgan_bench.dataset import AbstractDataset, Resolution
from sbgan_bench.datasets.folder import FolderDescription
from sbgan_bench.datasets.folder_splits import SplitKind
from sbgan_bench.datasets.folder_writing import link, write_description
from sbgan_bench.storage import atomic_file

#: Half of the labels; that and pseudo-labels for the rest; all labels.
HALF, PSEUDO, FULL = "half-true", "half-pseudo", "all-true"


@dataclass(frozen=True, slots=True)
class Variants:
    """The datasets under one folder; images and true labels are stored once there, and linked to."""

    names: ClassVar[tuple[str, ...]] = (HALF, PSEUDO, FULL)

    root: Path
    dataset: AbstractDataset
    halves: Halves  #: of its train split

    @property
    def images(self) -> Path:
        """Where the images are stored, as PNG."""
        return self.root / "images"

    @property
    def held_out(self) -> tuple[str, ...]:
        """Keys of the selection and test pairs, which all variants share."""
        splits = self.dataset.splits()
        return splits["selection"].keys + splits["test"].keys

    def store(self, resolution: Resolution) -> None:
        """Write images and true label maps, without loss; what is there already stays.

        Raises:
            DataError: A pair cannot be read.
            CannotWriteError: The folder is read-only or the disk is full.
        """
        for key in (*self.halves.labelled, *self.halves.withheld, *self.held_out):
            image, label = self.images / f"{key}.png", self._true / f"{key}.png"
            if image.exists() and label.exists():
                continue
            pair = self.dataset.read(key, resolution)
            with atomic_file(image) as temporary:
                Image.fromarray(np.ascontiguousarray(pair.image)).save(temporary, format="PNG", compress_level=1)
            write_label_map(label, pair.layout, self.dataset.info.palette)

    def write(self, pseudo: Path) -> None:
        """Write the three folders; selection and test pairs have true labels in all of them.

        Args:
            pseudo: Folder of label maps for the withheld half.
        """
        both = (*self.halves.labelled, *self.halves.withheld)
        self._write(HALF, self.halves.labelled, ())
        self._write(PSEUDO, both, self.halves.withheld, pseudo)
        self._write(FULL, both, ())

    @property
    def _true(self) -> Path:
        return self.root / "labels"

    def _write(self, name: str, train: Sequence[str], predicted: Sequence[str], pseudo: Path | None = None) -> None:
        folder, guessed = self.root / name, set(predicted)
        for key in (*train, *self.held_out):
            labels = pseudo if pseudo is not None and key in guessed else self._true
            for stored, kind in ((self.images, "images"), (labels, "labels")):
                target = folder / kind / f"{key}.png"
                link(Path(os.path.relpath(stored / f"{key}.png", target.parent)), target)
        write_description(folder, self._description(train))

    def _description(self, train: Sequence[str]) -> FolderDescription:
        """Say what the dataset says of itself; a last class of unlabelled pixels becomes the ignored id."""
        info, splits = self.dataset.info, self.dataset.splits()
        named = predicted_classes(info)
        return FolderDescription(
            class_names=info.class_names[:named],
            palette=info.palette[:named],
            ignore_id=info.ignore_index,
            licence=info.licence,
            redistributable=info.redistributable,
            splits={
                "kind": SplitKind.LISTED.value,
                "train": list(train),
                **{name: list(splits[name].keys) for name in ("selection", "test")},
            },
            groups=self._groups(),
        )

    def _groups(self) -> dict[str, tuple[str, ...]]:
        members: dict[str, tuple[str, ...]] = {}
        for name in ("selection", "test"):
            split = self.dataset.splits()[name]
            for group, key in zip(split.groups, split.keys if split.groups else (), strict=True):
                members[group] = (*members.get(group, ()), key)
        return members
