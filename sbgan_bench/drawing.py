"""Drawing scenes with a saved model into a folder of ordinary files."""

from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from sbgan_bench.config import read_toml
from sbgan_bench.datasets.folder import DESCRIPTION, FolderDescription
from sbgan_bench.datasets.folder_writing import write_description
from sbgan_bench.datasets.palettes import distinct_palette
from sbgan_bench.datasets.reading import read_layout
from sbgan_bench.errors import DataError
from sbgan_bench.image_sets.listing import OVERVIEW
from sbgan_bench.model import AbstractModel, load_model
from sbgan_bench.pictures import colour_layouts, sheet, write_png
from sbgan_bench.samples import SampleBatch
from sbgan_bench.storage import atomic_file

#: Scenes on the overview sheet at most, and in one row of it.
SHEET, ROW = 64, 8


def draw_scenes(folder: Path, out: Path, *, count: int, seed: int | None, layouts: Path | None, device: str) -> int:
    """Draw scenes and write ``images/0000.png``, ``layouts/0000.png`` (class ids) and ``sheet.png``.

    What the ids mean goes into ``dataset.toml``, where the model knows it.

    Args:
        folder: A saved model.
        out: Where to write.
        count: Number of scenes; with ``layouts`` at most as many as there are.
        seed: Scene i is drawn from seed ``seed + i``; None for the first seed that the model has scenes for.
        layouts: Folder of label-map PNGs to render, None to let the model draw alone.
        device: Where the model runs.

    Returns:
        The number of scenes written.

    Raises:
        UnsupportedError: The model needs layouts and got none, or takes none and got some.
        DataError: A layout is unreadable, of the wrong size, or of classes that the model does not know.
    """
    _check_folders(folder, out)
    model = load_model(folder, torch.device(device))
    given = None if layouts is None else _read_layouts(layouts, model, count)
    total = count if given is None else len(given)
    scenes = model.scenes()
    first = seed if seed is not None else 0 if scenes is None else scenes.start
    written = 0
    overview: list[SampleBatch] = []
    for batch in model.sample(range(first, first + total), given):
        size = len(batch.images if batch.images is not None else batch.layouts)  # type: ignore[arg-type]
        for index in range(size):
            if batch.images is not None:
                write_png(out / "images" / f"{written + index:04d}.png", batch.images[index].transpose(1, 2, 0))
            if batch.layouts is not None:
                _write_ids(out / "layouts" / f"{written + index:04d}.png", batch.layouts[index])
        if written < SHEET:
            overview.append(batch)
        written += size
    _write_sheet(out / OVERVIEW, overview, model.spec.num_classes)
    if model.provenance.class_names and any(batch.layouts is not None for batch in overview):
        write_description(out, FolderDescription(class_names=model.provenance.class_names))
    return written


def _check_folders(folder: Path, out: Path) -> None:
    """Refuse to mix two calls in one folder, and say where the models of a run lie."""
    used = [name for name in ("images", "layouts") if any((out / name).glob("*"))]
    if used:
        raise DataError(
            f"{out / used[0]} holds files already, and two sets of samples must not mix; choose another --out."
        )
    if (folder / "model.json").is_file():
        return
    below = [str(path.parent) for path in sorted(folder.glob("jobs/train-*/model/model.json"))]
    hint = f" Models of this run: {', '.join(below)}." if below else ""
    raise DataError(f"No model in {folder}: there is no model.json.{hint}")


def _read_layouts(folder: Path, model: AbstractModel, count: int) -> NDArray[np.uint8]:
    files = sorted(folder.glob("*.png"))[:count]
    if not files:
        raise DataError(f"No PNG label maps in {folder}.")
    _check_classes(folder, model)
    layouts = [read_layout(path) for path in files]
    for path, layout in zip(files, layouts, strict=True):
        if layout.shape != model.spec.resolution:
            raise DataError(
                f"{path} is {layout.shape[0]}x{layout.shape[1]}, the model draws "
                f"{model.spec.resolution[0]}x{model.spec.resolution[1]}; resize it with nearest neighbour first."
            )
        if layout.max() >= model.spec.num_classes:
            raise DataError(
                f"{path} holds class id {layout.max()}; the model knows 0 to {model.spec.num_classes - 1}."
            )
    return np.stack(layouts)


def _check_classes(folder: Path, model: AbstractModel) -> None:
    """Refuse layouts of a dataset folder whose classes have other names than those that the model was trained on."""
    described = next((path for path in (folder, folder.parent) if (path / DESCRIPTION).is_file()), None)
    known = model.provenance.class_names
    if described is None or not known:
        return
    names = read_toml(described / DESCRIPTION).get("class_names", ())
    for index, (mine, theirs) in enumerate(zip(known, names, strict=False)):
        if mine != theirs:
            raise DataError(
                f"{described / DESCRIPTION} calls class {index} {theirs!r}, and the model knows it as {mine!r} "
                f"({model.provenance.dataset}); give layouts with the class ids that it was trained on."
            )


def _write_ids(path: Path, layout: NDArray[np.uint8]) -> None:
    with atomic_file(path) as temporary:
        Image.fromarray(layout).save(temporary, format="PNG")


def _write_sheet(path: Path, batches: list[SampleBatch], num_classes: int) -> None:
    images = [batch.images for batch in batches if batch.images is not None]
    layouts = [batch.layouts for batch in batches if batch.layouts is not None]
    pictures = [np.concatenate(images)[:SHEET]] if images else []
    if layouts:
        pictures.append(colour_layouts(np.concatenate(layouts)[:SHEET], distinct_palette(num_classes)))
    heights = {picture.shape[2:] for picture in pictures}
    rows = [
        picture[start : start + ROW]
        for start in range(0, len(pictures[0]), ROW)
        for picture in (pictures if len(heights) == 1 else pictures[:1])
    ]
    write_png(path, sheet(rows))
