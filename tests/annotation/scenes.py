"""A dataset that can be learnt in seconds: colour says the class. And a segmenter that knows it without learning."""

from pathlib import Path

import numpy as np
import torch
from PIL import Image

from sbgan_bench.annotation.pairs import LabelledPairs
from sbgan_bench.annotation.recipe import Recipe
from sbgan_bench.annotation.weights import SegmenterFacts
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.networks.drn import DRNArch, DRNSegmenter, initialise

SIZE = (32, 64)
NAMES = ("red", "green", "blue")
COLOURS = np.array([[220, 30, 30], [30, 220, 30], [30, 30, 220]], np.uint8)
TOML = 'class_names = ["red", "green", "blue"]\nignore_id = 255\n'
RECIPE = Recipe(
    epochs=4, batch_size=4, crop=(32, 32), learning_rate=0.02, schedule="poly", random_scale=1.2, rotate=5.0
)


def scene(seed: int, size: tuple[int, int] = SIZE) -> tuple[np.ndarray, np.ndarray]:
    """Return an image and its labels: a sky, a ground and a box, with a corner that nobody labelled."""
    draw = np.random.default_rng(seed)
    labels = np.zeros(size, np.uint8)
    horizon = int(draw.integers(size[0] // 4, 3 * size[0] // 4))
    labels[horizon:] = 1
    left = int(draw.integers(0, size[1] // 2))
    labels[horizon // 2 : horizon + 8, left : left + size[1] // 3] = 2
    noise = draw.integers(-20, 21, (*size, 3))
    image = np.clip(COLOURS[labels].astype(int) + noise, 0, 255).astype(np.uint8)
    labels[:3, :3] = 255
    return image, labels


def write_scenes(root: Path, count: int = 16, toml: str = TOML, size: tuple[int, int] = SIZE) -> Path:
    """Write a ``folder`` dataset of such scenes."""
    for name in ("images", "labels"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for i in range(count):
        image, labels = scene(i, size)
        Image.fromarray(image).save(root / "images" / f"{i:03d}.png")
        Image.fromarray(labels).save(root / "labels" / f"{i:03d}.png")
    (root / "dataset.toml").write_text(toml)
    return root


def opened(root: Path):
    return open_dataset("folder", {"root": str(root)}, "test")


def pairs_of(root: Path, split: str = "train") -> LabelledPairs:
    dataset = opened(root)
    return LabelledPairs.of(dataset, dataset.splits()[split].keys, SIZE)


def network(classes: int = 3, seed: int = 0) -> DRNSegmenter:
    made = DRNSegmenter(DRNArch.D_22, classes)
    initialise(made, seed)
    with torch.no_grad():
        made.seg.weight.mul_(0.05)
    return made


def facts(**changes) -> SegmenterFacts:
    values = {
        "arch": DRNArch.D_22,
        "num_classes": 3,
        "class_names": NAMES,
        "palette": tuple(tuple(int(c) for c in colour) for colour in COLOURS),
        "ignore_index": 3,
        "source": "made for a test",
    }
    return SegmenterFacts(**{**values, **changes})
