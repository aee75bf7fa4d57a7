"""Folders, archives and packs of small images."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def pixels(count: int, size: tuple[int, int] = (8, 16), seed: int = 0) -> NDArray[np.uint8]:
    """Return ``(N, H, W, 3)`` random images."""
    return np.random.default_rng(seed).integers(0, 256, (count, *size, 3), np.uint8)


def folder(path: Path, images: NDArray[np.uint8], suffix: str = ".png") -> Path:
    """Write images, or label maps, as files."""
    path.mkdir(parents=True, exist_ok=True)
    for index, image in enumerate(images):
        Image.fromarray(image).save(path / f"{index:04d}{suffix}")
    return path


def archive(path: Path, root: Path, prefix: str = "", method: int = zipfile.ZIP_STORED) -> Path:
    """Write all files below a folder into a zip archive, in an order that is not that of their names."""
    with zipfile.ZipFile(path, "w", method) as file:
        for inside in sorted((one for one in root.rglob("*") if one.is_file()), reverse=True):
            file.write(inside, f"{prefix}{inside.relative_to(root).as_posix()}")
    return path
