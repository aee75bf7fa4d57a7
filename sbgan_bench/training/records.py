"""What a run writes down as it goes: ``stats.jsonl``, TensorBoard curves, sheets of samples."""

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from sbgan_bench.pictures import Palette, colour_layouts, enlarge, sheet, write_png
from sbgan_bench.samples import SampleBatch
from sbgan_bench.storage import write_text, writing

STATS = "stats.jsonl"
#: Samples per row of a preview sheet.
COLUMNS = 8


def read_stats(folder: Path) -> list[dict[str, Any]]:
    """Return the lines of a run's ``stats.jsonl``; a line cut short by a kill, and what follows it, is left out."""
    try:
        text = (folder / STATS).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    lines: list[dict[str, Any]] = []
    for line in text.splitlines():
        try:
            lines.append(json.loads(line))
        except ValueError:
            break
    return lines


class Records:
    """The written record of one run.

    Each line of ``stats.jsonl`` is an object with ``step`` (from 0), ``images`` (real images shown after it) and
    either ``phase``, ``seconds`` (of training, restarts added up) and ``losses``, or ``event`` and what belongs to
    it. The same losses go to TensorBoard under ``curves``.
    """

    def __init__(self, folder: Path, resumed_step: int, resumed_images: int) -> None:
        """Go on after ``resumed_step`` steps and ``resumed_images`` images, forgetting what was written later.

        Raises:
            CannotWriteError: The operating system refused, here or in ``log`` and ``event``.
        """
        from sbgan_bench.training.curves import Curves  # TensorBoard is slow to import, and only training needs it

        self._path = folder / STATS
        kept = [line for line in read_stats(folder) if line["step"] < resumed_step]
        write_text(self._path, "".join(json.dumps(line) + "\n" for line in kept))
        self._curves = Curves(folder / "curves", resumed_images)

    def log(self, step: int, images: int, phase: str, seconds: float, losses: Mapping[str, float]) -> None:
        """Write the losses of one step."""
        self._append(
            {"step": step, "images": images, "phase": phase, "seconds": round(seconds, 3), "losses": {**losses}}
        )
        self._curves.add(images, {f"loss/{name}": value for name, value in losses.items()})

    def event(self, step: int, images: int, name: str, **facts: Any) -> None:
        """Write something that happened once."""
        self._append({"event": name, "step": step, "images": images, **facts})

    def _append(self, line: Mapping[str, Any]) -> None:
        with writing(self._path), self._path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")


def draw_preview(path: Path, batch: SampleBatch, palette: Palette) -> None:
    """Write a sheet: rows of images, each followed by the row of its coloured layouts."""
    layouts = None if batch.layouts is None else colour_layouts(batch.layouts, palette)
    if batch.images is not None and layouts is not None:
        layouts = enlarge(layouts, batch.images.shape[2] // layouts.shape[2])
    kinds = [pictures for pictures in (batch.images, layouts) if pictures is not None]
    count = math.ceil(len(kinds[0]) / COLUMNS)
    rows = [pictures[i * COLUMNS : (i + 1) * COLUMNS] for i in range(count) for pictures in kinds]
    write_png(path, np.ascontiguousarray(sheet(rows)))
