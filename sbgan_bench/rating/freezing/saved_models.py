"""Cells whose images a saved model draws, anew and always the same."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import resolution_text
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.rating.freezing.cell_images import AbstractCellImages
from sbgan_bench.rating.freezing.real_pairs import RealPairs, open_test_data
from sbgan_bench.rating.freezing.spec_file import name_of
from sbgan_bench.rating.freezing.titles import title_of
from sbgan_bench.rating.study import Cell, CellIdentity
from sbgan_bench.results import Origin
from sbgan_bench.samples import FIRST_SAMPLING_SEED, LayoutSource
from sbgan_bench.storage import read_json

if TYPE_CHECKING:
    from sbgan_bench.model import AbstractModel

_BATCH = 32


@final
class ModelImages(AbstractCellImages):
    """Scenes of a saved model.

    Scene m has the sampling seed that ``evaluate`` and suites give to image m, and where the model paints real layouts
    it has the layout of test pair m.
    """

    sampled = True

    def __init__(self, cell: Cell, folder: Path, model: "AbstractModel", pairs: RealPairs | None,
                 identity: CellIdentity) -> None:  # fmt: skip

        scenes = model.scenes()
        self._folder = folder
        self._pairs = pairs
        self._first = FIRST_SAMPLING_SEED if scenes is None else scenes.start
        self.name = name_of(cell)
        self.place = str(folder)
        self.size = model.spec.resolution
        limits = [len(limit) for limit in (scenes, None if pairs is None else pairs.keys) if limit is not None]
        self.available = min(limits) if limits else None
        self.identity = identity

    def read(self, members: Sequence[int], device: str) -> Iterator[NDArray[np.uint8]]:
        """Sample scenes, a batch at a time."""
        import torch

        from sbgan_bench.model import load_model

        model = load_model(self._folder, torch.device(device))
        for start in range(0, len(members), _BATCH):
            part = members[start : start + _BATCH]
            layouts = None if self._pairs is None else np.stack([self._pairs.read(m).layout for m in part])
            for batch in model.sample([self._first + member for member in part], layouts):
                for image in () if batch.images is None else batch.images:
                    yield np.ascontiguousarray(image.transpose(1, 2, 0))

    def source(self, member: int) -> str:
        """Return the sampling seed, and the key of the layout."""
        layout = "" if self._pairs is None else f", layout of {self._pairs.keys[member]}"
        return f"sampling seed {self._first + member}{layout}"


def open_saved(
    cell: Cell,
    folder: Path,
    base: Path,
    facts: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
) -> ModelImages:
    """Load a saved model and see whether it can be sampled as the cell says.

    Args:
        cell: The cell.
        folder: Of the model, with ``model.json``.
        base: The folder that the cell's paths are relative to.
        facts: Fields of the identity that a run knows; None to read what training left beside the model.
        settings: Of the dataset, where a run has its own.

    Raises:
        ConfigError: There is no model, it is another than the cell says, or cannot be given such layouts.
        DataError: The dataset has no real layouts for it.
        CorruptFileError: It is damaged.
    """
    if not (folder / "model.json").is_file():
        hint = f" It is the folder of a run: write run = {cell.saved!r}." if (folder / "run.json").is_file() else ""
        raise ConfigError(f"{name_of(cell)}: no saved model in {folder}, there is no model.json.{hint}")
    import torch

    from sbgan_bench.model import content_hash, load_model

    model = load_model(folder, torch.device("cpu"))
    if model.name != cell.model:
        raise ConfigError(
            f"{name_of(cell)}: {folder} holds a model of kind {model.name!r}; write model = {model.name!r}."
        )
    if not model.draws_images:
        raise ConfigError(f"{name_of(cell)}: {model.title} draws layouts and no images; there is nothing to rate.")
    source = _layout_source(cell, model)
    pairs = _pairs(cell, model, base, settings or {}) if source is LayoutSource.REAL else None
    if pairs is None and cell.data:
        raise ConfigError(f"{name_of(cell)}: data is for models that paint real layouts; leave it out.")
    known = _facts_beside(folder, model) if facts is None else dict(facts)
    recipe, variant = cell.recipe or known.pop("recipe", ""), cell.variant or known.pop("variant", "")
    if pairs is not None:
        known["fingerprint"] = pairs.dataset.fingerprint()
    identity = CellIdentity.parse(
        {
            **known,
            "dataset": cell.dataset,
            "model": cell.model,
            "title": title_of(model.title, recipe, variant, cell.layout_source),
            "recipe": recipe,
            "variant": variant,
            "resolution": resolution_text(model.spec.resolution),
            "layout_source": source,
            "checkpoint_hash": content_hash(folder),
        },
        name_of(cell),
    )
    return ModelImages(cell, folder, model, pairs, identity)


def _layout_source(cell: Cell, model: "AbstractModel") -> LayoutSource:
    """Return where the layouts behind the images come from; what the model does alone unless the cell says more."""
    can = sorted(model.sources())
    alone = [source for source in can if source is not LayoutSource.REAL]
    wanted = cell.layout_source or (alone or can)[0]
    if wanted not in can:
        raise ConfigError(
            f"{name_of(cell)}: {model.title} is sampled with layout source {' or '.join(can)}, not {wanted}; write "
            "one of these, or nothing."
        )
    return wanted


def _pairs(cell: Cell, model: "AbstractModel", base: Path, settings: Mapping[str, Any]) -> RealPairs:
    from sbgan_bench.foreign import check_classes

    dataset = open_test_data(cell, base, settings)
    try:
        check_classes(model, dataset)
        return RealPairs.of(dataset, model.spec.resolution)
    except DataError as error:
        raise DataError(f"{name_of(cell)}: {error}") from error


def _facts_beside(folder: Path, model: "AbstractModel") -> dict[str, Any]:
    """Return what training or importing wrote beside a model."""
    from sbgan_bench.suite.saved import RECORD

    path = folder.parent / RECORD
    record = read_json(path) if path.is_file() else {}
    known = record if isinstance(record, dict) else {}
    return {
        "recipe": str(known.get("recipe", "")),
        "training_seed": known.get("seed"),
        "training_images": known.get("training_images"),
        "fingerprint": model.provenance.fingerprint,
        "origin": model.provenance.origin or Origin.IMPORTED,
    }
