"""Pictures with some of the statistics of photographs, drawn by numpy."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def scenery(count: int, height: int, width: int, seed: int = 0) -> NDArray[np.uint8]:
    """Draw ``(count, 3, height, width)`` images: 1/f noise under a brighter sky, and boxes with edges."""
    rng = np.random.default_rng(seed)
    rows, columns = np.fft.fftfreq(height)[:, None], np.fft.fftfreq(width)[None]
    amplitude = 1 / np.maximum(np.hypot(rows, columns), 1 / width)
    white = rng.standard_normal((count, 3, height, width))
    texture = np.fft.ifft2(np.fft.fft2(white) * amplitude).real
    texture /= texture.std(axis=(2, 3), keepdims=True)
    images = 120 + 40 * texture + np.linspace(60, -40, height)[:, None]
    for image in images:
        for _ in range(4):
            top, left = rng.integers(0, height), rng.integers(0, width)
            image[:, top : top + height // 3, left : left + width // 5] = rng.uniform(0, 255, (3, 1, 1))
    return images.clip(0, 255).astype(np.uint8)


def written(images: NDArray[np.uint8], folder: Path) -> Path:
    """Write images as ``0000.png``, … and return the folder."""
    folder.mkdir(parents=True)
    for index, image in enumerate(images):
        Image.fromarray(image.transpose(1, 2, 0)).save(folder / f"{index:04d}.png")
    return folder
