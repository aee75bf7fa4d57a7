"""Every registered model at a size that trains in a second, for the contract tests and those of single models."""

import atexit
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.model import AbstractModel, SceneSpec
from sbgan_bench.noise import generator
from sbgan_bench.plugins import PluginGroup, installed, load_plugin
from sbgan_bench.training.run import TrainingRun

RESOLUTION = (16, 32)
CLASSES = 4
SPEC = SceneSpec(CLASSES, RESOLUTION)
PALETTE = ((70, 130, 180), (70, 70, 70), (128, 64, 128), (0, 0, 142))

_PROGRESSIVE = {
    "widths": [8, 6, 4], "latent_dim": 8, "fade_images": [8], "stabilise_images": [8], "batch_size": [8, 4],
    "ema_decay": 0.5,
}  # fmt: skip
_LAYOUT = {**_PROGRESSIVE, "resolution": [8, 16]}
_IMAGE = {
    "base_width": 4, "hidden": 4, "upsampling": "small", "discriminator_width": 4, "batch_size": 4, "images": 12,
    "decay_images": 4, "segmenter_width": 2, "segmenter_images": 8, "segmenter_batch_size": 4,
}  # fmt: skip
TINY: Mapping[str, Mapping[str, Any]] = {
    "biggan": {
        "base_width": 8, "generator_widths": [2, 1, 1], "discriminator_widths": [1, 1, 2], "attention": [8],
        "latent_dim": 9, "shared_dim": 4, "batch_size": 4, "accumulations": 2, "discriminator_steps": 2,
        "images": 24, "orthogonal_penalty": 1e-4, "ema_decay": 0.5, "ema_start": 1, "standing_batches": 2,
        "standing_batch_size": 8,
    },
    "image-stage": _IMAGE,
    "layout-stage": _LAYOUT,
    "progan-reference": _PROGRESSIVE,
    "progan-sbgan": {key: value for key, value in _PROGRESSIVE.items() if key != "ema_decay"},
    "sbgan": {
        "layout": _LAYOUT, "image": _IMAGE, "batch_size": 4, "images": 8, "decay_images": 4, "d2_images": 4,
        "d2_width": 4, "layout_rate": 1e-3,
    },
    "spade": {"image": _IMAGE},
}  # fmt: skip


def settings(name: str) -> Any:
    """Tiny settings: from the table above, else each field's first ``examples`` value, else its default."""
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, name)
    if name == "samples":
        return kind.Settings.parse({"root": str(samples_folder())}, "tiny settings")
    examples = {key: field.examples[0] for key, field in kind.Settings.model_fields.items() if field.examples}
    return kind.Settings.parse(dict(TINY.get(name, examples)), "tiny settings")


@cache
def samples_folder(count: int = 40) -> Path:
    """Images and layouts made elsewhere; the folder goes with the process."""
    folder = tempfile.TemporaryDirectory(prefix="samples-")
    atexit.register(folder.cleanup)
    root, draw = Path(folder.name), generator("tiny samples")
    for name in ("images", "layouts"):
        (root / name).mkdir()
    for index in range(count):
        Image.fromarray(draw.integers(0, 256, (*RESOLUTION, 3)).astype(np.uint8)).save(
            root / "images" / f"{index}.png"
        )
        ids = draw.integers(0, CLASSES, (RESOLUTION[0] // 2, RESOLUTION[1] // 2)).astype(np.uint8)
        Image.fromarray(ids).save(root / "layouts" / f"{index}.png")
    return root


def cases() -> list[tuple[str, str]]:
    """Every registered model with every recipe."""
    models = [(name, load_plugin(PluginGroup.MODELS, name)) for name in installed(PluginGroup.MODELS)]
    return [(name, recipe) for name, kind in models for recipe in kind.recipes]


def build(name: str, seed: int = 0) -> AbstractModel:
    """An untrained tiny model."""
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, name)
    return kind.build(settings(name), SPEC, seed)


@cache
def table(pairs: int = 20) -> PairTable:
    """Scenes of sky, building and road with a car, each class in its colour."""
    draw = generator("tiny scenes")
    layouts = np.zeros((pairs, *RESOLUTION), np.uint8)
    for layout in layouts:
        horizon, left, width = int(draw.integers(5, 11)), int(draw.integers(0, 24)), int(draw.integers(3, 10))
        layout[horizon:] = 2
        layout[horizon - 4 : horizon, :left] = 1
        layout[horizon : horizon + 3, left : left + width] = 3
    colours = np.asarray(PALETTE)[layouts] + draw.normal(0, 12, (*layouts.shape, 3))
    images = np.ascontiguousarray(colours.clip(0, 255).astype(np.uint8).transpose(0, 3, 1, 2))
    info = DatasetInfo(
        name="tiny", class_names=("sky", "building", "road", "car"), palette=PALETTE, ignore_index=None,
        licence="none", redistributable=True,
    )  # fmt: skip
    return PairTable(info, Split("train", tuple(str(i) for i in range(pairs))), "tiny", images, layouts)


def fit(name: str, recipe: str, folder: Path, starts: Mapping[str, AbstractModel], **changes: Any) -> AbstractModel:
    """Train a tiny model."""
    model = build(name)
    run = TrainingRun(**{"folder": folder, "seed": 0, "previews": 1, **changes})
    model.fit(recipe, table(), run, starts)
    return model
