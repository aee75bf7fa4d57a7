"""Small datasets on disk, with the true names of the large ones."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

#: Drive and frame numbers of the published training and validation frames.
CAMVID_TRAIN = (
    *(f"0001TP_{n:06d}" for n in range(6690, 8521, 30)),
    *(f"0006R0_f{n:05d}" for n in range(930, 3931, 30)),
    *(f"0016E5_{n:05d}" for n in range(390, 2401, 30)),
    *(f"0016E5_{n:05d}" for n in (*range(4350, 7921, 30), *range(8190, 8641, 30))),
)
CAMVID_VAL = tuple(f"0016E5_{n:05d}" for n in range(7959, 8160, 2))


def write_pair(image: Path, label: Path, seed: int, size: tuple[int, int] = (18, 24), classes: int = 12) -> None:
    """Write a random image (smooth enough for JPEG) and a random label map with all ids equally likely."""
    rng = np.random.default_rng(seed)
    for path in (image, label):
        path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.broadcast_to(rng.integers(0, 256, 3, np.uint8), (*size, 3))
    Image.fromarray(np.ascontiguousarray(pixels)).save(image)
    Image.fromarray(rng.integers(0, classes, size, np.uint8)).save(label)


def camvid_tree(root: Path, train: Iterable[str] = CAMVID_TRAIN, val: Iterable[str] = CAMVID_VAL) -> Path:
    """Write a CamVid of small frames; a folder without names is not made."""
    for folder, stems in (("train", tuple(train)), ("val", tuple(val))):
        for i, stem in enumerate(stems):
            write_pair(root / folder / f"{stem}.png", root / f"{folder}annot" / f"{stem}.png", seed=i)
    return root


def folder_tree(root: Path, count: int = 20, toml: str = 'class_names = ["sky", "road", "car"]\n') -> Path:
    """Write a ``folder`` dataset of ``count`` pairs of three classes."""
    for i in range(count):
        write_pair(root / "images" / f"{i:03d}.png", root / "labels" / f"{i:03d}.png", seed=i, classes=3)
    (root / "dataset.toml").write_text(toml)
    return root


#: Images of each scene in a small ADE20K: (training, validation).
ADE_SCENES = {
    "bedroom": (24, 6),
    "living_room": (3, 2),
    "bathroom": (2, 1),
    "kitchen": (2, 1),
    "dining_room": (1, 1),
    "conference_room": (1, 1),
    "hotel_room": (1, 1),
    "office": (1, 1),
    "corridor": (1, 1),
    "airport_terminal": (2, 1),
    "street": (3, 1),
    "beach": (1, 0),
}


def ade20k_tree(root: Path, scenes: Mapping[str, tuple[int, int]] = ADE_SCENES) -> Path:
    """Write ADEChallengeData2016 with small images and ids 0 to 150: the same folders, names and list of scenes."""
    lines = []
    for half, prefix, side in (("training", "ADE_train", 0), ("validation", "ADE_val", 1)):
        shown = [scene for scene, counts in sorted(scenes.items()) for _ in range(counts[side])]
        for number, scene in enumerate(shown, start=1):
            stem = f"{prefix}_{number:08d}"
            lines.append(f"{stem} {scene}")
            image, label = root / f"images/{half}/{stem}.jpg", root / f"annotations/{half}/{stem}.png"
            write_pair(image, label, seed=1000 * side + number, size=(20, 28), classes=151)
    (root / "sceneCategories.txt").write_text("\n".join(lines) + "\n")
    return root


def ade_authors_tree(
    root: Path, folders: tuple[str, str, str, str] | None = None, scenes: Mapping[str, tuple[int, int]] = ADE_SCENES
) -> Path:
    """Write ADE-Indoor as its authors distribute it, ids 0 to 94.

    In four ``folders`` without scenes if they are given: training images, their labels, validation images, theirs.
    """
    names = ("ADE15c_indoor_img", "ADE15c_indoor_lbl", "ADE15c_indoor_val_img", "ADE15c_indoor_val_lbl")
    number = 0
    for scene, counts in sorted(scenes.items()):
        for side, prefix in enumerate(("ADE_train", "ADE_val")):
            for _ in range(counts[side]):
                number += 1
                stem = f"{prefix}_{number:08d}" if folders else f"{scene}/{prefix}_{number:08d}"
                images, labels = (folders or names)[2 * side : 2 * side + 2]
                image, label = root / images / f"{stem}.jpg", root / labels / f"{stem}.png"
                write_pair(image, label, seed=number, size=(20, 28), classes=95)
    return root
