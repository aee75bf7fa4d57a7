"""Cityscapes in small: the folders and names of the release, a few small scenes per city."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from dataset_trees import write_pair
from PIL import Image

from sbgan_bench.datasets.cityscapes_files import CITIES, Part

SIZE = (16, 32)
DRN_CLASSES = (
    "road", "sidewalk", "building", "wall", "fence", "pole", "traffic light", "traffic sign", "vegetation", "terrain",
    "sky", "person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle",
)  # fmt: skip


def image_path(root: Path, part: str, city: str, number: int = 0) -> Path:
    """Return where an image lies."""
    return root / "leftImg8bit" / part / city / f"{city}_{number:06d}_000019_leftImg8bit.png"


def label_path(root: Path, part: str, city: str, number: int = 0) -> Path:
    """Return where its label map of ids lies."""
    return root / "gtFine" / part / city / f"{city}_{number:06d}_000019_gtFine_labelIds.png"


def pseudo_path(root: Path, city: str, number: int = 0) -> Path:
    """Return where a pseudo-label lies."""
    return root / "pseudo_labels" / "labels" / city / image_path(root, "train_extra", city, number).name


def fine_tree(root: Path, per_city: int = 2, size: tuple[int, int] = SIZE) -> Path:
    """Write ``train`` and ``val`` of every city, with the files that lie beside label maps in the release."""
    seed = 0
    for part in (Part.TRAIN, Part.VAL):
        for city in CITIES[part]:
            for number in range(per_city):
                seed += 1
                label = label_path(root, part, city, number)
                write_pair(image_path(root, part, city, number), label, seed, size, classes=34)
                for end in ("color.png", "instanceIds.png", "polygons.json"):
                    label.with_name(label.name.replace("labelIds.png", end)).write_bytes(b"not looked at")
    return root


def extra_tree(root: Path, cities: Sequence[str] = CITIES[Part.EXTRA], per_city: int = 1) -> Path:
    """Write ``train_extra`` and what ``annotate run`` makes of it."""
    for seed, city in enumerate(cities, start=1000):
        for number in range(per_city):
            image, label = image_path(root, "train_extra", city, number), pseudo_path(root, city, number)
            write_pair(image, label, seed + 100 * number, SIZE, classes=19)
    write_manifest(root)
    return root


def write_manifest(root: Path, names: Sequence[str] = DRN_CLASSES, weights: str = "ab" * 32) -> None:
    """Write the part of ``manifest.json`` that is read."""
    values = {"format": 1, "weights_sha256": weights, "class_names": list(names), "arch": "drn_d_105",
              "evaluation": {"mean_iou": 0.756, "images": 500}, "complete": True}  # fmt: skip
    (root / "pseudo_labels").mkdir(exist_ok=True)
    (root / "pseudo_labels" / "manifest.json").write_text(json.dumps(values))


def both_trees(root: Path) -> Path:
    """Write all that cityscapes-25k reads."""
    return extra_tree(fine_tree(root))


def write_ids(path: Path, ids: np.ndarray) -> None:
    """Write a label map."""
    Image.fromarray(ids.astype(np.uint8)).save(path)
