"""Small datasets on disk, with the true names of the large ones."""

from collections.abc import Iterable
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
