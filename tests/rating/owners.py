"""What owners write: ``study.toml`` and folders of images."""

import json
from pathlib import Path
from typing import Any

import image_trees

from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.study import FrozenImage, Role


def toml(values: dict[str, Any]) -> str:
    """Write plain values, tables one level deep, as TOML."""
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items() if not _is_table(value)]
    for key, value in values.items():
        if isinstance(value, dict):
            lines += [f"[{key}]", toml(value)]
        elif _is_table(value):
            for entry in value:
                lines += [f"[[{key}]]", toml(entry)]
    return "\n".join(lines) + "\n"


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def cell(model: str, images: str = "", **others: Any) -> dict[str, Any]:
    """One cell of the dataset "noise"."""
    return {"dataset": "noise", "model": model, **({"images": images} if images else {}), **others}


def spec_file(folder: Path, **changes: Any) -> Path:
    """Write ``study.toml`` with cells of 6 noise images each, from the folders ``a`` and ``b``, and return its path.

    Args:
        folder: Where to; the folders of images are made there unless they exist.
        changes: Keys of the file, in place of those below.
    """
    for seed, name in enumerate("ab"):
        if not (folder / name).exists():
            image_trees.folder(folder / name, image_trees.pixels(6, seed=seed))
    values = {
        "title": "A study", "consent": "I agree.", "images_per_cell": 4, "ratings_per_image": 2, "per_rater": 6,
        "repeats_per_rater": 1, "practice_images": 2, "cells": [cell("alpha", "a"), cell("beta", "b")], **changes,
    }  # fmt: skip
    path = folder / "study.toml"
    path.write_text(toml(values), encoding="utf-8")
    return path


def by_cell(folder: StudyFolder) -> dict[int | None, list[FrozenImage]]:
    """Return the images of a frozen study by the cell that the owner's key tells."""
    key = folder.read_key()
    found: dict[int | None, list[FrozenImage]] = {}
    for image in folder.read().images:
        found.setdefault(key.images[image.id].cell, []).append(image)
    return found


def main_images(folder: StudyFolder) -> tuple[FrozenImage, ...]:
    """Return the images that are rated."""
    return folder.read().of_role(Role.MAIN)
